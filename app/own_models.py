"""The models that people trained here: who may change one, what is given out, how one is removed.

The same for pages and API.
"""

import re
import secrets
import shutil
from pathlib import Path

from app.errors import Refusal
from app.security import SHARED_OWNER, current_owner
from app.services import services
from models.species.card import CARD
from models.species.registry import PACKAGED, UnknownModel
from models.style.options import PAINTERS
from models.training.options import NAME
from workers.audit import Why, note_removal
from workers.shared_models import withdraw

OWNER = "owner.txt"
"""Who trained it; absent where whoever runs the machine put the model there."""


def is_packaged(name: str) -> bool:
    return name in PAINTERS or (PACKAGED / name / CARD).is_file()


def own_folder(name: str) -> Path | None:
    """The folder of a model that is not part of Merian, sound or damaged, if there is one."""
    services().registry.refresh()
    folder = services().workers.models / name
    return folder if re.fullmatch(NAME, name) and folder.is_dir() else None


def may_change(name: str) -> bool:
    """Whether this request's owner may replace or remove the model."""
    folder = own_folder(name)
    if folder is None or is_packaged(name):
        return False
    owner = current_owner()
    return owner == SHARED_OWNER or owner == owner_of(folder)


def owner_of(folder: Path) -> str:
    """ "" where nobody trained it here."""
    try:
        return (folder / OWNER).read_text("utf-8").strip()
    except OSError:
        return ""


def changeable(name: str) -> Path:
    """The folder of a model that this request's owner may change.

    Raises `Refusal` (model_packaged, not_yours), `UnknownModel`.
    """
    if is_packaged(name):
        raise Refusal("model_packaged", field="name")
    folder = own_folder(name)
    if folder is None:
        raise UnknownModel(f"There is no model called {name}.")
    if not may_change(name):
        raise Refusal("not_yours", field="name")
    return folder


def remove_model(name: str) -> None:
    """Remove it at once for all who look, then its files. Raises as `changeable`."""
    aside = services().workers.data / f".removed-{secrets.token_hex(8)}"
    folder = changeable(name)
    owner = owner_of(folder)
    withdraw(services().store, name)
    folder.rename(aside)
    shutil.rmtree(aside, ignore_errors=True)
    note_removal(services().workers.data, "model", name, Why.OWNER, owner)


def model_files(name: str) -> list[tuple[str, Path]]:
    """The files of a user's model by their names in an archive; not who owns it.

    Raises `Refusal` (model_packaged), `UnknownModel`, `CardInvalid`.
    """
    if is_packaged(name):
        raise Refusal("model_packaged", field="name")
    services().registry.get(name)
    folder = services().workers.models / name
    files = sorted(path for path in folder.iterdir() if path.is_file())
    return [
        (f"{name}/{path.name}", path)
        for path in files
        if path.name != OWNER and not path.name.startswith(".")
    ]
