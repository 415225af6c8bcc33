"""Copies of one photograph."""

from io import BytesIO
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageEnhance, ImageOps

from models.images import open_picture
from models.training.likeness import ALIKE, BYTES, fingerprint, groups, joined
from tests.models.training.miniatures import picture

SPECIES = Path(__file__).parents[3].parent / "shared" / "data" / "species"


def recompressed(image: Image.Image, quality: int) -> Image.Image:
    data = BytesIO()
    image.save(data, "JPEG", quality=quality)
    return open_picture(BytesIO(data.getvalue()))


def brighter(image: Image.Image) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(1.1)


def copies(image: Image.Image) -> list[Image.Image]:
    half = image.resize((image.width // 2, image.height // 2), Image.Resampling.BICUBIC)
    return [image, half, recompressed(image, 40), brighter(image), recompressed(brighter(half), 40)]


def test_copies_are_found_and_others_are_not() -> None:
    made = [copy for seed in range(40) for copy in copies(picture(seed, 320, 240))]
    found = groups([fingerprint(each) for each in made])
    assert found == [tuple(range(first, first + 5)) for first in range(0, 200, 5)]


def test_a_mirrored_picture_is_another() -> None:
    image = picture(0, 320, 240)
    assert groups([fingerprint(image), fingerprint(ImageOps.mirror(image))]) == []


def test_plain_pictures_are_like_no_other() -> None:
    """Skies: one colour, from dark to light, with a bird."""
    skies = [Image.new("RGB", (160, 120), (90, 140, 220)), Image.new("RGB", (160, 120), "white")]
    ramp = np.linspace(180, 200, 120).astype(np.uint8)[:, None, None]
    for left in (20, 100):
        sky = Image.fromarray(np.broadcast_to(ramp, (120, 160, 3)).copy())
        sky.paste("black", (left, 40, left + 12, 46))
        skies.append(sky)
    prints = [fingerprint(sky) for sky in skies]
    assert prints[:2] == [b"", b""]
    assert groups(prints) == []


def test_things_on_black_are_alike_by_what_they_are_not_by_the_black() -> None:
    def on_black(seed: int) -> Image.Image:
        sheet = Image.new("RGB", (320, 240))
        sheet.paste(picture(seed, 100, 160), (110, 40))
        return sheet

    prints = [fingerprint(on_black(seed)) for seed in (*range(20), 7)]
    assert groups(prints) == [(7, 20)]


def alike(one: bytes, two: bytes) -> bool:
    """As `ALIKE` says, one bit after the other."""
    a, b = (int.from_bytes(each, "big") for each in (one, two))
    return (a ^ b).bit_count() <= ALIKE * (a.bit_count() + b.bit_count())


@given(st.integers(0, 2**32 - 1), st.integers(0, 12))
def test_banding_finds_what_comparing_all_finds(seed: int, flips: int) -> None:
    """Certain while copies differ by fewer bits than there are bands."""
    random = np.random.default_rng(seed)
    originals = random.integers(0, 256, (8, BYTES), dtype=np.uint8)
    prints = []
    for original in originals:
        for _ in range(3):
            bits = np.unpackbits(original)
            bits[random.choice(bits.size, flips, replace=False)] ^= 1
            prints.append(np.packbits(bits).tobytes())
    pairs = [(a, b) for a, b in combinations(range(24), 2) if alike(prints[a], prints[b])]
    assert len(pairs) == 24
    assert groups(prints) == joined(pairs)


@pytest.mark.parametrize(("moved", "found"), [(24, [(0, 1)]), (36, [])])
def test_how_alike_copies_must_be(moved: int, found: list[tuple[int, int]]) -> None:
    """Of 400 differences 24 are elsewhere, 6 % of both; or 36, 9 %. No band is touched."""
    bits = np.zeros((2, 8 * BYTES), bool)
    bits[0, :800:2] = bits[1, :800:2] = True
    bits[1, 512 : 512 + 2 * moved : 2] = False
    bits[1, 513 : 513 + 2 * moved : 2] = True
    assert groups([row.tobytes() for row in np.packbits(bits, axis=1)]) == found


@given(st.lists(st.lists(st.integers(0, 15), max_size=4), max_size=12))
def test_joined_is_what_can_be_reached(sets: list[list[int]]) -> None:
    near = np.eye(16, dtype=bool)
    for each in sets:
        near[np.ix_(each, each)] = True
    reach = np.linalg.matrix_power(near.astype(float), 16) > 0
    found = {tuple(np.flatnonzero(row).tolist()) for row in reach}
    assert joined(sets) == sorted(group for group in found if len(group) > 1)


def test_copies_are_found_in_a_crowd() -> None:
    """Three thousand with little in them agree in most bands; not all of them are compared."""
    random = np.random.default_rng(0)
    crowd = random.random((3000, 8 * BYTES)) < 0.08
    copies = crowd[:50].copy()
    for copy in copies:
        copy[random.choice(copy.size, 4, replace=False)] ^= True
    prints = [row.tobytes() for row in np.packbits(np.concatenate([crowd, copies]), axis=1)]
    assert groups(prints) == [(index, 3000 + index) for index in range(50)]


@pytest.mark.skipif(not SPECIES.is_dir(), reason="needs the photographs in ../shared/data/species")
def test_photographs_of_shells_on_black_are_told_apart_and_copies_of_them_found() -> None:
    paths = sorted((SPECIES / "shells8").glob("*/*.jpg"))
    images = [open_picture(path, longer_side=128) for path in paths]
    prints = [fingerprint(image) for image in images]
    assert groups(prints) == []
    again = [fingerprint(recompressed(brighter(image), 40)) for image in images]
    found = groups(prints + again)
    assert set(found) <= {(index, index + len(paths)) for index in range(len(paths))}
    assert len(found) >= 0.98 * len(paths)
