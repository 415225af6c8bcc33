"""What a person can do about a failure: a sentence and a way on, by its code or else its status."""

from collections.abc import Mapping

from flask import url_for

from app.languages import gettext


def advice(code: str, status: int) -> str:
    """A sentence for every failure."""
    return by_code().get(code) or by_status().get(status) or others()


def by_code() -> Mapping[str, str]:
    return {
        "form_expired": gettext("Go back and load the page again; then send it once more."),
        "unknown_host": gettext(
            "Ask whoever runs this Merian for its address, or to allow this one."
        ),
        "missing_scope": gettext("Ask whoever runs this Merian for a key that allows it."),
        "job_not_found": gettext(
            "It may have been deleted, or belong to another browser. "
            "What belongs to this one is in My pictures."
        ),
        "unknown_model": gettext("The page of the models lists those that there are."),
        "store_down": gettext("No picture is lost, and paintings that were begun go on."),
        "queue_full": gettext("Others come first."),
        "owner_full": gettext("Wait for some to be done, or cancel some in My pictures."),
    }


def by_status() -> Mapping[int, str]:
    return {
        400: gettext("Go back and try it another way."),
        401: gettext("Whoever runs this Merian gives out keys."),
        403: gettext("Nothing was changed. Open Merian itself and do it there."),
        404: gettext("The address may be mistyped, or what was here has been deleted."),
        405: gettext("Begin at the first page and follow the links."),
        409: gettext("Load the page again to see how things stand."),
        413: gettext("Go back and choose something smaller."),
        415: gettext("Go back and choose another file."),
        429: gettext("Nothing was lost. Wait a little and try again."),
        500: gettext(
            "Try again. If it fails once more, give the code and the number below to whoever "
            "runs this Merian."
        ),
        503: gettext("Nothing was lost. Wait a little and try again."),
        507: gettext("Delete what you do not need any more in My pictures, then try again."),
    }


def others() -> str:
    return gettext("Go back and change what the sentence above names.")


def way_on(code: str) -> tuple[str, str]:
    """Address and title of the page that helps most."""
    match code:
        case "job_not_found" | "store_full" | "owner_full":
            return url_for("jobs.index"), gettext("My pictures")
        case "unknown_model" | "model_damaged" | "model_exists" | "model_packaged":
            return url_for("models.index"), gettext("Models")
        case "unknown_dataset" | "missing_dataset" | "not_an_archive":
            return url_for("training.index"), gettext("Training")
    return url_for("home.show"), gettext("To the first page")
