"""Damage to real files, the same for the same number."""

from random import Random


def mutated(number: int, files: list[bytes]) -> bytes:
    """One of `files`, damaged in one to four ways."""
    numbers = Random(number)
    data = bytearray(numbers.choice(files))
    for _ in range(numbers.randint(1, 4)):
        numbers.choice(WAYS)(data, numbers, files)
    return bytes(data)


def flip_bits(data: bytearray, numbers: Random, files: list[bytes]) -> None:
    for _ in range(numbers.randint(1, 30) if data else 0):
        data[numbers.randrange(len(data))] ^= 1 << numbers.randrange(8)


def flip_in_head(data: bytearray, numbers: Random, files: list[bytes]) -> None:
    """Where sizes, depths and offsets are."""
    for _ in range(numbers.randint(1, 6) if data else 0):
        data[numbers.randrange(min(len(data), 300))] = numbers.randrange(256)


def cut_off(data: bytearray, numbers: Random, files: list[bytes]) -> None:
    del data[numbers.randint(0, len(data)) :]


def cut_out(data: bytearray, numbers: Random, files: list[bytes]) -> None:
    start = numbers.randint(0, len(data))
    del data[start : start + numbers.randint(1, 200)]


def repeat(data: bytearray, numbers: Random, files: list[bytes]) -> None:
    start = numbers.randint(0, len(data))
    data[start:start] = data[start : start + numbers.randint(1, 300)] * numbers.randint(1, 20)


def insert(data: bytearray, numbers: Random, files: list[bytes]) -> None:
    start = numbers.randint(0, len(data))
    data[start:start] = numbers.randbytes(numbers.randint(1, 300))


def largest(data: bytearray, numbers: Random, files: list[bytes]) -> None:
    """A length or an offset that is as large as it can be, or zero, or negative."""
    start = numbers.randint(0, len(data))
    size = numbers.choice((1, 2, 4, 8))
    data[start : start + size] = numbers.choice((b"\xff", b"\0", b"\x80", b"\x7f")) * size


def splice(data: bytearray, numbers: Random, files: list[bytes]) -> None:
    """The rest is another file's."""
    other = numbers.choice(files)
    data[numbers.randint(0, len(data)) :] = other[numbers.randint(0, len(other)) :]


WAYS = (flip_bits, flip_in_head, cut_off, cut_out, repeat, insert, largest, splice)
