"""From photographs of one observation to a job: the same way for the page and for every API."""

from collections.abc import Sequence

from werkzeug.datastructures import FileStorage

from app.errors import Refusal
from app.kept import kept_pictures
from app.services import services
from app.submissions import (
    FORM_ONLY,
    Files,
    Form,
    hand_in,
    named_sample,
    refuse_when_full,
    uploads_of,
)
from app.uploads import receive_picture
from models.species.options import MAX_PHOTOGRAPHS, IdentifyOptions
from workers.jobs import Job

FIELD = "image"


def submit_observation(form: Form, files: Files, owner: str, idempotency_key: str = "") -> Job:
    """What the Species form or an API's form holds, handed in.

    Raises `Refusal`, `InvalidOption`, `UnknownModel`, `CardInvalid` and leaves nothing behind; so
    do a full queue, a full disk and a store that is down.
    """
    options = read_options(form)
    for field in files:
        if field != FIELD:
            raise Refusal("invalid_option", f"{field} is not a field for a picture.", field)
    uploads = uploads_of(FIELD, files)
    sample = "" if uploads else form.get(f"{FIELD}_sample", "")
    return submit_photographs(uploads, options, owner, idempotency_key, sample)


def submit_photographs(
    uploads: Sequence[FileStorage],
    options: IdentifyOptions,
    owner: str,
    idempotency_key: str = "",
    sample: str = "",
    field: str = FIELD,
) -> Job:
    """Photographs of one observation, or a sample by its name. Raises as `submit_observation`."""
    services().registry.get(options.model)
    if len(uploads) > MAX_PHOTOGRAPHS:
        raise Refusal("too_many_pictures", f"At most {MAX_PHOTOGRAPHS} can be used.", field)
    if not uploads and not sample:
        raise Refusal("missing_picture", "Choose a picture.", field)
    if not idempotency_key:
        refuse_when_full("species", options.as_dict(), owner)
    pictures = [receive_picture(upload, field) for upload in uploads]
    pictures = pictures or kept_pictures(sample, "content")
    pictures = pictures or [named_sample(sample, field, role="content")]
    job = Job(kind="species", owner=owner, options=options.as_dict(), inputs={})
    named = {f"image-{number}": picture for number, picture in enumerate(pictures)}
    return hand_in(job, named, idempotency_key)


def read_options(form: Form) -> IdentifyOptions:
    """Raises `InvalidOption` also for a field that is no option."""
    if form.get(FIELD):
        raise Refusal("missing_picture", "Send the picture as a file, with a name.", FIELD)
    others = {FIELD, f"{FIELD}_sample", *FORM_ONLY}
    return IdentifyOptions.parse({name: form[name] for name in form if name not in others})
