"""A store that speaks TLS itself, sentinels too: where there is a server on PATH that can.

`apt-get install redis-server` brings one; the one that comes with the tests cannot.
"""

import subprocess
from pathlib import Path

import pytest

from tests.certificates import Authority
from tests.faults.load import Load
from tests.faults.stack import stack_on, wait_for
from tests.sentinels import sentinels
from workers.embedded import find_server
from workers.store import StoreDown, connect


def speaks_tls() -> bool:
    said = subprocess.run(
        [str(find_server()), "--port", "0", "--tls-port", "1"],
        capture_output=True,
        text=True,
        timeout=10,
    )
    return "TLS support" not in said.stdout


@pytest.mark.skipif(not speaks_tls(), reason="no server on PATH that speaks TLS")
def test_paintings_are_made_over_tls_found_through_sentinels(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    with (
        sentinels(tmp_path / "sentinels", 1, authority) as watched,
        stack_on(watched.url, tmp_path) as running,
    ):
        running.web()
        running.worker()
        load = Load(running.address)
        for _ in range(3):
            load.until_accepted()
        assert load.settle(120).lost == 0
        port = watched.master.port
        with pytest.raises(StoreDown):
            connect(f"redis://127.0.0.1:{port}").ping()
        watched.master.end()
        wait_for(lambda: watched.master.port != port, 60, "another master")
        wait_for(lambda: running.redis.ping(), 60, "the store")
