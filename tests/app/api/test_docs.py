import re

from flask.testing import FlaskClient


def test_the_pages_come_whole_from_here(client: FlaskClient) -> None:
    page = client.get("/api/v1/docs").text
    needed = re.findall(r'(?:href|src|url)(?:=|: )"([^"]+)"', page)
    assert len(needed) == 4
    for address in needed:
        assert address.startswith("/")
        assert client.get(address).status_code == 200


def test_the_document_names_every_painter_and_sample(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").json
    form = document["paths"]["/api/v1/art"]["post"]["requestBody"]["content"]
    fields = form["multipart/form-data"]["schema"]["properties"]
    models = client.get("/api/v1/models").json["models"]
    painters = [model for model in models if model["kind"] == "painter"]
    assert fields["painter"]["enum"] == [painter["name"] for painter in painters]
    assert [painter["name"] for painter in painters if painter["default"]] == ["merian"]
    assert fields["content_sample"]["enum"] and fields["style_sample"]["enum"]
    assert (fields["size"]["minimum"], fields["size"]["maximum"]) == (64, 8192)
