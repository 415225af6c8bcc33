"""Options: read as a form or JSON sends them, refused by name, described once."""

from dataclasses import dataclass, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.options import InvalidOption, Options, option
from models.style.options import PaintOptions


@dataclass(frozen=True)
class Sample(Options):
    count: int = option(3, "How many.", minimum=1, maximum=9)
    share: float = option(0.5, "How much.", minimum=0.0, maximum=1.0)
    kind: str = option("plain", "Which.", choices=("plain", "fine"))
    loud: bool = option(False, "Whether.")


@given(st.integers(1, 9), st.floats(0, 1), st.sampled_from(["plain", "fine"]), st.booleans())
def test_text_and_values_read_the_same(count: int, share: float, kind: str, loud: bool) -> None:
    values = Sample(count, share, kind, loud)
    texts = {"count": str(count), "share": repr(share), "kind": kind, "loud": str(loud).lower()}
    assert Sample.parse(texts) == values
    assert Sample.parse(values.as_dict()) == values


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("count", "0", "at least 1"),
        ("count", 10, "at most 9"),
        ("count", "1.5", "whole number"),
        ("count", 1.5, "whole number"),
        ("count", True, "whole number"),
        ("share", "nan", "a number"),
        ("share", float("inf"), "a number"),
        ("share", "much", "a number"),
        ("share", [1], "a number"),
        ("kind", "odd", "plain, fine"),
        ("loud", "maybe", "yes or no"),
        ("size", "1", "is not an option"),
    ],
)
def test_a_wrong_value_is_refused_by_name(name: str, value: object, said: str) -> None:
    with pytest.raises(InvalidOption) as refused:
        Sample.parse({name: value})
    assert refused.value.name == name
    assert said in refused.value.reason


@given(st.text())
def test_any_text_is_a_number_in_range_or_refused(text: str) -> None:
    try:
        count = Sample.parse({"count": text}).count
    except InvalidOption as refused:
        assert refused.name == "count"
    else:
        assert 1 <= count <= 9


def test_an_empty_text_means_the_default() -> None:
    assert Sample.parse({"count": "", "kind": ""}) == Sample()


def test_every_option_of_a_painting_says_what_it_is() -> None:
    described = list(PaintOptions.describe())
    assert [each.name for each in described] == [each.name for each in fields(PaintOptions)]
    for each in described:
        assert each.help.endswith(".")
        assert each.choices or each.pattern or each.type is bool or each.minimum is not None
        assert each.check(each.default) == each.default
