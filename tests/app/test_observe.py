import json
import logging

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.observe import name_request
from workers.logs import JsonLines


def test_every_request_has_an_id(client: FlaskClient) -> None:
    ours = client.get("/healthz").headers["X-Request-ID"]
    assert len(ours) == 16
    given = client.get("/healthz", headers={"X-Request-ID": "from-the-proxy"})
    assert given.headers["X-Request-ID"] == "from-the-proxy"
    forged = client.get("/healthz", headers={"X-Request-ID": 'x" level="error'})
    assert len(forged.headers["X-Request-ID"]) == 16


def test_a_line_a_request(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        client.get("/api/nowhere?secret=1", headers={"X-Request-ID": "12345678"})
    (record,) = [each for each in caplog.records if each.name == "app.requests"]
    line = json.loads(JsonLines().format(record))
    assert (line["method"], line["path"], line["status"]) == ("GET", "/api/nowhere", 404)
    assert line["milliseconds"] >= 0
    assert "secret" not in json.dumps(line)


def test_lines_of_other_modules_carry_the_request(app: Flask) -> None:
    with app.test_request_context(headers={"X-Request-ID": "12345678"}):
        record = logging.makeLogRecord({"msg": "from the depths"})
        assert name_request(record)
    assert json.loads(JsonLines().format(record))["request"] == "12345678"
    outside = logging.makeLogRecord({"msg": "from nowhere"})
    assert name_request(outside)
    assert "request" not in json.loads(JsonLines().format(outside))
