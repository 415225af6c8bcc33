import numpy as np
import pytest

from models.procedural.canvas import Canvas, average, blur, sample
from models.procedural.noise import fractal_noise


def test_canvas_has_the_size_and_shape_asked_for():
    assert Canvas(1024, 4 / 3, 2).finish(np.zeros((1536, 2048, 3))).size == (1024, 768)
    assert Canvas(1000, 0.8, 1).shape == (1000, 800)


def test_averaging_keeps_the_mean():
    field = np.random.default_rng(1).random((12, 18, 3))
    assert average(field, 3).shape == (4, 6, 3)
    assert average(field, 3).mean() == pytest.approx(field.mean())


@pytest.mark.parametrize("radius", [1.0, 2.5, 6.0])
def test_blur_spreads_a_point_by_about_its_radius_and_loses_no_light(radius):
    field = np.zeros((101, 101))
    field[50, 50] = 1
    spread = blur(field, radius)
    offset = np.arange(101) - 50
    assert spread.sum() == pytest.approx(1)
    assert np.sqrt((spread.sum(axis=0) * offset**2).sum()) == pytest.approx(radius, rel=0.45)


def test_sampling_reads_a_plane_exactly():
    rows, columns = np.indices((20, 30))
    found = sample(2.0 * columns - rows, np.array([3.25, 7.5]), np.array([4.5, 11.75]))
    np.testing.assert_allclose(found, [2.0, 3.25])


def test_noise_has_mean_nought_and_deviation_one_or_so():
    noise = fractal_noise((300, 400), 40, np.random.default_rng(2))
    assert abs(noise.mean()) < 0.15
    assert 0.6 < noise.std() < 1.5
