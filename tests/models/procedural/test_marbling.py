import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.procedural import marbling

places = st.floats(-2, 2)


@given(places, places, places, places, st.floats(0.01, 0.5))
def test_a_drop_pushes_ink_out_by_exactly_its_own_area(x, y, cx, cy, radius):
    before = np.hypot(x - cx, y - cy)
    stretch = np.sqrt(before**2 + radius**2) / max(before, 1e-6)
    pushed = cx + (x - cx) * stretch, cy + (y - cy) * stretch
    back = marbling.undo_drop(np.array(pushed[0]), np.array(pushed[1]), (cx, cy), radius)
    if before > 1e-3:
        np.testing.assert_allclose(back, (x, y), atol=1e-6)


def test_the_last_drop_lies_on_top_and_the_first_is_pushed_aside():
    fallen = [(0.0, 0.0, 0.3, 0), (0.0, 0.0, 0.4, 1)]
    number = marbling.ink_at(np.array([0.1, 0.45, 0.6]), np.zeros(3), fallen)
    assert number.tolist() == [1, 0, -1]


def test_tines_drag_most_where_they_pass_and_half_at_their_reach():
    drag = -marbling.undo_tine(np.array([0.0, 0.1, 5.0]), np.zeros(3), 0.0, 0.4, 0.1)
    np.testing.assert_allclose(drag, [0.4, 0.2, 0], atol=1e-9)
