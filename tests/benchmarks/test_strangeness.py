"""Measures of telling strangers, against direct counts."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.strangeness import auroc, rectified_at

SCORES = st.lists(st.integers(-4, 4).map(float), min_size=1, max_size=25)


@given(SCORES, SCORES)
def test_auroc_against_every_pair(known: list[float], unknown: list[float]) -> None:
    won = sum((a > b) + (a == b) / 2 for a in known for b in unknown)
    direct = won / (len(known) * len(unknown))
    assert auroc(np.array(known), np.array(unknown)) == pytest.approx(direct)


def test_auroc_of_nothing() -> None:
    assert math.isnan(auroc(np.zeros(0), np.ones(3)))


def test_features_are_clipped_above_a_percentile() -> None:
    features = np.arange(1001.0).reshape(77, 13)
    assert rectified_at(features) == 900.0
    assert rectified_at(features, 99) == 990.0
