"""The Models page: what can be named, and whether a species is among it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient


def test_every_model_with_its_facts(client: FlaskClient) -> None:
    page = client.get("/models").text
    assert "Wildlife</a>" in page and "efficientnet_lite2" in page and "Apache-2.0" in page
    spanish = client.get("/models", headers={"Accept-Language": "es"}).text
    assert "Fauna y flora</a>" in spanish and "1,28 millones de fotografías" in spanish


@pytest.mark.parametrize("query", ["monarch", "MARIPOSA MONARCA", "danaus", "Danaus plexippus"])
def test_a_species_is_found_by_any_of_its_names(client: FlaskClient, query: str) -> None:
    page = client.get("/models", query_string={"q": query}).text
    assert "1 answer of this model fits." in page and "Danaus plexippus" in page


def test_what_no_model_knows(client: FlaskClient) -> None:
    assert "0 answers of this model fit." in client.get("/models?q=quagga").text
    assert "Nothing of that name." in client.get("/models/wildlife?q=quagga").text


def test_one_model_with_all_that_it_can_answer(client: FlaskClient, app: Flask) -> None:
    page = client.get("/models/wildlife").text
    taxa = app.extensions["merian"].registry.get("wildlife").card.taxa
    assert all(taxon.scientific_name in page for taxon in taxa)
    nymphs = client.get("/models/wildlife?q=nymphalidae").text
    assert "Danaus plexippus" in nymphs and "Felis catus" not in nymphs


def test_an_unknown_model(client: FlaskClient) -> None:
    answer = client.get("/models/gone")
    assert answer.status_code == 404 and "wildlife" in answer.text


def test_a_query_is_text(client: FlaskClient) -> None:
    page = client.get("/models", query_string={"q": '"><script>'}).text
    assert "<script>" not in page.split("</head>")[1]


def test_a_damaged_model_is_told(client: FlaskClient, app: Flask) -> None:
    folder = app.extensions["merian"].workers.models / "mine"
    folder.mkdir(parents=True)
    (folder / "card.json").write_text("{}")
    page = client.get("/models").text
    assert "Not served:" in page and "mine: card.json is wrong" in page
