"""Both images, built once for all tests here, in build/images.

IMAGE_TEST_KEEP=1 leaves them there and takes those that are there: for work on the tests.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.compose import ROOT
from tests.images.builder import Builder, Container, missing, open_builder

FOLDER = Path(os.environ.get("IMAGE_TEST_FOLDER") or ROOT / "build" / "images")
KEEP = bool(os.environ.get("IMAGE_TEST_KEEP"))


@pytest.fixture(scope="session")
def builder() -> Iterator[Builder]:
    if os.geteuid() != 0:
        pytest.fail("Images are built as root: sudo make image-test.")
    if lacking := missing():
        pytest.fail(f"These are missing: apt-get install {' '.join(lacking)}.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    made = open_builder(FOLDER)
    yield made
    if not KEEP:
        made.end()
        shutil.rmtree(FOLDER)


@pytest.fixture(scope="session")
def base(builder: Builder) -> str:
    return kept(builder, "base") or builder.base()


@pytest.fixture(scope="session")
def web(builder: Builder, base: str) -> Container:
    return builder.container(kept(builder, "web") or builder.build("web", base))


@pytest.fixture(scope="session")
def worker(builder: Builder, base: str) -> Container:
    """With PyTorch as PyPI has it, for CUDA: it paints on the CPU where there is no GPU."""
    torch = os.environ.get("IMAGE_TEST_TORCH", "cuda")
    return builder.container(kept(builder, "worker") or builder.build("worker", base, TORCH=torch))


def kept(builder: Builder, name: str) -> str:
    image = f"localhost/merian-{name}"
    return image if KEEP and builder.has(image) else ""
