"""Training by forms: an archive becomes a data set, a data set a training, that a model."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.pages import trained
from models.training.dataset import Photograph
from models.training.options import TrainOptions
from tests.app.api.conftest import archive, own_model, owner, stranger, zipped
from tests.app.pages.conftest import Send, complaint
from tests.app.pages.learning import FULL, HEAD, REPORT, RESULT, teach
from workers import glimpses
from workers.attempts import Attempt
from workers.jobs import Failure, Job, Progress
from workers.ledger import Ledger
from workers.settings import WorkerSettings

__all__ = ["archive", "own_model", "owner", "stranger", "zipped"]
Make = Callable[..., Any]


@pytest.fixture
def hold(ledger: Ledger, owner: str) -> Callable[..., Attempt]:
    """A worker's hold on a new job of this browser's owner."""

    def make(kind: str, **options: Any) -> Attempt:
        job = Job(owner=owner, kind=kind, options=options, inputs={}, queue="training")
        attempt = ledger.take(ledger.create(job, 99).id, "a")
        assert attempt
        return attempt

    return make


@pytest.fixture
def dataset(hold: Callable[..., Attempt]) -> str:
    attempt = hold("dataset", title="Shells <i>")
    attempt.succeed({"report": REPORT, "seconds": 1.0})
    return attempt.job.id


@pytest.fixture
def training(hold: Callable[..., Attempt], dataset: str) -> Attempt:
    options = TrainOptions(name="mine", mode="head").as_dict()
    return hold("training", **options, dataset=dataset)


def test_the_page_says_what_an_archive_may_be(client: FlaskClient) -> None:
    page = client.get("/training").text
    for word in ("split.csv", "taxa.csv", "synsets.txt", "Pl@ntNet-300K", "iNaturalist", "Darwin"):
        assert word in page
    assert "There is none yet." in page and "2000 MB" in page
    assert '<a href="/training" aria-current="page">Training</a>' in page


def test_an_archive_becomes_a_job(send: Send, archive: Make, ledger: Ledger) -> None:
    answer = send("/training/datasets", page="/training", archive=archive(), title="Roses")
    assert answer.status_code == 303, answer.text
    job = ledger.get(answer.location.rsplit("/", 1)[1])
    assert (job.kind, job.options) == ("dataset", {"title": "Roses"})


@pytest.mark.parametrize(
    ("entries", "field", "sentence"),
    [
        ({}, "archive", "Choose a ZIP archive of photographs or a data set."),
        ({"archive": (b"no archive", "a.zip")}, "archive", "The file is not a ZIP archive, or it"),
        ({"title": "x" * 101}, "title", "Title must have at most 100 letters."),
    ],
)
def test_what_is_wrong_with_an_archive(
    send: Send, entries: dict[str, Any], field: str, sentence: str
) -> None:
    files = {name: (BytesIO(value[0]), value[1]) for name, value in entries.items()
             if isinstance(value, tuple)}  # fmt: skip
    answer = send("/training/datasets", page="/training", **entries | files)
    assert 400 <= answer.status_code < 500
    assert complaint(answer, field).startswith(sentence)
    assert "The archive must be chosen again." in answer.text


def test_data_sets_are_listed_with_what_is_in_them(
    client: FlaskClient, dataset: str, workers: WorkerSettings, jpeg: Make, stranger: FlaskClient
) -> None:
    for label in ("rose", "tulip"):
        (workers.datasets / "garden" / label).mkdir(parents=True)
        for number in range(2):
            path = workers.datasets / "garden" / label / f"{number}.jpg"
            path.write_bytes(jpeg(96 + number, 64))
    page = client.get("/training").text
    assert f'<a href="/jobs/{dataset}">Shells &lt;i&gt;</a>' in page
    assert "30 photographs, 2 classes" in page and "4 photographs, 2 classes" in page
    for name in (dataset, "garden"):
        assert f"/training/new?dataset={name}" in page
        assert f'name="dataset" value="{name}"' in client.get(f"/training/new?dataset={name}").text
    assert dataset not in stranger.get("/training").text
    assert stranger.get(f"/training/new?dataset={dataset}").status_code == 404
    assert stranger.get("/training/new?dataset=garden").status_code == 200


def test_the_report_of_a_data_set(client: FlaskClient, dataset: str) -> None:
    page = client.get(f"/jobs/{dataset}").text
    row = '<th scope="row">Conus textile</th><td>10</td><td>4</td><td>4</td><td>18<svg'
    assert row in page
    assert '<rect class="part" width="66.67"' in page  # of the largest class, 12 to 18
    assert "1.5 times as many" in page
    assert "<code>Conus textile/a.jpg</code> The file is empty." in page
    assert page.count("Under two labels:") == 1
    assert "train, test: <code>b.jpg</code>" in page
    assert "7 classes have fewer than 10 photographs." in page
    assert "Shells &lt;i&gt;" in page and "<i>" not in page.split("</head>")[1]
    spanish = client.get(f"/jobs/{dataset}", headers={"Accept-Language": "es"}).text
    assert (
        "7 clases tienen menos de 10 fotografías." in spanish and "El archivo está vac" in spanish
    )


def test_a_few_photographs_of_each_class(
    client: FlaskClient, app: Flask, dataset: str, jpeg: Make, tmp_path: Path
) -> None:
    (tmp_path / "one.jpg").write_bytes(jpeg(300, 200))
    found = [Photograph(tmp_path / "one.jpg", "Conus textile")] * 9
    assert glimpses.keep(app.extensions["merian"].store, dataset, found) == glimpses.EACH
    page = client.get(f"/jobs/{dataset}").text
    shown = re.findall(rf'<img src="(/api/v1/jobs/{dataset}/photographs/[0-9]+)"', page)
    assert len(shown) == glimpses.EACH
    picture = client.get(shown[0])
    assert picture.mimetype == "image/webp" and picture.data[:4] == b"RIFF"
    assert client.get(f"/api/v1/jobs/{dataset}/photographs/99").status_code == 404


def test_a_data_set_on_its_way_and_one_that_failed(
    client: FlaskClient, hold: Callable[..., Attempt]
) -> None:
    attempt = hold("dataset", title="")
    attempt.progress(Progress(1, 2, 0.5, "Unpacking"))
    page = client.get(f"/jobs/{attempt.job.id}").text
    assert "Unpacking …" in page and "50% done" in page and 'http-equiv="refresh"' in page
    attempt.fail(Failure("unusable_dataset", "a.zip: <there> is no photograph in it."))
    page = client.get(f"/jobs/{attempt.job.id}").text
    assert "This cannot be trained on" in page and "&lt;there&gt; is no photograph" in page
    assert 'id="teach"' not in page


def test_the_form_offers_every_option(client: FlaskClient, dataset: str) -> None:
    page = client.get(f"/jobs/{dataset}").text
    for option in TrainOptions.describe():
        assert re.search(rf'<(?:input|select)[^>]*name="{option.name}"', page), option.name
    assert 'name="name" value="shells-i"' in page
    assert 'value="refit"' not in page
    assert re.search(r'name="mode" value="auto"[^>]* checked', page)
    assert "takes about twice as long" in page


def test_a_training_is_handed_in(send: Send, dataset: str, ledger: Ledger) -> None:
    entries = {"dataset": dataset, "name": "shells", "mode": "head", "epochs": "3",
               "replace": ["true", "false"], "other_backbone": ""}  # fmt: skip
    answer = send("/training", page=f"/jobs/{dataset}", **entries)
    assert answer.status_code == 303, answer.text
    job = ledger.get(answer.location.rsplit("/", 1)[1])
    wanted = TrainOptions(name="shells", mode="head", epochs=3, replace=True)
    assert job.options == wanted.as_dict() | {"dataset": dataset}


def test_another_network_by_its_name(send: Send, dataset: str, ledger: Ledger) -> None:
    entries = {"dataset": dataset, "name": "shells", "backbone": "resnet50"}
    page = f"/jobs/{dataset}"
    answer = send("/training", page=page, **entries, other_backbone="convnext_tiny")
    job = ledger.get(answer.location.rsplit("/", 1)[1])
    assert job.options["backbone"] == "convnext_tiny"
    wrong = send("/training", page=page, **entries, other_backbone="No Net")
    assert complaint(wrong, "other_backbone") == "Network is not written as its help says."
    assert 'value="No Net"' in wrong.text and '<details class="more" open>' in wrong.text


@pytest.mark.parametrize(
    ("entries", "field", "sentence"),
    [
        ({"name": ""}, "name", "Name is missing."),
        ({"name": "Not So"}, "name", "Name is not written as its help says."),
        ({"name": "wildlife"}, "name", "wildlife is a part of Merian. Choose another name."),
        ({"epochs": "999"}, "epochs", "Epochs must be at most 200."),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    send: Send, dataset: str, entries: dict[str, str], field: str, sentence: str
) -> None:
    given = {"dataset": dataset, "name": "shells", "mode": "full", "batch": "8"} | entries
    answer = send("/training", page=f"/jobs/{dataset}", **given)
    assert 400 <= answer.status_code < 500
    assert complaint(answer, field) == sentence
    assert 'name="batch" value="8"' in answer.text
    assert re.search(r'name="mode" value="full"[^>]* checked', answer.text)
    assert f'name="dataset" value="{dataset}"' in answer.text


def test_a_data_set_that_is_gone_is_said_above_the_form(send: Send, dataset: str) -> None:
    answer = send("/training", page=f"/jobs/{dataset}", dataset="gone", name="shells")
    assert answer.status_code == 404
    assert "There is no data set of that name, or it is not yours." in answer.text


def test_of_another_owners_data_set_nothing_is_told(send: Send, ledger: Ledger) -> None:
    theirs = Job(owner="them", kind="dataset", options={"title": "Secret"}, inputs={})
    attempt = ledger.take(ledger.create(theirs, 99).id, "a")
    assert attempt
    attempt.succeed({"report": REPORT | {"title": "Secret"}, "seconds": 1.0})
    answer = send("/training", page="/training", dataset=attempt.job.id, name="shells")
    assert answer.status_code == 404 and "Secret" not in answer.text


def test_a_data_set_that_was_removed_after_the_training(
    client: FlaskClient, send: Send, training: Attempt, dataset: str
) -> None:
    send(f"/jobs/{dataset}/delete", page="/training")
    page = client.get(f"/jobs/{training.job.id}").text
    assert "removed since" in page and f"/jobs/{dataset}" not in page


@pytest.mark.parametrize("address", ["/training/datasets", "/jobs/gone/correction"])
def test_the_language_may_be_changed_on_a_refused_form(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 302


def test_a_training_as_it_goes_on(client: FlaskClient, training: Attempt) -> None:
    address = f"/jobs/{training.job.id}"
    page = client.get(address).text
    assert "The model learns" in page and ">Cancel</button>" in page and "<polyline" not in page
    progress = Progress(3, 9, 0.3, "Teaching the last layer", {"train": 1.0})
    training.progress(progress, {"version": 1, "curves": HEAD})
    page = client.get(address).text
    assert "Teaching the last layer …" in page and "Stop and keep the best so far" in page
    assert page.count("<polyline") == 3
    assert f'<a href="/jobs/{training.job.options["dataset"]}">Shells &lt;i&gt;</a>' in page
    spanish = client.get(address, headers={"Accept-Language": "es"}).text
    assert "Enseñando la última capa …" in spanish


def test_the_stages_of_a_training(client: FlaskClient, training: Attempt) -> None:
    address = f"/jobs/{training.job.id}"

    def now() -> str:
        found = re.findall(r'<li class="now" aria-current="step">([^<]+)</li>', page())
        assert len(found) == 1
        return str(found[0])

    def page() -> str:
        return client.get(address).text

    assert now() == "Reading the photographs" and "its curves are drawn here" in page()
    training.progress(Progress(1, 9, 0.1, "Looking at the photographs"))
    assert now() == "Looking at them" and page().count('<li class="past">') == 2
    told = {"version": 1, "curves": HEAD}
    training.progress(Progress(3, 9, 0.3, "Teaching the last layer", {"train": 1.0}), told)
    assert now() == "Learning"
    assert "Best so far" in page() and '<span class="value">80%</span>' in page()
    training.progress(Progress(9, 9, 1.0, "Saving"))
    assert now() == "Measuring"


def test_one_that_failed_can_be_tried_again(
    client: FlaskClient, send: Send, training: Attempt, dataset: str
) -> None:
    training.fail(Failure("not_enough_memory", "Choose a smaller <batch>."))
    page = client.get(f"/jobs/{training.job.id}").text
    assert "The training failed" in page and "Choose a smaller &lt;batch&gt;." in page
    assert f'href="/training/new?dataset={dataset}"' in page
    send(f"/jobs/{dataset}/delete", page="/training")
    page = client.get(f"/jobs/{training.job.id}").text
    assert "/training/new" not in page and "Train another" in page


def test_the_epochs_of_two_phases_are_one_curve(client: FlaskClient, training: Attempt) -> None:
    training.progress(Progress(), {"version": 1, "curves": [*HEAD, *FULL]})
    page = client.get(f"/jobs/{training.job.id}").text
    points = re.findall(r'points="([^"]+)"', page)
    assert [len(line.split()) for line in points] == [3, 3, 3]  # the last of the head, and two


def test_a_model_that_is_ready(
    client: FlaskClient, training: Attempt, own_model: Callable[..., Path], owner: str
) -> None:
    teach(own_model("mine", owner), training.job.id)
    training.succeed(RESULT)
    page = client.get(f"/jobs/{training.job.id}").text
    assert "95.6% of 204 photographs that it did not learn from are named rightly." in page
    assert "Measured on photographs apart" in page
    for address in ("/species?model=mine", "/models/mine", "/api/v1/models/mine/download"):
        assert f'href="{address}"' in page
        assert client.get(address).status_code == 200
    spanish = client.get(f"/jobs/{training.job.id}", headers={"Accept-Language": "es"}).text
    assert "Acierta el nombre del 95,6 % de 204 fotografías" in spanish.replace("\xa0", " ")


def test_a_model_that_another_training_replaced(
    client: FlaskClient, training: Attempt, own_model: Callable[..., Path]
) -> None:
    teach(own_model("mine"), "another")
    training.succeed(RESULT)
    page = client.get(f"/jobs/{training.job.id}").text
    assert "Its model has been removed or replaced since." in page and "species?model" not in page


def test_a_model_whose_name_another_took_meanwhile(
    client: FlaskClient, training: Attempt, own_model: Callable[..., Path], owner: str
) -> None:
    teach(own_model("mine"), "another")
    teach(own_model("mine-2", owner), training.job.id)
    training.succeed(RESULT | {"model": "mine-2"})
    page = client.get(f"/jobs/{training.job.id}").text
    assert 'href="/species?model=mine-2"' in page and "removed or replaced" not in page
    assert "mine-2" in client.get("/jobs").text


def test_too_few_photographs_to_measure_with(client: FlaskClient, training: Attempt) -> None:
    training.succeed(RESULT | {"metrics": {}})
    page = client.get(f"/jobs/{training.job.id}").text
    assert "There were too few photographs to measure how good it is." in page


def test_a_training_that_was_stopped(
    send: Send, client: FlaskClient, training: Attempt, own_model: Callable[..., Path], owner: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    address = f"/jobs/{training.job.id}"
    training.progress(Progress(), {"version": 1, "curves": HEAD})
    assert send(f"{address}/cancel", page=address).status_code == 303
    page = client.get(address).text
    assert "The best so far is being saved …" in page and "data-live" in page
    folder = own_model("mine", owner)
    teach(folder, training.job.id)
    page = client.get(address).text
    assert "The best so far was kept as a model." in page and "95.6%" in page
    assert "data-live" not in page and 'href="/models/mine"' in page
    teach(folder, "another")
    monkeypatch.setattr(trained, "SAVING_SECONDS", 0.0)
    assert "No model was kept." in client.get(address).text


def test_one_that_was_stopped_before_it_had_learned(
    send: Send, client: FlaskClient, training: Attempt
) -> None:
    address = f"/jobs/{training.job.id}"
    send(f"{address}/cancel", page=address)
    page = client.get(address).text
    assert "No model was kept." in page and "data-live" not in page


def test_the_gallery_has_plates_for_what_has_no_picture(
    client: FlaskClient, training: Attempt
) -> None:
    page = client.get("/jobs").text
    assert page.count('class="blank"') == 2 and "<img" not in page
    assert "Data set</span>" in page and "Model</span>" in page
    assert "Shells &lt;i&gt;</p>" in page and "mine</p>" in page
    assert "Being taught" in page


def test_a_refit_that_cannot_be_is_a_page(send: Send, app: Flask) -> None:
    answer = send("/training", page="/training", mode="refit", name="gone")
    assert answer.status_code == 404 and "There is no model called gone." in answer.text
    packaged = send("/training", page="/training", mode="refit", name="wildlife")
    assert packaged.status_code == 409
