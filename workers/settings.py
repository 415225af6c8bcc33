"""What the workers need to know, read once from the environment.

Each setting carries its variable's name, default and help text; docs/settings.md
is a table of the same fields, and a test keeps it true.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from platformdirs import user_data_path

from workers.address import Address


class SettingError(ValueError):
    """A setting that cannot be used. The text is a sentence that names the variable."""


@dataclass(frozen=True)
class Setting:
    """One setting as the documentation shows it."""

    name: str
    variable: str
    default: str
    help: str


def setting(
    variable: str,
    default: Any,
    help: str,
    read: Callable[[str], Any] = str,
    shown: str | None = None,
) -> Any:
    """A field read from the environment: `read` turns text into a value or raises ValueError.

    `shown` is the default as documentation should show it, where the value depends on the machine.
    """
    text = shown if shown is not None else str(default)
    about = {"variable": variable, "help": help, "read": read, "shown": text}
    if callable(default):
        return field(default_factory=default, metadata=about)
    return field(default=default, metadata=about)


def whole_number(minimum: int, maximum: int = 10**9) -> Callable[[str], int]:
    """A reader of whole numbers from `minimum` to `maximum`."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise ValueError("must be a whole number") from None
        if not minimum <= number <= maximum:
            raise ValueError(f"must be from {minimum} to {maximum}")
        return number

    return read


def folder(text: str) -> Path:
    return Path(text).expanduser().absolute()


def store_url(text: str) -> str:
    Address.parse(text)
    return text


@dataclass(frozen=True)
class Bucket:
    """A place in an S3 bucket: every key begins with `prefix` + "/", where there is one."""

    name: str
    prefix: str = ""

    def __str__(self) -> str:
        return f"s3://{self.name}/{self.prefix}".rstrip("/")


BUCKET = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([A-Za-z0-9_./-]*))?")


def folder_or_bucket(text: str) -> Path | Bucket:
    if "://" not in text:
        return folder(text)
    found = BUCKET.fullmatch(text)
    if not found or ".." in text:
        raise ValueError("must be a folder, or an address such as s3://bucket/prefix")
    return Bucket(found[1], (found[2] or "").strip("/"))


@dataclass(frozen=True)
class Settings:
    """Base of every set of settings."""

    @classmethod
    def describe(cls) -> Iterator[Setting]:
        for each in fields(cls):
            about = each.metadata
            yield Setting(each.name, about["variable"], about["shown"], about["help"])

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """The settings as the environment gives them; an empty variable means the default.

        Raises `SettingError` with a sentence for a value that cannot be used.
        """
        values = {}
        for each in fields(cls):
            text = environ.get(each.metadata["variable"], "").strip()
            if not text:
                continue
            try:
                values[each.name] = each.metadata["read"](text)
            except ValueError as wrong:
                raise SettingError(
                    f"{each.metadata['variable']} {wrong}; it is {text!r}."
                ) from None
        return cls(**values)


@dataclass(frozen=True)
class WorkerSettings(Settings):
    """The queue, the places where files are, and the limits of work."""

    redis_url: str = setting(
        "MERIAN_REDIS_URL", "",
        "The Redis or Valkey server that holds queue and jobs; "
        "without one, `merian up` starts its own.",
        store_url,
        shown="a private server in MERIAN_DATA",
    )  # fmt: skip
    redis_wait: int | None = setting(
        "MERIAN_REDIS_WAIT", None,
        "Replicas of the store that must have a job before it counts as accepted.",
        whole_number(0, 100), shown="1 through sentinels, else 0",
    )  # fmt: skip
    data: Path = setting(  # noqa: RUF009
        "MERIAN_DATA", lambda: user_data_path("merian", appauthor=False),
        "Folder for everything that Merian keeps.", folder, shown="the platform's user data folder",
    )  # fmt: skip
    artifacts: Path | Bucket = setting(  # noqa: RUF009
        "MERIAN_ARTIFACTS", None,
        "Folder for pictures, previews and results; all processes must see the same one. "
        "Or a bucket, `s3://bucket/prefix`.",
        folder_or_bucket, shown="`artifacts` in MERIAN_DATA",
    )  # fmt: skip
    cache_mb: int = setting(
        "MERIAN_CACHE_MB", 2000,
        "Copies of what lies in a bucket that one machine keeps in MERIAN_DATA, in megabytes.",
        whole_number(10, 10_000_000),
    )  # fmt: skip
    weights: Path | None = setting(  # noqa: RUF009
        "MERIAN_WEIGHTS",
        None,
        "Folder in which weights files are looked for first.",
        folder,
        shown="",
    )
    device: str = setting(
        "MERIAN_DEVICE", "auto", "Device that paints: auto, cpu, cuda, cuda:1, mps."
    )
    queue_limit: int = setting(
        "MERIAN_QUEUE_LIMIT", 100, "Jobs that may wait in one queue before more are refused.",
        whole_number(1),
    )  # fmt: skip
    keep_days: int = setting(
        "MERIAN_KEEP_DAYS", 30, "Days after which a finished job is removed with its pictures.",
        whole_number(1),
    )  # fmt: skip
    lease_seconds: int = setting(
        "MERIAN_LEASE_SECONDS", 30,
        "Seconds of silence after which a worker counts as lost and its job is given to another.",
        whole_number(5, 3600),
    )  # fmt: skip
    drain_seconds: int = setting(
        "MERIAN_DRAIN_SECONDS", 0,
        "Seconds that a worker which is told to end may go on with what it has; then it gives it "
        "back, and another goes on.",
        whole_number(0, 7 * 24 * 3600),
    )  # fmt: skip
    max_attempts: int = setting(
        "MERIAN_MAX_ATTEMPTS", 3, "How many workers may be lost over one job before it fails.",
        whole_number(1, 100),
    )  # fmt: skip
    memory_mb: int = setting(
        "MERIAN_MEMORY_MB", 0,
        "Memory that one painting may take, in megabytes; 0: four fifths of what the machine has.",
        whole_number(0),
    )  # fmt: skip

    max_dataset_mb: int = setting(
        "MERIAN_MAX_DATASET_MB", 2000,
        "Largest archive of photographs to train on, in megabytes; unpacked it may be twice that.",
        whole_number(1, 1_000_000),
    )  # fmt: skip
    max_photographs: int = setting(
        "MERIAN_MAX_PHOTOGRAPHS", 50_000, "Photographs that a data set may have.",
        whole_number(1, 10_000_000),
    )  # fmt: skip

    def __post_init__(self) -> None:
        if self.artifacts is None:
            object.__setattr__(self, "artifacts", self.data / "artifacts")

    @property
    def cache(self) -> Path:
        """Copies of what lies in a bucket, and what is on its way there: may be removed."""
        return self.data / "cache"

    @property
    def models(self) -> Path:
        """The user's own species models, a folder each."""
        return self.data / "models"

    @property
    def features(self) -> Path:
        """What was found out about photographs while training: may be removed, costs time then."""
        return self.data / "features.sqlite"

    @property
    def datasets(self) -> Path:
        """Data sets that whoever runs the machine put there, a folder each: for all owners."""
        return self.data / "datasets"

    @property
    def max_dataset(self) -> int:
        """Bytes that an archive may have."""
        return self.max_dataset_mb * 1_000_000
