import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.procedural.palette import from_hex, from_oklab, gradient, to_linear, to_oklab, to_srgb

colours = st.tuples(*[st.floats(0, 1)] * 3).map(np.array)


@given(colours)
def test_colour_spaces_lead_back_to_where_they_began(colour):
    np.testing.assert_allclose(to_srgb(to_linear(colour)), colour, atol=1e-6)
    np.testing.assert_allclose(from_oklab(to_oklab(colour)), colour, atol=1e-5)


def test_oklab_of_white_and_red_as_published():
    np.testing.assert_allclose(to_oklab(from_hex("#ffffff")), [1, 0, 0], atol=1e-4)
    np.testing.assert_allclose(
        to_oklab(from_hex("#ff0000")), [0.62796, 0.22486, 0.12585], atol=1e-4
    )


def test_a_gradient_passes_through_its_stops_and_stays_at_its_ends():
    stops = ("#102040", "#c04020", "#f0e0d0")
    found = gradient(stops, np.array([-1, 0, 0.5, 1, 2]))
    wanted = [from_hex(stops[k]) for k in (0, 0, 1, 2, 2)]
    np.testing.assert_allclose(found, wanted, atol=1e-4)
