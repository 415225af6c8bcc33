"""Colour profiles: from whatever a file says its numbers mean to sRGB."""

from io import BytesIO
from typing import Any

from PIL import Image, ImageChops, ImageCms

# The mode that Pillow's colour engine wants for each colour space a profile can describe.
MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}


def _srgb_profile() -> bytes:
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # The profile's date is when it was made, that is now: without it the same picture is
    # the same file.
    profile[24:36] = bytes.fromhex("07d0 0001 0001 0000 0000 0000")
    return bytes(profile)


SRGB = _srgb_profile()


# Each of six levels of red with each of green and of blue.
COLOURS = Image.new("RGB", (6, 36))
COLOURS.putdata([(r, g, b) for r in range(0, 256, 51) for g in range(0, 256, 51)
                 for b in range(0, 256, 51)])  # fmt: skip


def is_srgb(profile: bytes | None) -> bool:
    """Whether numbers under this profile already mean sRGB: none differs by more than one."""
    if not profile:
        return True
    changed = ImageChops.difference(to_srgb(COLOURS, profile), COLOURS)
    return max(changed.tobytes()) <= 1


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """A new RGB picture in sRGB. A profile that is damaged or does not fit is ignored."""
    if image.mode == "LAB":
        return _converted(image, ImageCms.createProfile("LAB"))
    if profile and profile != SRGB:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            mode = MODES[source.profile.xcolor_space.strip()]
            if (mode == "CMYK") == (image.mode == "CMYK"):
                return _converted(image.convert(mode), source)
        except (ImageCms.PyCMSError, OSError, KeyError, ValueError):
            pass
    return image.convert("RGB")


def _converted(image: Image.Image, source: Any) -> Image.Image:
    converted = ImageCms.profileToProfile(
        image,
        source,
        BytesIO(SRGB),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    assert converted is not None
    return converted
