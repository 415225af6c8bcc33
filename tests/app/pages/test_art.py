"""The Art page as a plain form: what goes in becomes a job, complaints stand beside fields."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.pages.art import EXPERTS, FOLDED_OPTIONS, groups
from app.settings import WebSettings
from models.style.options import PaintOptions
from tests.app.pages.conftest import Send, complaint
from workers.jobs import Job
from workers.ledger import Ledger
from workers.settings import WorkerSettings

Fields = Callable[..., dict[str, Any]]
SAMPLES = {"content_sample": "coffee", "style_sample": "marbled-paper"}


def test_the_form_shows_every_option_as_it_is_described(client: FlaskClient) -> None:
    page = client.get("/art").text
    for option in PaintOptions.describe():
        field = re.search(rf'<(?:input|select)[^>]*name="{option.name}"[^>]*>', page)
        assert field, option.name
        if option.maximum is not None:
            assert f'value="{option.default}"' in field[0]
            most = 4096 if option.name == "size" else option.maximum
            assert re.search(rf'max="{most}"', field[0])
        for choice in option.choices:
            assert f'<option value="{choice}"' in page


def test_a_painting_from_two_files(send: Send, fields: Fields, ledger: Ledger) -> None:
    answer = send("/art", **fields(size="128", strength="0.7"))
    assert answer.status_code == 303
    job = ledger.get(answer.location.rsplit("/", 1)[1])
    assert (job.options["size"], job.options["strength"]) == (128, 0.7)
    assert set(job.inputs) == {"content", "style-0"}


def test_a_painting_from_samples(send: Send, ledger: Ledger) -> None:
    nothing = (BytesIO(b""), "")  # what a browser sends for a file that was not chosen
    answer = send("/art", content=nothing, style=nothing, **SAMPLES)
    assert answer.status_code == 303


def test_an_unchosen_picture_is_asked_for(send: Send, nothing_kept: Callable[[], None]) -> None:
    answer = send("/art", size="256", style_sample="marbled-paper")
    assert answer.status_code == 422
    assert complaint(answer, "content") == "Choose a picture."
    assert complaint(answer, "style") == ""
    assert 'value="256"' in answer.text
    assert re.search(r'value="marbled-paper"[^>]* checked', answer.text)
    assert "must be chosen again" in answer.text
    nothing_kept()


@pytest.mark.parametrize(
    ("entries", "field", "english", "spanish"),
    [
        ({"size": "63"}, "size", "Size must be at least 64.", "Tamaño debe ser como mínimo 64."),
        ({"strength": "2"}, "strength", "Strength must be at most 1.", "Intensidad debe ser como"),
        ({"seed": "x"}, "seed", "Seed must be a whole number.", "Semilla debe ser un número"),
        ({"painter": "x"}, "painter", "Painter must be one of merian", "Pintor debe ser una de"),
        ({"content_sample": "x"}, "content", "There is no sample named x.", "No hay ningún ejem"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    send: Send, entries: dict[str, str], field: str, english: str, spanish: str
) -> None:
    for language, sentence in (("en", english), ("es", spanish)):
        answer = send("/art", asked=language, **SAMPLES | entries)
        assert answer.status_code == 422
        assert complaint(answer, field).startswith(sentence)
        assert f'<html lang="{language}">' in answer.text


def test_a_hidden_option_that_is_wrong_unfolds(send: Send) -> None:
    assert '<details class="more" open>' in send("/art", **SAMPLES | {"seed": "x"}).text
    assert '<details class="more">' in send("/art", **SAMPLES | {"size": "1"}).text


def test_no_picture_at_all_is_said_so(send: Send, fields: Fields) -> None:
    text = (BytesIO(b"a letter to a friend"), "letter.jpg")
    answer = send("/art", **fields(content=text))
    assert answer.status_code == 415
    assert complaint(answer, "content").startswith("The file is not a picture.")


def test_entries_are_shown_as_text(send: Send) -> None:
    answer = send("/art", **SAMPLES | {"size": '"><script>alert(1)</script>'})
    assert "<script>alert" not in answer.text


def test_an_unknown_field_is_said_above_the_form(send: Send) -> None:
    answer = send("/art", **SAMPLES | {"colour": "red"})
    assert answer.status_code == 422
    assert "Colour is not an option." in answer.text


def test_a_full_queue_keeps_the_entries(
    workers: WorkerSettings, send: Send, client: FlaskClient, ledger: Ledger
) -> None:
    for _ in range(workers.queue_limit):
        ledger.create(Job(owner="someone", options={}, inputs={}), limit=workers.queue_limit)
    answer = send("/art", **SAMPLES | {"size": "320"})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"]
    assert "Too many pictures are waiting." in answer.text
    assert 'value="320"' in answer.text


def test_a_store_that_is_down_is_told_in_a_page(tmp_path: Path) -> None:
    nowhere = WorkerSettings(redis_url=f"unix://{tmp_path}/none", data=tmp_path)
    client = create_app(WebSettings(secret_key="only for tests"), nowhere).test_client()
    assert client.get("/art").status_code == 200
    answer = client.get("/jobs", headers={"Accept-Language": "es"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "No se puede acceder al almacén de trabajos." in answer.text


def test_a_link_may_carry_settings(client: FlaskClient) -> None:
    page = client.get("/art?size=256&painter=classic").text
    assert 'name="size" value="256"' in page
    assert '<option value="classic" selected>' in page


def test_a_form_without_its_token_is_refused(client: FlaskClient) -> None:
    answer = client.post("/art", data=SAMPLES)
    assert answer.status_code == 400
    assert "The form was open for too long." in answer.text


def test_what_unfolds_is_all_that_is_not_shown(app: Flask) -> None:
    with app.test_request_context():
        folded = [name for names in (*groups().values(), EXPERTS) for name in names]
    assert sorted(folded) == sorted(FOLDED_OPTIONS)


def test_a_box_that_is_not_ticked_means_no(send: Send, ledger: Ledger) -> None:
    for sent, kept in ((["true", "false"], True), (["false"], False)):
        answer = send("/art", **SAMPLES | {"metadata": sent})
        assert ledger.get(answer.location.rsplit("/", 1)[1]).options["metadata"] is kept


def test_masks_are_one_a_painting_or_none(
    send: Send, fields: Fields, ledger: Ledger, nothing_kept: Callable[[], None]
) -> None:
    def masks(count: int) -> list[Any]:
        return [fields()["content"] for _ in range(count)]

    answer = send("/art", **fields(mask=masks(2)))
    assert complaint(answer, "mask") == "Send no mask, or one for each painting: 1."
    assert '<details class="more" open>' in answer.text
    nothing_kept()
    answer = send("/art", **fields(mask=masks(1)))
    job = ledger.get(answer.location.rsplit("/", 1)[1])
    assert set(job.inputs) == {"content", "style-0", "mask-0"}


def test_a_size_above_the_servers_own_limit(send: Send) -> None:
    answer = send("/art", **SAMPLES | {"size": "4160"})
    assert complaint(answer, "size") == "Size must be at most 4096."


def test_weights_for_other_paintings_unfold(send: Send) -> None:
    answer = send("/art", **SAMPLES | {"style_weights": "2,1"})
    assert complaint(answer, "style_weights") == "Style weights needs one weight a style: 1."
    assert '<details class="more" open>' in answer.text
