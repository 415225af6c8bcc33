"""A model that one host made is served by all, until it is removed for all."""

from pathlib import Path

import pytest

from models.species.registry import UnknownModel
from tests.models.species.test_registry import write_model
from workers.artifacts import open_store
from workers.bucket import BucketStore
from workers.settings import Bucket, WorkerSettings
from workers.shared_models import SharedRegistry, open_registry, publish, withdraw


class Host:
    """A machine with a disk of its own."""

    def __init__(self, data: Path, bucket: Bucket) -> None:
        self.settings = WorkerSettings(data=data, artifacts=bucket)
        store = open_store(self.settings, patience=20)
        assert isinstance(store, BucketStore)
        self.store = store
        registry = open_registry(self.settings, store)
        assert isinstance(registry, SharedRegistry)
        self.registry = registry

    def publish(self, name: str, **changes: object) -> None:
        publish(self.settings, self.store, name)

    def names(self) -> list[str]:
        """As of now: not those of five seconds ago."""
        self.registry._looked = -1e9
        return [model.card.name for model in self.registry.models()]


@pytest.fixture
def hosts(tmp_path: Path, bucket: Bucket) -> tuple[Host, Host]:
    return Host(tmp_path / "one", bucket), Host(tmp_path / "two", bucket)


def test_what_one_host_made_another_serves(hosts: tuple[Host, Host]) -> None:
    one, two = hosts
    assert "moths" not in two.names()
    write_model(one.settings.models, "moths")
    one.publish("moths")
    two.registry._looked -= 1.1
    assert two.registry.get("moths").weights.read_bytes() == b"weights"  # asked for: at once
    assert one.names() == two.names()
    with pytest.raises(UnknownModel):
        two.registry.get("butterflies")


def test_one_that_was_replaced_or_removed_is_so_for_all(hosts: tuple[Host, Host]) -> None:
    one, two = hosts
    write_model(one.settings.models, "moths")
    one.publish("moths")
    assert "moths" in two.names()
    for file in (two.settings.models / "moths").iterdir():
        file.unlink()
    (two.settings.models / "moths").rmdir()
    write_model(two.settings.models, "moths", version="2")
    assert "moths" in two.names()  # made here, and not given to all yet: it stays
    assert two.registry.get("moths").card.version == "2"
    two.publish("moths")
    assert "moths" in one.names() and one.registry.get("moths").card.version == "2"
    withdraw(one.store, "moths")
    assert "moths" not in one.names() and "moths" not in two.names()
    assert not (two.settings.models / "moths").exists()
    assert not [*one.settings.data.glob(".removed-*"), *one.settings.data.glob(".model-*")]


def test_what_was_put_there_by_hand_stays_and_is_nobody_elses(hosts: tuple[Host, Host]) -> None:
    one, two = hosts
    write_model(one.settings.models, "mine")
    assert "mine" in one.names() and "mine" not in two.names()
    assert "mine" in one.names()


def test_while_the_bucket_is_away_what_is_here_is_served(
    hosts: tuple[Host, Host], monkeypatch: pytest.MonkeyPatch, bucket: Bucket
) -> None:
    one, two = hosts
    write_model(one.settings.models, "moths")
    one.publish("moths")
    assert "moths" in two.names()
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    lost = Host(two.settings.data, bucket)
    lost.store.s3.patience = 0.1
    assert "moths" in lost.names()


def test_with_a_folder_nothing_is_done_twice(tmp_path: Path) -> None:
    settings = WorkerSettings(data=tmp_path)
    store = open_store(settings)
    write_model(settings.models, "moths")
    publish(settings, store, "moths")
    withdraw(store, "moths")
    assert open_registry(settings, store).get("moths").card.name == "moths"
    assert not settings.artifacts.exists()  # type: ignore[union-attr]
