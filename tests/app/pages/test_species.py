"""The Species page and the page of its job, as a browser without scripts sees them."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.app.api.test_species import CAT, answer_for
from tests.app.pages.conftest import Send, complaint
from workers.attempts import Attempt
from workers.jobs import Failure
from workers.ledger import Ledger

Make = Callable[..., Any]


@pytest.fixture
def attempt(client: FlaskClient, ledger: Ledger) -> Attempt:
    """A worker's hold on the client's one job, of a sample."""
    form = {"image_sample": "chelsea", "boxes": "true"}
    job = client.post("/api/v1/species", data=form, content_type="multipart/form-data").json
    taken = ledger.take(job["id"], "a")
    assert taken
    return taken


def test_the_form_offers_models_and_options(client: FlaskClient) -> None:
    page = client.get("/species").text
    assert '<option value="wildlife" selected>Wildlife</option>' in page
    assert 'name="top_k" value="5"' in page
    assert "Several specimens" in page
    spanish = client.get("/species", headers={"Accept-Language": "es"}).text
    assert ">Fauna y flora</option>" in spanish


def test_photographs_become_a_job(send: Send, jpeg: Make, ledger: Ledger) -> None:
    photographs = [(BytesIO(jpeg(96, 64)), f"{name}.jpg") for name in "ab"]
    answer = send("/species", page="/species", image=photographs, boxes=["true", "false"])
    assert answer.status_code == 303
    (job,) = ledger.newest(9)
    assert answer.location == f"/jobs/{job.id}"
    assert list(job.inputs) == ["image-0", "image-1"]
    assert job.options["boxes"] is True


@pytest.mark.parametrize(
    ("entries", "field", "sentence"),
    [
        ({}, "image", "Choose a picture."),
        ({"image_sample": "chelsea", "top_k": "99"}, "top_k", "Answers must be at most 20."),
        ({"image_sample": "chelsea", "model": "gone"}, "model", "There is no model called gone."),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    send: Send, entries: dict[str, str], field: str, sentence: str
) -> None:
    answer = send("/species", page="/species", **entries)
    assert 400 <= answer.status_code < 500
    assert complaint(answer, field).startswith(sentence)
    for name, value in entries.items():
        if name != "model":
            assert f'value="{value}"' in answer.text  # what was entered is kept


def test_a_job_that_waits_and_runs(client: FlaskClient, attempt: Attempt) -> None:
    page = client.get(f"/jobs/{attempt.job.id}").text
    assert "Looking at it" in page
    assert 'http-equiv="refresh"' in page


def test_an_answer(client: FlaskClient, attempt: Attempt) -> None:
    attempt.succeed(answer_for(attempt))
    page = client.get(f"/jobs/{attempt.job.id}").text
    assert '<h1 tabindex="-1">Domestic cat</h1>' in page
    assert '<i lang="la">Felis catus</i>. Almost certain, at 97%.' in page
    assert "It is sure of every step." in page
    assert CAT["links"]["gbif"] in page
    assert f"/api/v1/jobs/{attempt.job.id}/heatmaps/image-0" in page
    assert '<rect x="1.5" y="2" width="30" height="20"' in page
    assert "1 specimen</h2>" in page
    spanish = client.get(f"/jobs/{attempt.job.id}", headers={"Accept-Language": "es"}).text
    assert "Gato doméstico" in spanish and "Casi seguro, con 97" in spanish


def test_a_rejection_says_why_and_folds_its_guesses(client: FlaskClient, attempt: Attempt) -> None:
    attempt.succeed(answer_for(attempt) | {"rejected": True, "reason": "not_alive", "boxes": []})
    page = client.get(f"/jobs/{attempt.job.id}").text
    assert "Nothing that the model could name" in page
    assert "This does not look like a living thing." in page
    assert "If it had to guess all the same</summary>" in page
    assert "From the kingdom down" not in page
    assert "What helps" in page and "From this mark on, at 50%, it gives a name." in page
    assert "none found" in page


@pytest.mark.parametrize(
    ("probability", "words"),
    [(0.95, "Almost certain"), (0.9, "Very probable"), (0.7, "Probable"), (0.5, "Possible")],
)
def test_how_sure_in_words(
    client: FlaskClient, attempt: Attempt, probability: float, words: str
) -> None:
    attempt.succeed(answer_for(attempt) | {"rollup": CAT | {"probability": probability}})
    assert f"{words}, at {round(100 * probability)}%." in client.get(f"/jobs/{attempt.job.id}").text


def test_what_is_beyond_the_last_sure_step_is_a_guess(
    client: FlaskClient, attempt: Attempt
) -> None:
    family = CAT | {"scientific_name": "Felidae", "rank": "family", "names": {}}
    guess = CAT | {"probability": 0.4}
    attempt.succeed(answer_for(attempt) | {"rollup": family, "path": [family, guess]})
    page = client.get(f"/jobs/{attempt.job.id}").text
    assert '<p class="lead">Almost certain, at 97%.</p>' in page  # the heading is its name already
    assert "It is sure down to the family Felidae; what follows is a guess." in page
    assert page.count('<li class="sure" aria-current="true">') == 1
    assert page.count('<li class="beyond">') == 1


def test_a_bar_is_as_long_as_the_answer_is_probable_and_marked_where_names_begin(
    client: FlaskClient, attempt: Attempt
) -> None:
    attempt.succeed(answer_for(attempt))
    page = client.get(f"/jobs/{attempt.job.id}").text
    assert re.findall(r'<rect class="part" width="([0-9.]+)"', page)[0] == "97.00"
    assert 'class="cut" d="M80.00 0V10"' in page  # as the card of the model has it
    assert "Below this mark, at 80%, it gives the name of a wider group instead." in page


def test_a_box_and_its_line_lead_to_each_other(client: FlaskClient, attempt: Attempt) -> None:
    attempt.succeed(answer_for(attempt))
    page = client.get(f"/jobs/{attempt.job.id}").text
    assert '<g id="box-1" data-box="1">' in page and 'href="#box-1" data-box="1"' in page


def test_specimens_count_where_the_whole_has_no_name(client: FlaskClient, attempt: Attempt) -> None:
    attempt.succeed(answer_for(attempt) | {"rejected": True, "reason": "unsure"})
    page = client.get(f"/jobs/{attempt.job.id}").text
    assert '<h1 tabindex="-1">1 specimen</h1>' in page
    assert "The photograph as a whole got no name; the specimens in it did." in page


def test_several_photographs_are_figures_with_numbers(
    client: FlaskClient, jpeg: Make, ledger: Ledger
) -> None:
    photographs = [(BytesIO(jpeg(96, 64)), f"{name}.jpg") for name in "ab"]
    job = client.post("/api/v1/species", data={"image": photographs}).json
    assert "Fig. 2." in client.get(f"/jobs/{job['id']}").text  # before it is looked at
    taken = ledger.take(job["id"], "a")
    assert taken
    seen = {"name": "image-1", "width": 9, "height": 6, "heatmap": "none"}
    answer = answer_for(taken)
    taken.succeed(answer | {"photographs": [*answer["photographs"], seen]})
    page = client.get(f"/jobs/{job['id']}").text
    assert "Fig. 1." in page and "Fig. 2." in page
    assert page.count('class="heat js-only"') == 2


def test_a_failure(client: FlaskClient, attempt: Attempt) -> None:
    attempt.fail(Failure("model_damaged", "mine: model.safetensors cannot be read."))
    page = client.get(f"/jobs/{attempt.job.id}").text
    assert "It could not be named" in page and "mine: model.safetensors" in page


def test_it_is_among_my_pictures(client: FlaskClient, attempt: Attempt) -> None:
    attempt.succeed(answer_for(attempt))
    page = client.get("/jobs").text
    assert f"/api/v1/jobs/{attempt.job.id}/inputs/image-0" in page
    assert "Domestic cat" in page


def test_small_probabilities_are_not_nothing(client: FlaskClient, attempt: Attempt) -> None:
    few = answer_for(attempt) | {"answers": [CAT, CAT | {"probability": 0.003}]}
    attempt.succeed(few)
    assert "&lt; 1%" in client.get(f"/jobs/{attempt.job.id}").text
