"""Both images, built once for all tests here. KEEP_IMAGES=1 leaves them in build/images."""

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.contracts.compose import ROOT
from tests.images.builder import Builder, Container, missing, open_builder

FOLDER = ROOT / "build" / "images"


@pytest.fixture(scope="session")
def builder() -> Iterator[Builder]:
    if os.geteuid() != 0:
        pytest.fail("Images are built as root: sudo make image-test.")
    if lacking := missing():
        pytest.fail(f"These are missing: apt-get install {' '.join(lacking)}.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    made = open_builder(FOLDER)
    yield made
    if not os.environ.get("KEEP_IMAGES"):
        made.end()
        shutil.rmtree(FOLDER)


@pytest.fixture(scope="session")
def base(builder: Builder) -> str:
    return builder.base()


@pytest.fixture(scope="session")
def web(builder: Builder, base: str) -> Container:
    return builder.container(builder.build("web", base))


@pytest.fixture(scope="session")
def worker(builder: Builder, base: str) -> Container:
    """With PyTorch as PyPI has it, for CUDA: it paints on the CPU where there is no GPU."""
    torch = os.environ.get("IMAGE_TEST_TORCH", "cuda")
    return builder.container(builder.build("worker", base, TORCH=torch))
