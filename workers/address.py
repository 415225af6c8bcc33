"""Where the store of jobs is: one URL, and what redis-py and Celery make of it.

    redis://[user:password@]host[:6379][/database]       rediss:// the same over TLS
    unix:///path/to/socket
    redis+sentinel://[user:password@]host[:26379][,host...]/master[/database]
    rediss+sentinel://...                                 TLS to the sentinels, too

After a `?`, redis-py's own words: `ssl_ca_certs`, `ssl_certfile`, `ssl_keyfile`, `ssl_cert_reqs`,
`ssl_check_hostname`. Sentinels that ask for a password: `sentinel_username`, `sentinel_password`.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from redis.connection import parse_url

PORT, SENTINEL_PORT = 6379, 26379
DIRECT = ("redis", "rediss", "unix")
BY_SENTINEL = {"redis+sentinel": "redis", "rediss+sentinel": "rediss"}
FILES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
SENTINEL_SECONDS = 1.0
"""One of several that does not answer is not waited for: the next knows as much."""


class WrongAddress(ValueError):
    """A URL that names no store. The text goes on after the name of its setting."""


@dataclass(frozen=True)
class Address:
    """A server, or a master and those who know where it is."""

    url: str
    """For redis-py. Behind sentinels only login, database and TLS of it count."""
    sentinels: tuple[tuple[str, int], ...] = ()
    master: str = ""
    login: dict[str, str] = field(default_factory=dict)
    """What the sentinels ask for: username, password."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `WrongAddress`."""
        parts = urlsplit(text)
        if parts.scheme in DIRECT:
            return cls._checked(text)
        if parts.scheme not in BY_SENTINEL:
            raise WrongAddress("must begin with redis://, rediss://, unix:// or redis+sentinel://")
        user, at, hosts = parts.netloc.rpartition("@")
        master, _, database = parts.path.strip("/").partition("/")
        if not master or not hosts:
            raise WrongAddress(
                "must name sentinels and a master: redis+sentinel://HOST,HOST/MASTER"
            )
        login, rest = {}, {}
        for name, value in parse_qsl(parts.query):
            if name.startswith("sentinel_"):
                login[name.removeprefix("sentinel_")] = value
            else:
                rest[name] = value
        query = f"?{urlencode(rest)}" if rest else ""
        url = f"{BY_SENTINEL[parts.scheme]}://{user}{at}master/{database}{query}"
        sentinels = tuple(place(each) for each in hosts.split(","))
        return cls._checked(url, sentinels, master, login)

    @classmethod
    def _checked(cls, url: str, *more: Any) -> Self:
        address = cls(url, *more)
        try:
            options = address.options
        except ValueError as wrong:
            raise WrongAddress(f"is no address of a store: {wrong}") from None
        for name in FILES:
            if name in options and not Path(options[name]).is_file():
                raise WrongAddress(f"names a file in {name} that is not there")
        return address

    @property
    def options(self) -> dict[str, Any]:
        """What redis-py reads from the URL."""
        return dict(parse_url(self.url))  # type: ignore[no-untyped-call]

    @property
    def tls(self) -> dict[str, Any]:
        """`ssl_...` options; empty where nothing is encrypted."""
        if not self.url.startswith("rediss:"):
            return {}
        said = {name: each for name, each in self.options.items() if name.startswith("ssl_")}
        return {"ssl_cert_reqs": "required"} | said

    @property
    def sentinel_options(self) -> dict[str, Any]:
        """Of a connection to a sentinel."""
        timeouts = {
            "socket_timeout": SENTINEL_SECONDS,
            "socket_connect_timeout": SENTINEL_SECONDS,
        }
        return timeouts | self.login | ({"ssl": True, **self.tls} if self.tls else {})

    @property
    def broker_url(self) -> str:
        """kombu's way to name it: a socket and sentinels are spelled otherwise, TLS is apart."""
        if self.url.startswith("unix://"):
            return "redis+socket://" + self.url.removeprefix("unix://")
        options = self.options
        names = (quote(options.get(part, ""), safe="") for part in ("username", "password"))
        user = ":".join(names)
        at = f"{user}@" if user != ":" else ""
        database = options.get("db", 0)
        if self.sentinels:
            return ";".join(
                f"sentinel://{at}{bracketed(host)}:{port}/{database}"
                for host, port in self.sentinels
            )
        host = bracketed(options.get("host", "localhost"))
        return f"{urlsplit(self.url).scheme}://{at}{host}:{options.get('port', PORT)}/{database}"

    @property
    def broker_options(self) -> dict[str, Any]:
        """kombu's transport options of sentinels."""
        if not self.sentinels:
            return {}
        return {"master_name": self.master, "sentinel_kwargs": self.sentinel_options}


def place(text: str) -> tuple[str, int]:
    """Host and port of a sentinel."""
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host:
        raise WrongAddress(f"names a sentinel {text!r} that is no host with a port")
    return host, port or SENTINEL_PORT


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
