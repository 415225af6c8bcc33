"""From a filled-in Art form to a job: the same way for the page and for the API."""

from collections.abc import Mapping
from dataclasses import replace

from app.errors import Refusal
from app.jobs import remove_job
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
from app.uploads import Picture, receive_picture
from models.memory import allowed
from models.options import InvalidOption
from models.style.forecast import Forecast, forecast
from models.style.options import MAX_STYLES, PaintOptions
from workers.jobs import Job

STRENGTHS = (0.25, 0.5, 0.75, 1.0)
DRAFT_SIZE = 256
PICTURE_FIELDS = ("content", "style", "mask")
SAMPLE_FIELDS = ("content_sample", "style_sample")


def submit_painting(form: Form, files: Files, owner: str, idempotency_key: str = "") -> Job:
    """Check everything, store the pictures, hand in the job.

    Raises `Refusal`, `InvalidOption` or `NotEnoughMemory` and leaves nothing behind; so do a full
    queue, a full disk and a store that is down.
    """
    options = read_options(form)
    if not idempotency_key:
        refuse_when_full("art", options.as_dict(), owner)
    pictures = receive_pictures(form, files, options)
    return hand_in(planned(options, pictures, owner), pictures, idempotency_key)


def submit_strengths(form: Form, files: Files, owner: str) -> list[Job]:
    """Small drafts of one painting, one for each of `STRENGTHS`. Raises as `submit_painting`."""
    asked = read_options(form)
    drafts = [
        replace(asked, size=DRAFT_SIZE, quality="draft", strength=each, format="png")
        for each in STRENGTHS
    ]
    refuse_when_full("art", drafts[0].as_dict(), owner)
    made: list[Job] = []
    pictures = receive_pictures(form, files, asked)
    try:
        for options in drafts:
            made.append(hand_in(planned(options, pictures, owner), pictures))
    except BaseException:
        for job in made:
            remove_job(job.id)
        raise
    return made


def planned(options: PaintOptions, pictures: Mapping[str, Picture], owner: str) -> Job:
    """The job, with what it will take. Raises `NotEnoughMemory`."""
    ahead = foresee(options, pictures)
    told = {"width": ahead.width, "height": ahead.height, "memory_bytes": ahead.bytes}
    return Job(owner=owner, options=options.as_dict(), inputs={}, forecast=told)


def read_options(form: Form) -> PaintOptions:
    """Raises `InvalidOption` also for a field that is no option."""
    for field in PICTURE_FIELDS:
        if form.get(field):
            raise Refusal("missing_picture", "Send the picture as a file, with a name.", field)
    others = {*SAMPLE_FIELDS, *FORM_ONLY, *PICTURE_FIELDS}
    options = PaintOptions.parse({name: form[name] for name in form if name not in others})
    if options.size > (most := services().settings.max_size):
        raise InvalidOption("size", f"must be at most {most}.")
    return options


def receive_pictures(form: Form, files: Files, options: PaintOptions) -> dict[str, Picture]:
    """The clean pictures by their names in the job: content, style-0, style-1... mask-0..."""
    for field in files:
        if field not in PICTURE_FIELDS:
            raise Refusal("invalid_option", f"{field} is not a field for a picture.", field)
    contents = receive_field("content", form, files, at_most=1)
    styles = receive_field("style", form, files, at_most=MAX_STYLES)
    options.weights_of(len(styles))
    masks = receive_masks(files, len(styles))
    if not masks and not uploads_of("style", files):
        masks = kept_pictures(form.get("style_sample", ""), "mask")
    return (
        {"content": contents[0]}
        | {f"style-{i}": style for i, style in enumerate(styles)}
        | {f"mask-{i}": mask for i, mask in enumerate(masks)}
    )


def receive_masks(files: Files, styles: int) -> list[Picture]:
    """None at all, or one a style, in their order."""
    uploads = uploads_of("mask", files)
    if uploads and len(uploads) != styles:
        raise Refusal("mask_count", f"Send no mask, or one for each painting: {styles}.", "mask")
    return [receive_picture(each, "mask") for each in uploads]


def receive_field(field: str, form: Form, files: Files, at_most: int) -> list[Picture]:
    """The uploads of one field, else the sample, or what is kept, that is named instead."""
    uploads = uploads_of(field, files)
    if len(uploads) > at_most:
        raise Refusal("too_many_pictures", f"At most {at_most} can be used.", field)
    if uploads:
        return [receive_picture(each, field) for each in uploads]
    name = form.get(f"{field}_sample", "")
    if not name:
        raise Refusal("missing_picture", "Choose a picture.", field)
    return kept_pictures(name, field) or [named_sample(name, field, role=field)]


def foresee(options: PaintOptions, pictures: Mapping[str, Picture]) -> Forecast:
    """What the painting will take. Raises `NotEnoughMemory`."""
    content = pictures["content"]
    masks = sum(name.startswith("mask") for name in pictures)
    memory = allowed(services().workers.memory_mb)
    return forecast(options, content.width, content.height, masks, memory)
