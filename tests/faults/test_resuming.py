"""A painting whose painter is killed in the midst of it ends little later than it would have."""

from pathlib import Path

import pytest

from benchmarks.pairs import SAMPLES, pairs_in
from benchmarks.resuming import KILLED_AT, TRIAL, studio

pytestmark = pytest.mark.stack

LATER = 15.0
"""Seconds of work: what was done since the last checkpoint, and what a new process begins with."""


def test_a_painting_of_a_minute_killed_at_three_quarters(tmp_path: Path) -> None:
    """Measured in what is computed, which a busy machine does not stretch as it does hours."""
    (pair,) = pairs_in(SAMPLES, "1")
    with studio(tmp_path, pair, 768, "cpu") as at:
        at.paint(TRIAL)
        trial = at.paint(TRIAL)
        steps = round(TRIAL * 60.0 / trial.passed)
        whole = at.paint(steps)
        cut = at.paint(steps, KILLED_AT * whole.computed)
    assert cut.resumed > 0.3
    assert whole.saving <= 0.02 * whole.passed + 0.5  # the last may come just before the end
    # Two cores compute up to two seconds in each that passes.
    assert cut.computed - whole.computed <= 2 * LATER
