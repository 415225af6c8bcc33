import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.procedural.pigment import advance, tents

rows = st.lists(st.booleans(), min_size=3, max_size=40).map(np.array)


def cells(*places, size=12):
    line = np.zeros(size, dtype=bool)
    line[list(places)] = True
    return line


def test_waves_move_one_cell_each_their_way():
    right, left = advance(cells(3), cells(9), cells())
    assert (right == cells(4)).all()
    assert (left == cells(8)).all()


def test_waves_that_meet_go_out_whether_in_one_cell_or_between_two():
    for left_at in (4, 5):
        right, left = advance(cells(3), cells(left_at), cells())
        assert not right.any()
        assert not left.any()


def test_a_branching_wave_goes_on_and_sends_one_back():
    right, left = advance(cells(5), cells(), cells(5))
    assert (right == cells(6)).all()
    assert (left == cells(4)).all()


@given(right=rows, seed=st.integers(0, 99))
def test_without_branching_waves_never_multiply(right, seed):
    left = np.random.default_rng(seed).random(len(right)) < 0.4
    after = advance(right, left, np.zeros(len(right), dtype=bool))
    assert after[0].sum() + after[1].sum() <= right.sum() + left.sum()


def test_tents_keep_the_crowd_of_waves_alive_and_are_the_same_for_the_same_seed():
    age = tents(300, 900, np.random.default_rng(5), 0.08)
    assert (age == tents(300, 900, np.random.default_rng(5), 0.08)).all()
    waves = (age[300:] == 0).mean()
    assert 0.02 < waves < 0.16
    grown = (age[1:] == age[:-1] + 1) | (age[1:] == 0)
    assert grown.all()
