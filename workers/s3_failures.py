"""What an S3 client's exceptions mean: which of them are worth another try, and what to say."""

import errno
from collections.abc import Iterator

import aiohttp
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    PartialCredentialsError,
)

from workers.artifacts import ArtifactMissing, ArtifactsDown, ArtifactsRefused, StoreFull

MISSING = {"NoSuchKey", "404", "NotFound"}
NOT_ALLOWED = {
    "403", "AccessDenied", "AllAccessDisabled", "ExpiredToken", "InvalidAccessKeyId",
    "InvalidToken", "SignatureDoesNotMatch", "RequestTimeTooSkewed",
}  # fmt: skip
ELSEWHERE = {
    "301", "307", "PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed",
    "IllegalLocationConstraintException",
}  # fmt: skip
FULL = {"QuotaExceeded", "InsufficientStorage", "507", "XMinioStorageFull"}
PASSING = {
    "RequestTimeout", "IncompleteBody", "BadDigest", "XAmzContentSHA256Mismatch", "NoSuchUpload",
    "OperationAborted", "429", "TooManyRequests",
}  # fmt: skip
"""Of those that blame the client, which may go well the next time."""
NO_KEYS = (
    "There are no keys for the bucket of MERIAN_ARTIFACTS: "
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
)


def named(failure: BaseException, bucket: str) -> Exception | None:
    """The failure in our words; itself where it is none of the store's, None for "unchanged"."""
    for each in chain(failure):
        if isinstance(each, ClientError):
            return answered(each, bucket)
        if isinstance(each, NoCredentialsError | PartialCredentialsError):
            return ArtifactsRefused(NO_KEYS)
    if isinstance(failure, OSError) and failure.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreFull(failure.errno, "There is no room left for pictures.")
    passing = (BotoCoreError, aiohttp.ClientError, ConnectionError, TimeoutError, EOFError)
    if any(isinstance(each, passing) for each in chain(failure)):
        return unreachable(bucket)
    return failure if isinstance(failure, Exception) else None


def unreachable(bucket: str) -> ArtifactsDown:
    return ArtifactsDown(f"The bucket {bucket} of MERIAN_ARTIFACTS cannot be reached.")


def answered(error: ClientError, bucket: str) -> Exception | None:
    """What the store itself answered."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    place = f"The bucket {bucket} of MERIAN_ARTIFACTS"
    if code in ("304", "NotModified") or status == 304:
        return None
    if code == "NoSuchBucket":
        return ArtifactsRefused(f"{place} does not exist. Make it, or set the variable right.")
    if code in MISSING:
        return ArtifactMissing(code)
    if code in NOT_ALLOWED:
        return ArtifactsRefused(
            f"{place} refuses ({code}). Look at AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, "
            "what they allow, and the clock."
        )
    if code in ELSEWHERE:
        return ArtifactsRefused(f"{place} lies elsewhere ({code}). Set AWS_DEFAULT_REGION.")
    if code in FULL:
        return StoreFull(errno.ENOSPC, "There is no room left for pictures.")
    if code in PASSING or not 400 <= status < 500:
        return ArtifactsDown(f"{place} does not answer well ({code or status}).")
    return ArtifactsRefused(f"{place} does not take the request ({code or status}).")


def chain(failure: BaseException) -> Iterator[BaseException]:
    """It and what led to it."""
    seen: BaseException | None = failure
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__
