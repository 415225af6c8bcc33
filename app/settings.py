"""What the web process needs to know, beside what it shares with the workers."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from workers.ledger import NO_LIMIT
from workers.settings import SettingError, Settings, setting, whole_number

OWNER_MODES = ("browser", "shared", "private")
MEGABYTE = 1_000_000


def one_of(*choices: str) -> Callable[[str], str]:
    """A reader of one word out of `choices`."""

    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return text

    return read


def names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def origins(text: str) -> tuple[str, ...]:
    """Web sites as browsers name them: scheme, host and perhaps a port; or `*`."""
    found = names(text.lower())
    if not all(re.fullmatch(r"\*|https?://[^/?#@*\s]+", name) for name in found):
        raise ValueError("must hold origins such as https://example.org, or *")
    return found


@dataclass(frozen=True)
class WebSettings(Settings):
    """Secret, owners and limits of the pages and the API."""

    secret_key: str = setting(
        "MERIAN_SECRET_KEY", "",
        "Signs the cookies that say whose pictures are whose. "
        "Required outside `merian up`, which makes one.",
        shown="made by `merian up`",
    )  # fmt: skip
    owner_mode: str = setting(
        "MERIAN_OWNER_MODE", "browser",
        "`browser`: each browser has its own pictures. `shared`: all see all of them. "
        "`private`: nothing without a key (`merian keys`), each key its own pictures.",
        one_of(*OWNER_MODES), shown="browser; `shared` under `merian up` on this machine",
    )  # fmt: skip
    trusted_hosts: tuple[str, ...] = setting(
        "MERIAN_TRUSTED_HOSTS", (),
        "Host names, with commas between, under which the pages may be called; "
        "one with a leading dot takes its sub-domains along.",
        names, shown="any; this machine's under `merian up`",
    )  # fmt: skip
    cors_origins: tuple[str, ...] = setting(
        "MERIAN_CORS_ORIGINS", (),
        "Web sites, with commas between, whose pages may use the APIs, without cookies: "
        "`https://example.org`; `*`: all of them.",
        origins, shown="none",
    )  # fmt: skip
    proxies: int = setting(
        "MERIAN_PROXIES", 0,
        "Proxies in front of the pages, whose X-Forwarded-For and X-Forwarded-Proto are believed; "
        "0: nobody's.",
        whole_number(0, 10),
    )  # fmt: skip
    owner_queue_limit: int | None = setting(
        "MERIAN_OWNER_QUEUE_LIMIT", None,
        "Jobs that one owner may have waiting before more are refused; 0: no limit.",
        whole_number(0), shown="50; no limit with `shared`",
    )  # fmt: skip
    rate_submissions: int | None = setting(
        "MERIAN_RATE_SUBMISSIONS", None,
        "Jobs that one owner may hand in within an hour, one network address four times as many; "
        "0: no limit.",
        whole_number(0), shown="600; no limit with `shared`",
    )  # fmt: skip
    rate_reads: int | None = setting(
        "MERIAN_RATE_READS", None,
        "Other requests that one key, or one network address, may make within a minute; "
        "0: no limit.",
        whole_number(0), shown="6000; no limit with `shared`",
    )  # fmt: skip
    rate_sign_ins: int = setting(
        "MERIAN_RATE_SIGN_INS", 30,
        "Wrong keys that one network address may try within an hour; 0: no limit.",
        whole_number(0),
    )  # fmt: skip
    max_upload_mb: int = setting(
        "MERIAN_MAX_UPLOAD_MB", 32,
        "Largest file of one picture, in megabytes. A whole request may be twice that.",
        whole_number(1, 1000),
    )  # fmt: skip
    max_megapixels: int = setting(
        "MERIAN_MAX_MEGAPIXELS", 40, "Largest picture, in millions of pixels.", whole_number(1, 100)
    )
    event_streams: int = setting(
        "MERIAN_EVENT_STREAMS", 300,
        "Streams of events that one web process holds open at once; "
        "the last quarter is kept for owners who have few.",
        whole_number(1, 10_000),
    )  # fmt: skip
    max_incoming_mb: int = setting(
        "MERIAN_MAX_INCOMING_MB", 5000,
        "Files that are on their way into one web process, all together, in megabytes.",
        whole_number(1, 10_000_000),
    )  # fmt: skip
    max_size: int = setting(
        "MERIAN_MAX_SIZE", 4096,
        "Largest longer side of a painting that pages and API take, in pixels.",
        whole_number(64, 8192),
    )  # fmt: skip

    def __post_init__(self) -> None:
        if not self.secret_key:
            raise SettingError(
                "MERIAN_SECRET_KEY is not set. Set it to a long random text, such as the output of "
                "python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
            )

    @property
    def most_waiting(self) -> int:
        """Jobs that one owner may have waiting."""
        return self.but_shared(self.owner_queue_limit, 50) or NO_LIMIT

    @property
    def submissions_an_hour(self) -> int:
        """Of one owner; 0: any number."""
        return self.but_shared(self.rate_submissions, 600)

    @property
    def reads_a_minute(self) -> int:
        """Of one key or address; 0: any number."""
        return self.but_shared(self.rate_reads, 6000)

    def but_shared(self, given: int | None, usual: int) -> int:
        """What was set, else `usual`; where all are one owner, no limit."""
        if given is not None:
            return given
        return 0 if self.owner_mode == "shared" else usual

    @property
    def max_upload(self) -> int:
        """Bytes that the file of one picture may have."""
        return self.max_upload_mb * MEGABYTE

    @property
    def max_incoming(self) -> int:
        """Bytes that may be on their way in at once."""
        return self.max_incoming_mb * MEGABYTE

    @property
    def max_request(self) -> int:
        """Bytes that a request may have: a photograph, a painting and the words around them."""
        return 2 * self.max_upload + MEGABYTE

    @property
    def max_pixels(self) -> int:
        return self.max_megapixels * 1_000_000
