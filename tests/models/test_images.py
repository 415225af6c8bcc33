"""Every kind of picture people upload, and every kind of file that is none."""

import struct
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from models.colour_profiles import SRGB
from models.images import Limits, PictureError, fit, open_picture


def gradient(width: int = 48, height: int = 32) -> Image.Image:
    """Red grows to the right, green downwards: shows turns, mirrors and swapped channels."""
    y, x = np.mgrid[0:height, 0:width]
    channels = [x * 255 // (width - 1), y * 255 // (height - 1), np.full_like(x, 40)]
    return Image.fromarray(np.stack(channels, 2).astype(np.uint8))


def encoded(image: Image.Image, kind: str, **options: object) -> BytesIO:
    file = BytesIO()
    image.save(file, kind, **options)
    file.seek(0)
    return file


def difference(one: Image.Image, other: Image.Image) -> float:
    return float(np.abs(np.asarray(one, float) - np.asarray(other, float)).mean())


def code_of(data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(PictureError) as raised:
        open_picture(BytesIO(data), limits)
    assert raised.value.message.endswith(".")
    return raised.value.code


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"quality": 95, "subsampling": 0}),
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("AVIF", {"quality": 95}),
        ("HEIF", {"quality": 95}),
        ("TIFF", {}),
    ],
)
def test_every_format_gives_the_same_picture(kind: str, options: dict[str, object]) -> None:
    picture = open_picture(encoded(gradient(), kind, **options))
    assert (picture.mode, picture.size) == ("RGB", (48, 32))
    assert difference(picture, gradient()) < 4


def test_a_picture_is_read_from_a_path_too(tmp_path: Path) -> None:
    gradient().save(tmp_path / "picture.png")
    assert difference(open_picture(tmp_path / "picture.png"), gradient()) == 0
    assert difference(open_picture(str(tmp_path / "picture.png")), gradient()) == 0


def test_greyscale_becomes_rgb() -> None:
    picture = open_picture(encoded(gradient().convert("L"), "PNG"))
    assert difference(picture, gradient().convert("L").convert("RGB")) == 0


def test_one_bit_becomes_black_and_white() -> None:
    picture = open_picture(encoded(gradient().convert("1"), "PNG"))
    assert set(np.unique(np.asarray(picture))) == {0, 255}


def test_a_palette_keeps_its_colours() -> None:
    palette = gradient().quantize(256)
    assert difference(open_picture(encoded(palette, "GIF")), palette.convert("RGB")) < 1


def test_transparency_lies_over_white() -> None:
    picture = gradient().convert("RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, 24, 32))
    opened = open_picture(encoded(picture, "PNG"))
    assert opened.getpixel((3, 3)) == (255, 255, 255)
    assert opened.getpixel((40, 20)) == gradient().getpixel((40, 20))


def test_half_transparent_black_is_grey_also_in_greyscale_and_in_a_palette() -> None:
    half = Image.new("LA", (32, 32), (0, 128))
    assert open_picture(encoded(half, "PNG")).getpixel((5, 5)) == (127, 127, 127)
    palette = Image.new("P", (32, 32), 1)
    palette.putpalette([255, 0, 0, 0, 0, 255])
    clear = open_picture(encoded(palette, "PNG", transparency=1))
    assert clear.getpixel((5, 5)) == (255, 255, 255)


def test_cmyk_is_not_inverted() -> None:
    red = Image.new("CMYK", (32, 32), (0, 255, 255, 0))
    for kind in ("JPEG", "TIFF"):
        r, g, b = open_picture(encoded(red, kind)).getpixel((16, 16))
        assert r > 200 > 60 > max(g, b)


def test_sixteen_bits_are_scaled_and_not_clipped() -> None:
    ramp = np.tile(np.linspace(0, 65535, 64).astype(np.uint16), (32, 1))
    for kind in ("PNG", "TIFF"):
        picture = open_picture(encoded(Image.fromarray(ramp), kind))
        values = np.asarray(picture)[0, :, 0].astype(int)
        assert values[0] == 0 and values[-1] == 255
        assert np.abs(values - np.linspace(0, 255, 64)).max() <= 1


def test_sixteen_bits_of_colour() -> None:
    picture = open_picture(BytesIO(_png_rgb16(np.asarray(gradient(), np.uint16) * 257)))
    assert difference(picture, gradient()) <= 1


def _png_rgb16(values: np.ndarray) -> bytes:
    """A PNG of 16 bits a channel, which Pillow can read but not write."""
    height, width, _ = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def test_floating_point_is_scaled() -> None:
    ramp = np.tile(np.linspace(0, 1, 64, dtype=np.float32), (32, 1))
    values = np.asarray(open_picture(encoded(Image.fromarray(ramp), "TIFF")))[0, :, 0]
    assert values[0] == 0 and values[-1] == 255


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_camera_gives_an_upright_picture(orientation: int) -> None:
    undo = {
        1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]  # fmt: skip
    stored = gradient() if undo is None else gradient().transpose(undo)
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "a camera"
    picture = open_picture(encoded(stored, "JPEG", exif=exif, quality=95, subsampling=0))
    assert difference(picture, gradient()) < 4
    assert not picture.info and not picture.getexif()


def test_another_profile_is_converted_to_srgb() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    swapped = encoded(gradient(), "PNG", icc_profile=_swapped_primaries())
    picture = open_picture(swapped)
    assert difference(picture, gradient()) > 20
    assert np.asarray(picture)[:, -1, 2].mean() > 200  # the file's red is this profile's blue
    ignored = open_picture(encoded(gradient(), "PNG", icc_profile=lab.tobytes()))
    assert ignored.size == (48, 32)


def _swapped_primaries() -> bytes:
    """An sRGB profile whose red and blue primaries have changed places."""
    profile = SRGB.replace(b"rXYZ", b"tmpX").replace(b"bXYZ", b"rXYZ")
    return profile.replace(b"tmpX", b"bXYZ")


def test_the_srgb_profile_and_a_damaged_one_change_nothing() -> None:
    for profile in (SRGB, b"not a profile"):
        picture = open_picture(encoded(gradient(), "PNG", icc_profile=profile))
        assert difference(picture, gradient()) <= 1


def test_a_colour_profile_on_a_greyscale_picture() -> None:
    picture = open_picture(encoded(gradient().convert("L"), "PNG", icc_profile=SRGB))
    assert difference(picture, gradient().convert("L").convert("RGB")) <= 1


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_an_animation_shows_its_first_frame(kind: str) -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue")]
    file = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)
    r, _, b = open_picture(file).getpixel((10, 10))
    assert r > 240 and b < 15


def test_forty_million_pixels_decode_and_smaller_when_asked() -> None:
    file = encoded(Image.new("RGB", (7600, 5200), (90, 120, 150)), "JPEG")
    small = open_picture(file, longer_side=1024)
    assert 1024 <= max(small.size) <= 2048
    file.seek(0)
    assert open_picture(file).size == (7600, 5200)


def test_reduced_decoding_goes_with_a_turned_camera() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    file = encoded(gradient(800, 600), "JPEG", exif=exif)
    assert open_picture(file, longer_side=200).size == (150, 200)


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'


def test_files_that_are_no_pictures() -> None:
    assert code_of(b"") == "empty_file"
    assert code_of(b"hello, this is a text called photo.jpg") == "not_a_picture"
    assert code_of(bytes(1000)) == "not_a_picture"
    assert code_of(SVG) == "unsupported_format"
    assert code_of(b"  <svg width='10'></svg>") == "unsupported_format"
    assert code_of(b"%PDF-1.7 and so on") == "unsupported_format"
    assert code_of(encoded(gradient(), "BMP").read()) == "unsupported_format"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF", "TIFF", "GIF"])
@pytest.mark.parametrize("part", [0.02, 0.5])
def test_a_truncated_picture_is_refused(kind: str, part: float) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    data = encoded(Image.fromarray(noise), kind).read()
    assert code_of(data[: max(12, int(len(data) * part))]) == "truncated"


def test_a_bomb_is_refused_before_it_is_decoded() -> None:
    zeros = zlib.compress(bytes(1000), 9)
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n"
    for kind, body in ((b"IHDR", header), (b"IDAT", zeros), (b"IEND", b"")):
        checksum = struct.pack(">I", zlib.crc32(kind + body))
        data += struct.pack(">I", len(body)) + kind + body + checksum
    assert code_of(data) == "too_many_pixels"


def test_limits() -> None:
    assert code_of(encoded(Image.new("RGB", (1, 1)), "PNG").read()) == "too_small"
    assert code_of(encoded(Image.new("RGB", (500, 15)), "PNG").read()) == "too_small"
    large = encoded(Image.new("RGB", (100, 101)), "PNG").read()
    assert code_of(large, Limits(max_pixels=10_000)) == "too_many_pixels"
    assert open_picture(BytesIO(large), Limits(max_pixels=10_100)).size == (100, 101)


def test_fit_keeps_proportions() -> None:
    assert fit(gradient(480, 320), 120).size == (120, 80)
    assert fit(gradient(320, 480), 960).size == (640, 960)
    assert fit(gradient(1000, 16), 64).size == (64, 1)
