"""What is asked of an S3 bucket: each question whole, in time, again where that helps, by name.

s3fs brings client, keys and multipart uploads. Endpoint, region and keys are where every S3
program looks for them: `AWS_ENDPOINT_URL`, `AWS_DEFAULT_REGION`, `AWS_ACCESS_KEY_ID`,
`AWS_SECRET_ACCESS_KEY`, or its files.
"""

import asyncio
import logging
import os
import random
import threading
import time
import weakref
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from botocore.exceptions import ClientError
from s3fs import S3FileSystem

from workers.artifacts import ArtifactsDown
from workers.s3_failures import named, unreachable
from workers.wire import Wire

log = logging.getLogger(__name__)

CONNECT_SECONDS = 3
READ_SECONDS = 10
"""That an answer, or its next part, may take to come."""
SLOWEST = 250_000
"""Bytes a second at which a file may come or go."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
RESTS, RESTS_SHORTLY = 15.0, 3.0
"""Seconds for which a store that was away is not asked: by who has no patience, by who has."""
PART = 16 << 20
PARTS_AT_ONCE = 4
CHUNK = 1 << 20
MOST_AT_ONCE = 1000
"""Keys that one request may delete."""

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Listed:
    """One key of a listing. `written` in seconds since 1970, by the store's clock."""

    key: str
    etag: str
    written: float


@dataclass(frozen=True)
class Fetched:
    """What became of a question for a file: `etag` is None where the copy at hand is right."""

    etag: str | None


class S3:
    """One bucket. Every method raises `ArtifactsDown` or `ArtifactsRefused`.

    A question that finds nobody is asked again for `patience` seconds. It is not asked at all just
    after another found nobody that had as much patience or more.
    """

    def __init__(self, bucket: str, patience: float) -> None:
        self.bucket = bucket
        self.patience = patience
        self._wire: Wire | None = None
        self._away = self._given_up = -RESTS
        self._door = threading.Lock()

    def put(self, key: str, data: bytes, patience: float | None = None) -> None:
        """The object appears whole, when all of it is there."""
        self._ask(lambda: self._call("put_object", Key=key, Body=data), len(data), patience)

    def put_file(self, key: str, file: Path, patience: float | None = None) -> None:
        """The same, of a file of any size; large ones in parts, of which none is seen."""
        place = f"{self.bucket}/{key}"

        async def put() -> None:
            await self._files.set_session()
            await self._files._put_file(
                str(file), place, chunksize=PART, max_concurrency=PARTS_AT_ONCE
            )

        self._ask(put, file.stat().st_size, patience)

    def probe(self, key: str) -> None:
        """Write a few bytes once, however it was a moment ago."""
        self._away = -RESTS
        self.put(key, b"ready", patience=0.0)

    def get(self, key: str) -> bytes:
        """Raises `ArtifactMissing`."""

        async def get() -> bytes:
            answer = await self._call("get_object", Key=key)
            async with answer["Body"] as body:
                data: bytes = await body.read()
            return data

        return self._ask(get, None)

    def fetch(self, key: str, target: Path, known: str = "") -> Fetched:
        """Write the object to `target`, unless it is what `known` says. Raises `ArtifactMissing`,
        and `OSError` where the disk cannot take it."""
        match = {"IfNoneMatch": f'"{known}"'} if known else {}

        async def fetch() -> Fetched:
            answer = await self._call("get_object", Key=key, **match)
            async with answer["Body"] as body:
                with target.open("wb") as file:
                    while chunk := await body.read(CHUNK):
                        file.write(chunk)
                    size = file.tell()
            if size != answer["ContentLength"]:
                raise ConnectionError(f"{size} bytes of {answer['ContentLength']} came")
            return Fetched(answer["ETag"].strip('"'))

        return self._ask(fetch, None, unchanged=Fetched(None))

    def head(self, key: str) -> None:
        """Raises `ArtifactMissing`."""
        self._ask(lambda: self._call("head_object", Key=key))

    def keys(self, prefix: str) -> Iterator[list[Listed]]:
        """All keys that begin with `prefix`, some at a time."""
        for page in self._pages(Prefix=prefix):
            yield [
                Listed(each["Key"], each["ETag"].strip('"'), each["LastModified"].timestamp())
                for each in page.get("Contents", ())
            ]

    def level(self, prefix: str) -> Iterator[str]:
        """The keys that begin with `prefix`, each up to its next slash, once."""
        for page in self._pages(Prefix=prefix, Delimiter="/"):
            yield from (each["Key"] for each in page.get("Contents", ()))
            yield from (each["Prefix"].rstrip("/") for each in page.get("CommonPrefixes", ()))

    def delete(self, key: str) -> None:
        self._ask(lambda: self._call("delete_object", Key=key))

    def delete_below(self, prefix: str) -> None:
        """Everything that begins with `prefix`; looks again until nothing is there."""
        before: list[Listed] = []
        while found := next(self.keys(prefix)):
            if found == before:
                raise ArtifactsDown(f"The bucket {self.bucket} does not let go of {found[0].key}.")
            self._ask(lambda found=found: self._delete(found))  # type: ignore[misc]
            before = found

    async def _delete(self, found: list[Listed]) -> None:
        wanted = {"Objects": [{"Key": each.key} for each in found], "Quiet": True}
        answer = await self._call("delete_objects", Delete=wanted)
        for error in answer.get("Errors", ())[:1]:
            raise ClientError({"Error": error}, "DeleteObjects")

    def _pages(self, **asked: Any) -> Iterator[dict[str, Any]]:
        more: dict[str, Any] = {}
        while True:
            page = self._ask(
                lambda more=more: self._call(  # type: ignore[misc]
                    "list_objects_v2", MaxKeys=MOST_AT_ONCE, **asked, **more
                )
            )
            yield page
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    async def _call(self, method: str, **asked: Any) -> dict[str, Any]:
        client = await self._files.set_session()
        answer: dict[str, Any] = await getattr(client, method)(Bucket=self.bucket, **asked)
        return answer

    def _ask(
        self,
        question: Callable[[], Coroutine[Any, Any, Answer]],
        size: int | None = 0,
        patience: float | None = None,
        unchanged: Answer | None = None,
    ) -> Answer:
        """`size`: bytes that go; None where they come, each part of which has its own time."""
        limit = None if size is None else CONNECT_SECONDS + 2 * READ_SECONDS + size / SLOWEST
        patience = self.patience if patience is None else patience
        rested = time.monotonic() - (self._given_up if patience else self._away)
        if rested < (RESTS_SHORTLY if patience else RESTS):
            raise unreachable(self.bucket)
        end = time.monotonic() + patience
        pause = FIRST_PAUSE
        while True:
            try:
                answer = self._connected().ask(in_time(question, limit))
                self._away = self._given_up = -RESTS
                return answer
            except Exception as failure:
                error = named(failure, self.bucket)
                if unchanged is not None and error is None:
                    return unchanged
                error = error or failure
                if not isinstance(error, ArtifactsDown):
                    raise error from failure
                if time.monotonic() + pause > end:
                    self._away = time.monotonic()
                    if patience:
                        self._given_up = self._away
                    raise error from failure
                log.warning("the artifacts are asked for again", extra={"why": str(failure)})
            time.sleep(pause * random.uniform(0.5, 1.5))
            pause = min(2 * pause, LONGEST_PAUSE)

    def _connected(self) -> Wire:
        """A client lives in one process: after a fork there is another."""
        with self._door:
            if self._wire is None or self._wire.pid != os.getpid():
                self._wire = Wire()
                self._files = S3FileSystem(
                    asynchronous=True, skip_instance_cache=True, use_listings_cache=False,
                    config_kwargs={
                        "connect_timeout": CONNECT_SECONDS, "read_timeout": READ_SECONDS,
                        "retries": {"mode": "standard", "max_attempts": 2},
                        "max_pool_connections": 50,
                    },
                )  # fmt: skip
                self._files.retries = 2
                weakref.finalize(self, leave, self._wire, self._files)
            return self._wire


def leave(wire: Wire, files: S3FileSystem) -> None:
    """Close the connections of a process that ends."""
    if wire.pid == os.getpid():
        wire.end(closed(files))


async def closed(files: S3FileSystem) -> None:
    if files._s3 is not None:
        await files._s3.close()


async def in_time(
    question: Callable[[], Coroutine[Any, Any, Answer]], seconds: float | None
) -> Answer:
    return await asyncio.wait_for(question(), seconds)
