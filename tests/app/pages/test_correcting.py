"""Saying on the page of an answer that it is right, or what it really is; and taking it back."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.app.api.conftest import own_model, owner
from tests.app.pages.conftest import Send
from workers.artifacts import FolderStore
from workers.ledger import Ledger
from workers.settings import WorkerSettings

__all__ = ["own_model", "owner"]
Make = Callable[..., Any]


def guess(name: str, rank: str = "species") -> dict[str, Any]:
    return {"name": name, "scientific_name": name, "rank": rank, "probability": 0.9,
            "names": {}, "lineage": {}, "links": {}}  # fmt: skip


@pytest.fixture
def answered(
    client: FlaskClient, own_model: Callable[..., Path], owner: str, ledger: Ledger, jpeg: Make
) -> Callable[..., str]:
    """Makes a species job with an answer; the address of its page."""

    def make(rollup: str = "Danaus plexippus", **said: Any) -> str:
        own_model("mine", owner)
        form = {"image": (BytesIO(jpeg()), "a.jpg"), "model": "mine"}
        id = client.post("/api/v1/species", data=form).json["id"]  # type: ignore[index]
        attempt = ledger.take(id, "a")
        assert attempt
        best = guess(rollup, "species" if " " in rollup else "genus")
        attempt.succeed(
            {"model": "mine", "rejected": False, "reason": "", "alive": 0.9, "rollup": best,
             "answers": [guess("Danaus plexippus")], "path": [best], "prediction_set": None,
             "boxes": [], "photographs": [], "seconds": 0.1} | said
        )  # fmt: skip
        return f"/jobs/{id}"

    return make


def label_on(page: str) -> str:
    found = re.search(r'name="label" value="([^"]+)"', page)
    assert found
    return found[1]


def test_yes_that_is_right(
    send: Send, client: FlaskClient, answered: Callable[..., str], store: FolderStore
) -> None:
    address = answered()
    page = client.get(address).text
    assert "Is that right?" in page and "Yes, that is right" in page
    assert re.search(r'name="keep" value="true">', page)  # not ticked
    answer = send(f"{address}/correction", page=address, label=label_on(page), other="")
    assert (answer.status_code, answer.location) == (303, f"{address}#correction")
    page = client.get(address).text
    assert "That it is right:" in page and '<i lang="la">Danaus plexippus</i>' in page
    assert "The photographs are not kept for it." in page
    assert not list((store.root / "corrections").rglob("*.jpg"))
    spanish = client.get(address, headers={"Accept-Language": "es"}).text
    assert "Que es correcto:" in spanish


def test_no_it_is_another_and_may_be_learned_from(
    send: Send, client: FlaskClient, answered: Callable[..., str], store: FolderStore
) -> None:
    address = answered()
    assert '<option value="Danaus gilippus">' in client.get(address).text
    send(f"{address}/correction", page=address, other=" danaus  GILIPPUS ", keep="true")
    page = client.get(address).text
    assert "That it is:" in page and "Danaus gilippus" in page
    assert "The photographs are kept with it" in page
    assert len(list((store.root / "corrections").rglob("*.jpg"))) == 1
    for _ in range(2):  # a second press changes nothing
        assert send(f"{address}/correction/withdraw", page=address).status_code == 303
    assert "Is that right?" in client.get(address).text
    assert not list((store.root / "corrections").rglob("*.jpg"))


def test_what_was_typed_counts_more_than_the_button_that_enter_presses(
    send: Send, client: FlaskClient, answered: Callable[..., str]
) -> None:
    address = answered()
    label = label_on(client.get(address).text)
    send(f"{address}/correction", page=address, label=label, other="Danaus gilippus")
    assert "Danaus gilippus" in client.get(address).text.split("What you said")[1]


@pytest.mark.parametrize(
    ("typed", "sentence", "status"),
    [("unicorn", "mine has no class called unicorn.", 404), ("", "Say what it is.", 404)],
)
def test_a_name_that_the_model_does_not_know(
    send: Send, answered: Callable[..., str], typed: str, sentence: str, status: int
) -> None:
    address = answered()
    answer = send(f"{address}/correction", page=address, other=typed)
    assert answer.status_code == status
    assert sentence in answer.text and f'name="other" list="known" value="{typed}"' in answer.text


def test_a_group_is_agreed_to_by_its_most_probable_member(
    client: FlaskClient, answered: Callable[..., str]
) -> None:
    page = client.get(answered(rollup="Danaus")).text
    assert "It is Danaus plexippus" in page and "Yes, that is right" not in page


def test_a_rejection_can_be_answered_too(client: FlaskClient, answered: Callable[..., str]) -> None:
    page = client.get(answered(rejected=True, reason="unknown", prediction_set=[])).text
    assert "Do you know what it is?" in page and 'name="label"' not in page
    assert "This does not look like anything that the model was taught." in page
    assert "No answer is sure enough for the promise of this model." in page


def test_common_names_of_all_languages_will_do(
    send: Send, client: FlaskClient, ledger: Ledger
) -> None:
    form = {"image_sample": "chelsea"}
    job = client.post("/api/v1/species", data=form, content_type="multipart/form-data").json
    attempt = ledger.take(job["id"], "a")  # type: ignore[index]
    assert attempt
    attempt.succeed(
        {"model": "wildlife", "rejected": True, "reason": "unsure", "alive": 0.9, "rollup": None,
         "answers": [guess("Lynx")], "path": [], "prediction_set": None, "boxes": [],
         "photographs": [], "seconds": 0.1}
    )  # fmt: skip
    address = f"/jobs/{attempt.job.id}"
    assert '<option value="Felis catus">domestic cat</option>' in client.get(address).text
    send(f"{address}/correction", page=address, other="Gato doméstico")
    page = client.get(address).text
    assert "That it is: domestic cat." in page


def test_a_model_that_is_gone_is_not_corrected(
    client: FlaskClient, answered: Callable[..., str], workers: WorkerSettings
) -> None:
    address = answered()
    (workers.models / "mine" / "card.json").unlink()
    page = client.get(address).text
    assert 'id="correction"' not in page and "Danaus plexippus" in page


def test_another_owner_can_say_nothing(
    send: Send, client: FlaskClient, answered: Callable[..., str]
) -> None:
    address = answered()
    client.delete_cookie("merian")
    assert send(f"{address}/correction", label="Danaus plexippus").status_code == 404
