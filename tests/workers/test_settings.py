"""Settings from the environment: defaults, text to values, and sentences about what is wrong."""

from pathlib import Path

import pytest

from workers.embedded import redis_url, socket_path
from workers.settings import Bucket, SettingError, WorkerSettings


def test_an_empty_environment_gives_the_defaults() -> None:
    settings = WorkerSettings.from_env({"MERIAN_WEIGHTS": "", "PATH": "/bin"})
    assert (settings.queue_limit, settings.keep_days, settings.device) == (100, 30, "auto")
    assert settings.data.name == "merian"
    assert settings.artifacts == settings.data / "artifacts"
    assert settings.weights is None
    assert settings.models == settings.data / "models"
    assert settings.datasets == settings.data / "datasets"
    assert (settings.max_dataset, settings.max_photographs) == (2_000_000_000, 50_000)


def test_text_becomes_values(tmp_path: Path) -> None:
    settings = WorkerSettings.from_env(
        {"MERIAN_DATA": str(tmp_path), "MERIAN_WEIGHTS": "~/w", "MERIAN_QUEUE_LIMIT": " 7 "}
    )
    assert settings.artifacts == tmp_path / "artifacts"
    assert settings.weights == Path.home() / "w"
    assert settings.queue_limit == 7
    for text, bucket in (
        ("s3://pictures", Bucket("pictures")),
        ("s3://my.pictures/", Bucket("my.pictures")),
        ("s3://pictures/of/merian/", Bucket("pictures", "of/merian")),
    ):
        settings = WorkerSettings.from_env({"MERIAN_ARTIFACTS": text})
        assert settings.artifacts == bucket and str(bucket) == text.rstrip("/")


@pytest.mark.parametrize(
    ("variable", "text", "reason"),
    [
        ("MERIAN_QUEUE_LIMIT", "many", "must be a whole number; it is 'many'."),
        ("MERIAN_QUEUE_LIMIT", "0", "must be from 1 to"),
        ("MERIAN_MAX_DATASET_MB", "0", "must be from 1 to"),
        ("MERIAN_MAX_PHOTOGRAPHS", "all", "must be a whole number"),
        ("MERIAN_ARTIFACTS", "s3://", "must be a folder, or an address such as s3://bucket/prefix"),
        ("MERIAN_ARTIFACTS", "s3://p/../q", "must be a folder, or an address"),
        ("MERIAN_ARTIFACTS", "gs://pictures", "must be a folder, or an address"),
        ("MERIAN_LEASE_SECONDS", "1", "must be from 5 to 3600"),
    ],
)
def test_a_value_that_cannot_be_used_is_told_by_name(variable: str, text: str, reason: str) -> None:
    with pytest.raises(SettingError, match=reason) as caught:
        WorkerSettings.from_env({variable: text})
    assert str(caught.value).startswith(variable)


def test_every_setting_says_what_it_is_for() -> None:
    described = list(WorkerSettings.describe())
    assert {each.variable for each in described} >= {"MERIAN_REDIS_URL", "MERIAN_DATA"}
    for each in described:
        assert each.variable.startswith("MERIAN_")
        assert each.help.endswith(".")
        assert "/" not in each.default  # the same on every machine


def test_without_a_url_the_private_server_of_the_folder_is_meant(tmp_path: Path) -> None:
    settings = WorkerSettings.from_env({"MERIAN_DATA": str(tmp_path)})
    assert redis_url(settings) == f"unix://{socket_path(tmp_path / 'valkey')}"
    named = WorkerSettings.from_env({"MERIAN_REDIS_URL": "redis://elsewhere"})
    assert redis_url(named) == "redis://elsewhere"
