import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.procedural.shells import Shell, circle, through

expansions = st.floats(1.05, 8)
translations = st.floats(0, 6)
distances = st.floats(0, 0.9)
turns = st.floats(-30, 0)
alongs = st.floats(0, 1)


@given(expansions, translations, distances, turns, alongs)
def test_a_whole_turn_only_scales_the_shell_by_the_expansion_rate(w, t, d, turn, along):
    shell = Shell(w, t, d, circle(), 5)
    earlier = shell.surface(np.array(turn - 2 * np.pi), np.array(along))
    np.testing.assert_allclose(
        shell.surface(np.array(turn), np.array(along)), w * earlier, atol=1e-9
    )


@given(expansions, translations, distances, turns)
def test_distance_is_the_inner_edge_over_the_outer_edge(w, t, d, turn):
    shell = Shell(w, t, d, circle(), 5)
    inner, outer = shell.surface(np.array([turn, turn]), np.array([0.0, 0.5]))
    assert np.hypot(*inner[:2]) == pytest.approx(d * np.hypot(*outer[:2]), abs=1e-9)


@given(expansions, translations, distances, turns)
def test_translation_is_the_way_down_over_the_way_out(w, t, d, turn):
    shell = Shell(w, t, d, circle(), 5)
    angle = np.linspace(0, 1, 721)[:-1]
    ring = shell.surface(np.full(720, turn), angle)
    out = np.hypot(ring[:, 0], ring[:, 1])
    middle = (out.max() + out.min()) / 2
    assert -ring[:, 2].mean() == pytest.approx(t * middle, rel=1e-3, abs=1e-9)


@given(expansions, translations, turns, turns)
def test_raups_spiral_grows_exponentially_with_the_angle(w, t, first, second):
    shell = Shell(w, t, 0.2, circle(), 5)
    radius = [
        np.linalg.norm(shell.surface(np.array(turn), np.array(0.25))) for turn in (first, second)
    ]
    growth = (np.log(radius[1]) - np.log(radius[0])) * 2 * np.pi
    assert growth == pytest.approx(np.log(w) * (second - first), abs=1e-6)


def test_a_planar_shell_is_its_own_mirror_image():
    shell = Shell(3, 0, 0, circle(), 3)
    above, below = shell.surface(np.array([-1.0, -1.0]), np.array([0.3, 0.7]))
    np.testing.assert_allclose(above, below * [1, 1, -1], atol=1e-12)


def test_normals_are_unit_and_stand_on_the_surface():
    shell = Shell(1.5, 2, 0.1, circle(), 6)
    turn, along = np.meshgrid(np.linspace(-9, -1, 23), np.linspace(0.05, 0.95, 19))
    normal = shell.normal(turn, along)
    step = shell.surface(turn + 1e-4, along) - shell.surface(turn - 1e-4, along)
    np.testing.assert_allclose(np.linalg.norm(normal, axis=-1), 1, atol=1e-9)
    cosine = (normal * step).sum(-1) / np.linalg.norm(step, axis=-1)
    np.testing.assert_allclose(cosine, 0, atol=1e-5)


def test_a_curve_goes_through_its_corners_in_even_steps():
    corners = [(0.0, 0.0), (1.0, 0.5), (1.5, -1.0), (0.5, -2.0)]
    curve = through(corners, 2001)
    for corner in corners:
        assert np.linalg.norm(curve - corner, axis=1).min() < 2e-3
    steps = np.linalg.norm(np.diff(curve, axis=0), axis=1)
    assert steps.std() < 0.02 * steps.mean()
