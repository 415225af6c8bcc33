"""Pictures that are there already: those of another job, and styles that were kept.

A form names them where it could name a sample: `job-ID`, `kept-ID`. Only an owner's own are found.
"""

import hashlib
import re
from pathlib import Path

from app.errors import Refusal
from app.security import current_owner, owned_job
from app.services import services
from app.uploads import Picture
from workers.artifacts import ArtifactMissing
from workers.jobs import Job
from workers.ledger import JobNotFound

OF_JOB = re.compile(r"job-([0-9a-f]{32})")
OF_STYLE = re.compile(r"kept-([0-9a-f]{16})")
MOST_STYLES = 60
PHOTOGRAPHS = ("content", "image-0")
"""What a painting, and a photograph that was named, can lend as a photograph."""


def kept_pictures(name: str, role: str) -> list[Picture]:
    """What is kept under the name, for the role content, style or mask; of a job maybe several.

    Nothing where the name is no such name, but a sample's. Raises `Refusal` where it is gone.
    """
    try:
        if of_job := OF_JOB.fullmatch(name):
            job = owned_job(of_job[1])
            return [picture(job.inputs[each]) for each in inputs_for(job, role)]
        if (of_style := OF_STYLE.fullmatch(name)) and role == "style":
            return [picture(style_key(of_style[1]))]
    except (JobNotFound, ArtifactMissing):
        pass
    else:
        return []
    raise Refusal("unknown_sample", "The picture is not there any more.", f"{role}_sample")


def inputs_for(job: Job, role: str) -> list[str]:
    """The names of the job's pictures that can play the role."""
    if role == "content":
        return [name for name in PHOTOGRAPHS if name in job.inputs]
    return [name for name in job.inputs if name.startswith(f"{role}-")]


def styles() -> list[str]:
    """The ids of this owner's styles, the newest first."""
    return [Path(key).stem for key in services().store.newest(styles_folder())]


def keep_styles(job: Job) -> None:
    """Keep the paintings of the job among its owner's styles. Raises `Refusal`, `StoreFull`."""
    store = services().store
    for name in inputs_for(job, "style"):
        data = store.read(job.inputs[name])
        id = hashlib.sha256(data).hexdigest()[:16]
        if id in (there := styles()):
            continue
        if len(there) >= MOST_STYLES:
            raise Refusal("too_many_pictures", f"At most {MOST_STYLES} can be kept.")
        store.write(style_key(id), data)


def drop_style(id: str) -> None:
    """Forget a style; one that is not there is no error."""
    if OF_STYLE.fullmatch(f"kept-{id}"):
        services().store.delete(style_key(id))


def style_key(id: str) -> str:
    return f"{styles_folder()}/{id}.jpg"


def styles_folder() -> str:
    """Whose they are is not to be read from a folder's name: an owner's name opens their jobs."""
    return f"styles/{hashlib.sha256(current_owner().encode()).hexdigest()[:32]}"


def picture(key: str) -> Picture:
    """A picture that the door has cleaned before. Raises `ArtifactMissing`."""
    path = services().store.path(key)
    return Picture(path, *jpeg_size(path))


def jpeg_size(path: Path) -> tuple[int, int]:
    """Width and height, in pixels, of a JPEG of ours, without a decoder in this process."""
    with path.open("rb") as file:
        file.seek(2)
        while True:
            marker, length = file.read(2), int.from_bytes(file.read(2))
            if marker[1] in (0xC0, 0xC1, 0xC2):
                frame = file.read(5)
                return int.from_bytes(frame[3:5]), int.from_bytes(frame[1:3])
            file.seek(length - 2, 1)
