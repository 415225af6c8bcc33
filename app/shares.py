"""What an owner may let anybody see: a finished painting, or what was named, by a secret link."""

from flask import url_for

from app.errors import Refusal
from app.jobs import painting
from app.limits import spend_read
from app.security import owned_job
from app.services import services
from workers import shares
from workers.jobs import Job, State
from workers.ledger import JobNotFound


def is_shareable(job: Job) -> bool:
    """Whether there is something to show, and it stays as it is."""
    if job.kind == "species":
        return job.state is State.SUCCEEDED
    return job.state.over and painting(job) is not None


def share_job(id: str, photographs: bool) -> str:
    """The address of a new link; the one before it ends. `photographs`: they are seen with it.

    Raises `JobNotFound`, `Refusal` (not_shareable).
    """
    if not is_shareable(owned_job(id)):
        raise Refusal("not_shareable")
    token = shares.share(services().ledger, id, photographs)
    return url_for("shared.show", token=token, _external=True)


def unshare_job(id: str) -> None:
    """End the link; once more changes nothing. Raises `JobNotFound`."""
    shares.unshare(services().ledger, owned_job(id).id)


def seen_by_link(token: str) -> Job:
    """The job that a link shows to whoever has it. Counted as a look, by address.

    Raises `Refusal` (not_found, rate_limited), `StoreDown`.
    """
    spend_read(None)
    try:
        return shares.shared_job(services().ledger, token)
    except JobNotFound:
        raise Refusal("not_found") from None
