"""A JPEG with nothing beside its picture: every pixel stays, every word goes."""

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from models.colour_profiles import SRGB
from models.images import BEGINNING, Limits, PictureError, picture_as_sent
from models.jpeg import Bare
from models.jpeg import bare as bare_parts

SECRET = b"41 24 12 N, 2 10 27 E"


def photograph(width: int = 40, height: int = 24, seed: int = 0) -> Image.Image:
    numbers = np.random.default_rng(seed)
    coarse = Image.fromarray(numbers.integers(0, 256, (4, 6, 3), dtype=np.uint8))
    return coarse.resize((width, height), Image.Resampling.BICUBIC)


def jpeg(image: Image.Image | None = None, **options: object) -> bytes:
    file = BytesIO()
    (image or photograph()).save(file, "JPEG", **options)
    return file.getvalue()


def joined(found: Bare, most: int | None = None) -> bytes:
    return b"".join(found.parts(most))


def bare(data: bytes) -> bytes | None:
    found = bare_parts(data)
    return joined(found) if found else None


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(data)))


def segment(marker: int, data: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(data) + 2).to_bytes(2, "big") + data


TELLING = {
    "Exif": segment(0xE1, b"Exif\x00\x00" + SECRET),
    "XMP": segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + SECRET),
    "IPTC": segment(0xED, b"Photoshop 3.0\x00" + SECRET),
    "several pictures": segment(0xE2, b"MPF\x00" + SECRET),
    "a comment": segment(0xFE, SECRET),
    "a second JFIF with a thumbnail": segment(
        0xE0, b"JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x07\x01" + SECRET
    ),
    "an unknown program's": segment(0xEF, SECRET),
}


@pytest.mark.filterwarnings("ignore:Image appears to be a malformed MPO")
@pytest.mark.parametrize("name", TELLING)
def test_nothing_is_left_of_what_it_tells(name: str) -> None:
    plain = jpeg()
    told = plain[:2] + TELLING[name] + plain[2:]
    result = bare(told)
    assert result is not None
    assert SECRET not in result
    assert (pixels(result) == pixels(told)).all()


def test_what_stands_behind_the_end_goes() -> None:
    plain = jpeg()
    assert bare(plain + SECRET) == bare(plain)


def test_it_is_idempotent() -> None:
    once = bare(jpeg(comment=SECRET))
    assert once is not None and bare(once) == once


@settings(max_examples=40, deadline=None)
@given(
    width=st.integers(1, 70), height=st.integers(1, 70), quality=st.integers(1, 100),
    subsampling=st.integers(0, 2), restarts=st.integers(0, 3), mode=st.sampled_from(("RGB", "L")),
)  # fmt: skip
def test_every_pixel_stays(
    width: int, height: int, quality: int, subsampling: int, restarts: int, mode: str
) -> None:
    data = jpeg(
        photograph(width, height).convert(mode), quality=quality, subsampling=subsampling,
        restart_marker_blocks=restarts, optimize=bool(restarts), comment=SECRET,
    )  # fmt: skip
    result = bare(data)
    assert result is not None and SECRET not in result
    assert (pixels(result) == pixels(data)).all()


@pytest.mark.parametrize("transform", ["ycck", "rgb"])
def test_adobes_word_on_colours_stays(transform: str) -> None:
    data = jpeg(keep_rgb=True) if transform == "rgb" else jpeg(photograph().convert("CMYK"))
    result = bare(data)
    assert result is not None
    assert (pixels(result) == pixels(data)).all()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"\xff\xd8",
        b"\x89PNG\r\n\x1a\n",
        jpeg(progressive=True),
        jpeg()[:-2],
        b"GIF89a",
    ],
    ids=["nothing", "a byte", "a beginning", "PNG", "progressive", "without an end", "GIF"],
)
def test_the_unusual_is_left_to_others(data: bytes) -> None:
    assert bare(data) is None


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damage_never_surprises(data: st.DataObject) -> None:
    """Whatever a byte is changed to: nothing is raised, and no word gets through."""
    file = bytearray(TELLING["a comment"].join((jpeg()[:2], jpeg()[2:])))
    at = data.draw(st.integers(0, len(file) - 1))
    if file.find(SECRET) <= at < file.find(SECRET) + len(SECRET):
        return
    file[at] = data.draw(st.integers(0, 255))
    result = bare(bytes(file))
    assert result is None or len(result) <= len(file)


def test_a_plain_photograph_is_kept_as_it_was_sent() -> None:
    data = jpeg(quality=85)
    kept = picture_as_sent(data, Limits())
    assert kept is not None and kept[1:] == (40, 24)
    assert (pixels(joined(kept[0])) == pixels(data)).all()


# A profile in which red and green change places.
SWAPPED = SRGB.replace(b"rXYZ", b"?").replace(b"gXYZ", b"rXYZ").replace(b"?", b"gXYZ")


def exif(orientation: int) -> bytes:
    about = Image.Exif()
    about[0x0112] = orientation
    return about.tobytes()


@pytest.mark.parametrize(
    "data",
    [
        jpeg(exif=exif(6)),
        jpeg(photograph().convert("L")),
        jpeg(photograph().convert("CMYK")),
        jpeg(progressive=True),
        jpeg(icc_profile=SWAPPED),
    ],
    ids=["on its side", "grey", "CMYK", "progressive", "colours of its own"],
)
def test_others_are_written_anew(data: bytes) -> None:
    assert picture_as_sent(data, Limits()) is None


def test_an_upright_one_in_srgb_loses_its_profile_alone() -> None:
    data = jpeg(exif=exif(1), icc_profile=SRGB)
    kept = picture_as_sent(data, Limits())
    assert kept is not None
    assert Image.open(BytesIO(joined(kept[0]))).info.keys() <= {
        "jfif", "jfif_version", "jfif_unit", "jfif_density",
    }  # fmt: skip


def test_sizes_are_limited_here_too() -> None:
    with pytest.raises(PictureError, match="limit"):
        picture_as_sent(jpeg(), Limits(max_pixels=100))


def test_the_beginning_of_a_scan_shows_whether_it_can_be_decoded() -> None:
    """Its tables are wrong; that the rest of a scan is, no decoder tells."""
    data = bytearray(jpeg(photograph(400, 300)))
    table = data.find(b"\xff\xc4") + 5
    data[table : table + 16] = b"\xff" * 16
    with pytest.raises(PictureError, match="damaged"):
        picture_as_sent(bytes(data), Limits())


def test_a_picture_of_which_little_is_looked_at_is_kept_whole() -> None:
    data = jpeg(photograph(400, 300), quality=100)
    scan = data.find(b"\xff\xda")
    assert len(data) - scan > 2 * BEGINNING
    kept = picture_as_sent(data, Limits())
    assert kept is not None and (pixels(joined(kept[0])) == pixels(data)).all()
    whole, short = joined(kept[0]), joined(kept[0], BEGINNING)
    assert BEGINNING < len(short) < len(whole)
    assert short == whole[: len(short) - 2] + whole[-2:]


def test_several_scans_are_unusual() -> None:
    """A file could have thousands of them, and each costs a decoder the whole picture."""
    plain = jpeg()
    scan = plain[plain.find(b"\xff\xda") : -2]
    assert bare(plain[:-2] + scan + plain[-2:]) is None
