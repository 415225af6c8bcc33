"""Tasks run in this process, without a queue."""

from collections.abc import Iterator

import pytest

from workers import workshop as workshop_module
from workers.workshop import Workshop


@pytest.fixture
def here(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process works in the test's workshop."""
    for name, value in (
        ("MERIAN_REDIS_URL", shop.settings.redis_url),
        ("MERIAN_DATA", str(shop.settings.data)),
    ):
        monkeypatch.setenv(name, value)
    workshop_module.workshop.cache_clear()
    yield
    workshop_module.workshop.cache_clear()
