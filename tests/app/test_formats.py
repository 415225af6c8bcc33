"""Numbers as a person reads them."""

import pytest
from flask import Flask

from app.formats import number, percent, rate, since


def test_whole_percents_stay_what_they_are(app: Flask) -> None:
    with app.test_request_context():
        assert [percent(whole / 100) for whole in range(101)] == [
            f"{whole}%" for whole in range(101)
        ]


@pytest.mark.parametrize(("fraction", "told"), [(0.426, "42%"), (0.9999, "99%"), (0.0, "0%")])
def test_a_percent_is_never_rounded_up(app: Flask, fraction: float, told: str) -> None:
    with app.test_request_context():
        assert percent(fraction) == told


@pytest.mark.parametrize(
    ("fraction", "english", "spanish"),
    [
        (195 / 204, "95.6%", "95,6 %"),
        (1.0, "100%", "100 %"),
        (2499 / 2500, "99.9%", "99,9 %"),
        (0.5, "50%", "50 %"),
        (0.0, "0%", "0 %"),
    ],
)
def test_a_rate_has_a_tenth_and_is_whole_only_where_nothing_is_missing(
    app: Flask, fraction: float, english: str, spanish: str
) -> None:
    for language, told in (("en", english), ("es", spanish)):
        with app.test_request_context(headers={"Accept-Language": language}):
            assert rate(fraction).replace("\xa0", " ") == told


@pytest.mark.parametrize(
    ("value", "english", "spanish"),
    [(2048, "2048", "2048"), (12345, "12,345", "12.345"), (0.12345, "0.123", "0,123")],
)
def test_numbers_have_the_separators_of_the_language(
    app: Flask, value: float, english: str, spanish: str
) -> None:
    for language, told in (("en", english), ("es", spanish)):
        with app.test_request_context(headers={"Accept-Language": language}):
            assert number(value) == told


def test_a_moment_tells_its_date_in_the_language(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "es"}):
        told = str(since(0))
    assert 'datetime="1970-01-01T00:00:00Z"' in told
    assert 'title="1 de enero de 1970' in told and ">hace " in told
