"""One URL for redis-py and Celery: what it may say, and what becomes of it."""

from pathlib import Path

import pytest

from workers.address import Address, WrongAddress
from workers.settings import SettingError, WorkerSettings


def test_a_plain_server_is_as_it_was() -> None:
    address = Address.parse("redis://cellar:7000/3")
    assert address.options == {"host": "cellar", "port": 7000, "db": 3}
    assert (address.broker_url, address.broker_options) == ("redis://cellar:7000/3", {})
    assert address.tls == {}


def test_a_socket_is_spelled_otherwise_for_celery() -> None:
    assert Address.parse("unix:///run/valkey.sock").broker_url == "redis+socket:///run/valkey.sock"


def test_tls_has_its_files_and_is_checked_unless_told_otherwise(tmp_path: Path) -> None:
    for name in ("ca", "cert", "key"):
        (tmp_path / name).touch()
    address = Address.parse(
        f"rediss://ann:p%40ss@cellar/2?ssl_ca_certs={tmp_path}/ca"
        f"&ssl_certfile={tmp_path}/cert&ssl_keyfile={tmp_path}/key"
    )
    assert address.broker_url == "rediss://ann:p%40ss@cellar:6379/2"
    assert address.tls == {
        "ssl_cert_reqs": "required", "ssl_ca_certs": f"{tmp_path}/ca",
        "ssl_certfile": f"{tmp_path}/cert", "ssl_keyfile": f"{tmp_path}/key",
    }  # fmt: skip


def test_sentinels_are_named_with_the_master_that_they_watch() -> None:
    address = Address.parse(
        "redis+sentinel://:secret@attic,cellar:5000,[::1]:5001/studio/2?sentinel_password=other"
    )
    assert address.sentinels == (("attic", 26379), ("cellar", 5000), ("::1", 5001))
    assert address.master == "studio"
    assert (address.options["password"], address.options["db"]) == ("secret", 2)
    assert address.broker_url == (
        "sentinel://:secret@attic:26379/2;sentinel://:secret@cellar:5000/2;"
        "sentinel://:secret@[::1]:5001/2"
    )
    assert address.broker_options["master_name"] == "studio"
    assert address.broker_options["sentinel_kwargs"]["password"] == "other"


def test_tls_goes_to_the_sentinels_too() -> None:
    address = Address.parse("rediss+sentinel://attic/studio?ssl_cert_reqs=optional")
    assert address.sentinel_options["ssl"] is True
    assert address.sentinel_options["ssl_cert_reqs"] == "optional"
    assert address.tls == {"ssl_cert_reqs": "optional"}


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://cellar", "must begin with"),
        ("redis+sentinel://attic,cellar", "a master"),
        ("redis+sentinel:///studio", "sentinels"),
        ("redis+sentinel://attic,,cellar/studio", "no host"),
        ("redis+sentinel://attic:door/studio", "no host"),
        ("redis://cellar:door", "no address"),
        ("rediss://cellar?ssl_ca_certs=/nowhere/ca.pem", "not there"),
    ],
)
def test_what_names_no_store_stops_the_process_with_a_sentence(url: str, why: str) -> None:
    with pytest.raises(WrongAddress, match=why):
        Address.parse(url)
    with pytest.raises(SettingError, match=f"MERIAN_REDIS_URL .*{why}"):
        WorkerSettings.from_env({"MERIAN_REDIS_URL": url})
