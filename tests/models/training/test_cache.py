"""What is kept is found again, by other processes too; nothing else is."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.training.cache import AT_ONCE, Cache
from models.training.looking import Looked

WRITER = """
import sys
from pathlib import Path
import numpy as np
from models.training.cache import Cache
from models.training.looking import Looked
who = sys.argv[1]
for line in sys.stdin:
    cache = Cache(Path(line.strip()))
    for number in range(10):
        cache.keep_features("net", 0, [(f"{who}{number}", np.full(8, float(number), np.float32))])
        with cache.known() as files:
            files.put(f"{who}{number}", Looked(number, 1, b"x"))
    print("written", flush=True)
"""


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "new" / "features.sqlite")


def test_features_are_found_again_by_network_and_view(cache: Cache) -> None:
    vector = np.linspace(-3.0, 900.0, 64, dtype=np.float32)
    cache.keep_features("net", 1, [("a", vector), ("b", 2 * vector)])
    found = Cache(cache.path).features("net", ["b", "a", "nobody"], 1)
    assert found.keys() == {"a", "b"}
    assert found["a"].dtype == np.float32
    assert np.array_equal(found["a"], vector.astype(np.float16).astype(np.float32))
    assert np.allclose(found["b"], 2 * vector, rtol=2**-11, atol=1e-6)
    assert cache.features("net", ["a"], 0) == {}
    assert cache.features("another", ["a"], 1) == {}
    assert cache.features("net", [], 1) == {}


@settings(max_examples=25)
@given(arrays(np.float32, 16, elements=st.floats(-60000, 60000, width=32)))
def test_nothing_but_rounding_happens_to_them(vector: np.ndarray) -> None:
    with TemporaryDirectory() as folder:
        cache = Cache(Path(folder) / "features.sqlite")
        cache.keep_features("net", 0, [("a", vector)])
        assert np.allclose(cache.features("net", ["a"], 0)["a"], vector, rtol=2**-11, atol=2**-24)


def test_more_photographs_than_one_question_takes(cache: Cache) -> None:
    names = [f"{number:05}" for number in range(2 * AT_ONCE + 3)]
    cache.keep_features("net", 0, ((name, np.float32([int(name)])) for name in names))
    found = cache.features("net", reversed(names), 0)
    assert len(found) == len(names) and all(found[name][0] == int(name) for name in names)


def test_what_is_kept_twice_is_the_latest(cache: Cache) -> None:
    for value in (1.0, 2.0):
        cache.keep_features("net", 0, [("a", np.float32([value]))])
    assert cache.features("net", ["a"], 0)["a"] == [2.0]


def test_what_inspections_saw(cache: Cache) -> None:
    seen, broken = Looked(640, 480, b"\x01\xff"), Looked(0, 0, b"", "It is no picture.")
    with cache.known() as files:
        assert files.get("a") is None
        files.put("a", seen)
        files.put("b", broken)
    with Cache(cache.path).known() as files:
        assert (files.get("a"), files.get("b"), files.get("c")) == (seen, broken, None)


def test_what_was_seen_before_an_error_is_kept(cache: Cache) -> None:
    with pytest.raises(RuntimeError), cache.known() as files:
        files.put("a", Looked(1, 1, b"x"))
        raise RuntimeError
    with cache.known() as files:
        assert files.get("a") == Looked(1, 1, b"x")


def test_processes_that_write_lose_nothing(tmp_path: Path) -> None:
    """Nor fail: all begin at once, with a file that none of them has made."""
    caches = [Cache(tmp_path / f"{number}.sqlite") for number in range(8)]
    command = [sys.executable, "-c", WRITER]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    writers = [subprocess.Popen([*command, who], **pipes) for who in "pqrs"]  # type: ignore[call-overload]
    for cache in caches:
        for each in writers:
            each.stdin.write(f"{cache.path}\n")
            each.stdin.flush()
        assert [each.stdout.readline() for each in writers] == ["written\n"] * len(writers)
    for each in writers:
        each.communicate(timeout=60)
    names = [f"{who}{number}" for who in "pqrs" for number in range(10)]
    for cache in caches:
        assert cache.features("net", names, 0).keys() == set(names)
        with cache.known() as files:
            assert all(files.get(name) == Looked(int(name[1:]), 1, b"x") for name in names)


def test_what_inspections_saw_outlives_them_though_they_are_killed(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.training.cache.SECONDS", -1.0)
    with cache.known() as files:
        files.put("a", Looked(3, 4, b"x"))
        with Cache(cache.path).known() as others:
            assert others.get("a") == Looked(3, 4, b"x")
