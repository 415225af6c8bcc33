"""How long a caller would wait."""

import pytest
from flask import Flask

from app.waiting import LONGEST, preferred_wait


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("", 0), ("wait=10", 10), ("WAIT = 10", 10), ('wait="7"', 7), ("respond-async", 0),
        ("respond-async, wait=3", 3), ("return=minimal; foo, wait=4", 4), ("await=9", 0),
        ("wait=x", 0), ("wait=-1", 0), ("wait=100000", LONGEST),
    ],
)  # fmt: skip
def test_preferred_wait(app: Flask, header: str, seconds: int) -> None:
    with app.test_request_context(headers={"Prefer": header}):
        assert preferred_wait() == seconds
