"""A JPEG as it was sent, with nothing in it but the picture: no decoding, no second encoding.

What cameras write beside the picture (place, owner, comments, thumbnails, a film behind the end) is
left out, and of what remains only what a decoder needs is copied. ISO/IEC 10918-1, annex B.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

SOI, EOI, SOS, APP0, APP14 = 0xD8, 0xD9, 0xDA, 0xE0, 0xEE
NEEDED = {0xC0, 0xC1, 0xC4, 0xDB, 0xDD}
"""Sequential frames by Huffman's code, their tables, restart intervals."""
LEFT_OUT = {*range(0xE0, 0xF0), 0xFE}
"""What programs write for themselves, and comments."""
JFIF = b"\xff\xe0\x00\x10JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x00\x00"
ADOBE = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00"
"""Without its last byte, which says what the components mean."""
END = bytes((0xFF, EOI))
# In a scan 0xFF stands before 0x00, before a restart's number, or before the next marker.
END_OF_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7]")


@dataclass(frozen=True)
class Bare:
    """A JPEG with nothing beside its picture, in parts."""

    head: bytes
    """All that stands before the scan."""
    scan: memoryview
    """Of what was read: to copy it would cost more than all else."""

    def parts(self, most: int | None = None) -> tuple[bytes, memoryview, bytes]:
        """One behind the other they are the file.

        With at most `most` bytes of the scan, the picture begins well and ends in grey.
        """
        return self.head, self.scan[:most], END


def bare(data: bytes) -> Bare | None:
    """The same picture with nothing beside it; None for a file that has anything unusual in it.

    A file that is no JPEG, ends early, has several scans, or is compressed in another way
    (progressive, lossless, arithmetic) is unusual. What is in the scan is not looked at.
    """
    try:
        *segments, scan = _kept(data)
    except (ValueError, IndexError):
        return None
    return Bare(b"".join(segments), memoryview(scan))


def _kept(data: bytes) -> Iterator[bytes | memoryview]:
    """The segments to keep, in order; the scan last. Raises `ValueError` or `IndexError`."""
    if data[:2] != b"\xff\xd8":
        raise ValueError
    yield data[:2]
    at = 2
    while True:
        if data[at] != 0xFF:
            raise ValueError
        marker = data[at + 1]
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if end > len(data) or end < at + 4:
            raise ValueError
        if marker == SOS:
            found = END_OF_SCAN.search(data, end)
            if found is None or found.group()[1] != EOI:
                raise ValueError
            yield data[at:end]
            yield memoryview(data)[end : found.start()]
            return
        if marker in NEEDED:
            yield data[at:end]
        elif marker in LEFT_OUT:
            yield _colours(marker, data[at + 4 : end])
        else:
            raise ValueError
        at = end


def _colours(marker: int, told: bytes) -> bytes:
    """What two of the segments for programs say about colours, and nothing else of them."""
    if marker == APP0 and told.startswith(b"JFIF\x00"):
        return JFIF
    if marker == APP14 and told.startswith(b"Adobe") and len(told) == 12:
        return ADOBE + told[11:]
    return b""
