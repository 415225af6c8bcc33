"""How often someone may hand in work, look, or try a key. Counted by owner and by address.

An owner costs nothing to become: whoever throws the cookie away is a new one. So those without an
owner share one bucket an address, and all of an address share a larger one.
"""

import math

from flask import Flask, Response, g

from app.address import client_address
from app.errors import Refusal
from app.services import services
from workers.limits import Bucket, Verdict
from workers.store import StoreDown

HOUR, MINUTE = 3600, 60
ADDRESS_SHARE = 4
"""How many owners' worth one address may have: several people sit behind one router."""


def install(app: Flask) -> None:
    app.after_request(add_headers)


def spend_submission(owner: str | None, keyed: bool) -> None:
    """Count a job that is about to be handed in. `owner`: None for a caller who has none yet.

    `keyed`: the caller has a key, which stands for all who use it; the address says nothing more.
    Raises `Refusal` (rate_limited), `StoreDown`.
    """
    most = services().settings.submissions_an_hour
    if not most:
        return
    if keyed:
        buckets = [Bucket(f"jobs:owner:{owner}", most, HOUR)]
    else:
        address = client_address()
        whose = f"owner:{owner}" if owner else f"new:{address}"
        buckets = [
            Bucket(f"jobs:{whose}", most, HOUR),
            Bucket(f"jobs:address:{address}", ADDRESS_SHARE * most, HOUR),
        ]
    g.verdict = services().limits.take(buckets)
    refuse(g.verdict)


def spend_read(key_id: str | None) -> None:
    """Count any other request. A store that is down stops nobody from looking.

    Raises `Refusal` (rate_limited).
    """
    most = services().settings.reads_a_minute
    if not most:
        return
    name = f"reads:key:{key_id}" if key_id else f"reads:address:{client_address()}"
    try:
        verdict = services().limits.take([Bucket(name, most, MINUTE)])
    except StoreDown:
        return
    refuse(verdict)


def spend_wrong_key() -> None:
    """Count a key that is none. Right ones cost nothing, so that nobody can lock others out.

    Raises `Refusal` (rate_limited), `StoreDown`.
    """
    most = services().settings.rate_sign_ins
    if most:
        bucket = Bucket(f"keys:address:{client_address()}", most, HOUR)
        refuse(services().limits.take([bucket]))


def refuse(verdict: Verdict) -> None:
    if not verdict.allowed:
        raise Refusal("rate_limited", retry_after=math.ceil(verdict.wait))


def add_headers(response: Response) -> Response:
    """How much is left of what was counted (draft-ietf-httpapi-ratelimit-headers)."""
    verdict: Verdict | None = g.get("verdict")
    if verdict:
        bucket = verdict.bucket
        response.headers["RateLimit-Policy"] = f'"jobs";q={bucket.most};w={bucket.seconds}'
        response.headers["RateLimit"] = f'"jobs";r={verdict.left};t={verdict.full_in}'
    return response
