"""Archives of people are unpacked; those that attackers make are refused by name."""

import random
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile, ZipInfo

import pytest
from PIL import Image

from models.training.archive import ArchiveLimits, unpack
from models.training.dataset import DataSetError

LIMITS = ArchiveLimits(max_bytes=50_000_000, max_files=100)
Entries = dict[str, bytes]


def photograph(colour: str = "teal") -> bytes:
    file = BytesIO()
    Image.new("RGB", (24, 16), colour).save(file, "JPEG")
    return file.getvalue()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "some.zip"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "inside" / "target"
    folder.mkdir(parents=True)
    return folder


def zipped(path: Path, entries: Entries, method: int = zipfile.ZIP_DEFLATED) -> None:
    with ZipFile(path, "w", method) as file:
        for name, data in entries.items():
            file.writestr(name, data)


def unpacked(archive: Path, target: Path, limits: ArchiveLimits = LIMITS) -> None:
    for _ in unpack(archive, target, limits):
        pass


def test_an_archive_of_nothing(archive: Path, target: Path) -> None:
    zipped(archive, {})
    unpacked(archive, target)
    assert list(target.iterdir()) == []


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def refused(archive: Path, target: Path, limits: ArchiveLimits = LIMITS) -> str:
    """The sentence; nothing may be outside of the folder."""
    with pytest.raises(DataSetError) as caught:
        unpacked(archive, target, limits)
    assert [path for path in target.parent.rglob("*") if target not in path.parents] == [target]
    assert str(caught.value).endswith(".")
    return str(caught.value)


def test_photographs_and_tables_come_out_as_they_were(archive: Path, target: Path) -> None:
    one = photograph()
    zipped(
        archive,
        {"rose/1.jpg": one, "rose/2.PNG": b"2", "tulip/ñandú 3.jpeg": b"3", "split.csv": b"path"},
    )
    steps = list(unpack(archive, target, LIMITS))
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert files(target) == ["rose/1.jpg", "rose/2.PNG", "split.csv", "tulip/ñandú 3.jpeg"]
    assert (target / "rose/1.jpg").read_bytes() == one


def test_what_systems_add_and_what_nobody_looks_at_stays_inside(
    archive: Path, target: Path
) -> None:
    inner = BytesIO()
    with ZipFile(inner, "w") as file:
        file.writestr("bomb.jpg", b"x")
    zipped(
        archive,
        {
            "./rose/1.jpg": b"1", "__MACOSX/rose/._1.jpg": b"", "rose/.DS_Store": b"",
            ".hidden/2.jpg": b"", "rose/Thumbs.db": b"", "rose/more.zip": inner.getvalue(),
            "run.py": b"", "rose/": b"", "weights.pth": b"",
        },
    )  # fmt: skip
    unpacked(archive, target)
    assert files(target) == ["rose/1.jpg"]


@pytest.mark.parametrize(
    "name",
    [
        "../evil.jpg", "a/../../evil.jpg", "/evil.jpg", "C:/evil.jpg", "C:evil.jpg", "..\\evil.jpg",
        "a\\b.jpg", "\\\\host\\evil.jpg", "a/..",
    ],
)  # fmt: skip
def test_no_name_leads_elsewhere(archive: Path, target: Path, name: str) -> None:
    zipped(archive, {"rose/1.jpg": b"1", name: b"evil"})
    assert refused(archive, target).startswith(f"{name}: an archive may not name a place")
    assert files(target) == []  # all names are looked at before anything is written


def test_a_name_that_is_cut_off_by_a_null_is_seen(archive: Path, target: Path) -> None:
    zipped(archive, {"rose/1.jpgX../evil": b"1"})
    data = archive.read_bytes().replace(b"1.jpgX", b"1.jpg\0")
    archive.write_bytes(data)
    assert "cannot be shown" in refused(archive, target)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
@pytest.mark.parametrize("system", [0, 3])
def test_links_and_devices_are_refused(archive: Path, target: Path, kind: int, system: int) -> None:
    entry = ZipInfo("rose/link.jpg")
    entry.create_system, entry.external_attr = system, (kind | 0o777) << 16
    with ZipFile(archive, "w") as file:
        file.writestr(entry, "/etc/passwd")
    assert refused(archive, target) == "rose/link.jpg: links and special files cannot be used."


def test_an_encrypted_archive_is_refused(archive: Path, target: Path) -> None:
    zipped(archive, {"rose/1.jpg": b"secret"})
    data = bytearray(archive.read_bytes())
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + place] |= 1
    archive.write_bytes(data)
    assert "without a password" in refused(archive, target)


def test_methods_that_take_gigabytes_to_unpack_are_refused(archive: Path, target: Path) -> None:
    zipped(archive, {"rose/1.jpg": b"1"}, zipfile.ZIP_LZMA)
    assert "Use deflate" in refused(archive, target)


@pytest.mark.parametrize(
    "names",
    [
        ["a/1.jpg", "a/1.jpg"], ["a/1.jpg", "A/1.JPG"], ["a/1.jpg", "./a//1.jpg"],
        ["a/e\u0301.jpg", "a/\u00e9.jpg"], ["a.jpg", "a.jpg/b.jpg"], ["a.jpg/b.jpg", "a.jpg"],
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_that_collide_are_refused(archive: Path, target: Path, names: list[str]) -> None:
    with ZipFile(archive, "w") as file:
        for number, name in enumerate(names):
            file.writestr(name, str(number))
    assert refused(archive, target) == f"{names[1]}: the archive holds two of this name."


def test_too_many_files(archive: Path, target: Path) -> None:
    zipped(archive, {f"{number}.jpg": b"" for number in range(101)})
    assert refused(archive, target) == "The archive holds 101 files; at most 100 can be used."


def test_a_directory_of_millions_is_not_even_read(archive: Path, target: Path) -> None:
    few = ArchiveLimits(max_bytes=1000, max_files=1)
    long = "x" * 200
    zipped(archive, {f"{long}{number}.py": b"" for number in range(6000)}, zipfile.ZIP_STORED)
    assert refused(archive, target, few) == "The archive lists far more than 1 files."


def test_too_many_bytes_are_counted_as_they_come(archive: Path, target: Path) -> None:
    small = ArchiveLimits(max_bytes=1_000_000, max_files=9)
    noise = random.Random(1).randbytes(400_000)
    zipped(archive, {f"{number}.jpg": noise for number in range(3)})
    sentence = refused(archive, target, small)
    assert sentence == "2.jpg: unpacked, the archive has more than 1 MB."
    zipped(archive, {"0.jpg": noise, "1.jpg": noise, "2.jpg": noise[:200_000]})
    for path in target.iterdir():
        path.unlink()
    unpacked(archive, target, small)  # exactly as many


def test_a_bomb_is_left_while_it_is_small(archive: Path, target: Path) -> None:
    zipped(archive, {"bomb.jpg": bytes(40_000_000)})
    assert archive.stat().st_size < 50_000
    assert refused(archive, target).startswith("bomb.jpg: it grows to many times its size")
    assert (target / "bomb.jpg").stat().st_size < 11_000_000


def test_a_size_that_lies_is_found_out(archive: Path, target: Path) -> None:
    zipped(archive, {"big.jpg": bytes(3_000_000)})
    data = archive.read_bytes()
    archive.write_bytes(data.replace(struct.pack("<L", 3_000_000), struct.pack("<L", 10)))
    assert refused(archive, target) == "big.jpg: it is damaged in the archive."


def test_entries_that_share_their_data_are_refused(archive: Path, target: Path) -> None:
    """Fifield's bomb: the local header of each file is quoted data of the one before."""
    kernel = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = kernel.compress(bytes(1_000_000)) + kernel.flush()
    crc, length = zlib.crc32(bytes(1_000_000)), 1_000_000

    def local(name: bytes, crc: int, size: int, length: int) -> bytes:
        return struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0, crc, size, length, len(name), 0)

    second = local(b"b.jpg", crc, len(packed), length) + b"b.jpg" + packed
    quote = struct.pack("<BHH", 0, 35, 35 ^ 0xFFFF)  # a stored block of 35 bytes: that header
    whole = second[:35] + bytes(1_000_000)
    first_size = len(quote) + len(second)
    first_crc = zlib.crc32(whole)
    first = local(b"a.jpg", first_crc, first_size, len(whole)) + b"a.jpg" + quote + second
    entries = [
        (b"a.jpg", first_crc, first_size, len(whole), 0),
        (b"b.jpg", crc, len(packed), length, 35 + len(quote)),
    ]
    directory = b"".join(
        struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 8, 0, 0, crc, size, length, len(name),
                    0, 0, 0, 0, 0, place) + name
        for name, crc, size, length, place in entries
    )  # fmt: skip
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 2, 2, len(directory), len(first), 0)
    archive.write_bytes(first + directory + end)
    with ZipFile(archive) as file:  # it is one that zipfile would unpack, on Python 3.11.7
        assert [entry.file_size for entry in file.infolist()] == [1_000_035, 1_000_000]
    assert refused(archive, target) == "a.jpg: it shares its data with another entry."


def test_two_names_for_one_place_are_refused(archive: Path, target: Path) -> None:
    zipped(archive, {"a.jpg": b"same", "b.jpg": b"same"}, zipfile.ZIP_STORED)
    data = bytearray(archive.read_bytes())
    second = data.rindex(b"PK\x01\x02")
    data[second + 42 : second + 46] = bytes(4)  # where it begins: as the first
    archive.write_bytes(data)
    assert "shares its data" in refused(archive, target)


def test_damage_is_told_by_name(archive: Path, target: Path) -> None:
    zipped(archive, {"a.jpg": b"a" * 50, "b.jpg": b"b" * 50}, zipfile.ZIP_STORED)
    archive.write_bytes(archive.read_bytes().replace(b"b" * 50, b"b" * 49 + b"c"))
    assert refused(archive, target) == "b.jpg: it is damaged in the archive."


@pytest.mark.parametrize("data", [b"", b"hello", photograph(), b"PK\x03\x04", b"PK\5\6" + bytes(9)])
def test_what_is_no_archive(archive: Path, target: Path, data: bytes) -> None:
    archive.write_bytes(data)
    assert refused(archive, target) == "The file is not a ZIP archive, or it is damaged."


def test_zip64_is_read(archive: Path, target: Path) -> None:
    with ZipFile(archive, "w") as file, file.open("rose/1.jpg", "w", force_zip64=True) as entry:
        entry.write(b"1")
    unpacked(archive, target)
    assert files(target) == ["rose/1.jpg"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda data, chance: data[: chance.randrange(len(data))],
        lambda data, chance: data[chance.randrange(len(data)) :],
    ],
)
def test_half_an_archive(
    archive: Path, target: Path, damage: Callable[[bytes, random.Random], bytes]
) -> None:
    zipped(archive, {"rose/1.jpg": photograph(), "tulip/2.jpg": photograph("red")})
    whole, chance = archive.read_bytes(), random.Random(7)
    for _ in range(30):
        archive.write_bytes(damage(whole, chance))
        sound_or_refused(archive, target)


def test_whatever_is_changed_in_an_archive_it_is_sound_or_refused(
    archive: Path, target: Path
) -> None:
    zipped(archive, {"rose/1.jpg": photograph(), "tulip/2.jpg": photograph("red")})
    whole, chance = archive.read_bytes(), random.Random(11)
    refusals = 0
    for _ in range(600):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 1, 2, 8))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        archive.write_bytes(data)
        refusals += sound_or_refused(archive, target)
    assert refusals > 100


def sound_or_refused(archive: Path, target: Path) -> bool:
    """Whether it was refused; whatever else is raised fails the test."""
    place = target / str(len(list(target.iterdir())))
    place.mkdir()
    try:
        unpacked(archive, place)
    except DataSetError:
        return True
    return False
