"""The store behind TLS: certificates of both sides, and users with passwords.

The server that comes with the tests speaks no TLS, so an end of a tunnel stands before it, as
stunnel would; tests/faults/test_tls.py has a server that does, where there is one.
"""

import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from kombu import Connection

from tests.certificates import Authority
from workers.address import Address
from workers.jobs import Job, State
from workers.ledger import Ledger
from workers.store import Store, StoreDown, connect


def tunnel(context: ssl.SSLContext, target: str, listener: socket.socket) -> None:
    """Until the listener is closed: whoever comes by TLS is led to the socket at `target`."""
    with suppress(OSError):
        while True:
            plain, _ = listener.accept()
            threading.Thread(target=carry, args=(context, plain, target), daemon=True).start()


def carry(context: ssl.SSLContext, plain: socket.socket, target: str) -> None:
    with (
        suppress(OSError),
        socket.socket(socket.AF_UNIX) as far,
        context.wrap_socket(plain, server_side=True) as near,
    ):
        far.connect(target)
        threading.Thread(target=pour, args=(far, near), daemon=True).start()
        pour(near, far)


def pour(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(1 << 16):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def place(authority: Authority, valkey_url: str, redis: Store) -> Iterator[str]:
    """Host and port where the test's own server answers by TLS, to those who have a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.issue("server"))
    context.load_verify_locations(authority.ca)
    context.verify_mode = ssl.CERT_REQUIRED
    with socket.create_server(("127.0.0.1", 0)) as listener:
        target = valkey_url.removeprefix("unix://")
        thread = threading.Thread(target=tunnel, args=(context, target, listener), daemon=True)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def files(authority: Authority) -> str:
    """What a URL says of certificates."""
    certificate, key = authority.issue("studio")
    return f"ssl_ca_certs={authority.ca}&ssl_certfile={certificate}&ssl_keyfile={key}"


def test_jobs_and_messages_go_through_tls(place: str, files: str) -> None:
    url = f"rediss://{place}/0?{files}"
    ledger = Ledger(connect(url))
    made = ledger.create(Job(owner="ann", options={}, inputs={}), 9)
    assert ledger.get(made.id).state is State.QUEUED
    broker = Address.parse(url)
    with Connection(broker.broker_url, ssl=broker.tls) as kombu:
        queue = kombu.SimpleQueue("letters")
        queue.put("sealed")
        assert queue.get(timeout=5).payload == "sealed"


def test_the_app_of_celery_speaks_it_too(
    place: str, files: str, worker_environ: dict[str, str]
) -> None:
    environ = worker_environ | {"MERIAN_REDIS_URL": f"rediss://{place}/0?{files}"}
    code = "from workers.submit import celery; celery.send_task('any', queue='quick', retry=False)"
    subprocess.run([sys.executable, "-c", code], env=environ, check=True, timeout=60)
    plain = connect(worker_environ["MERIAN_REDIS_URL"])
    assert plain.llen("merian:broker:quick") == 1


@pytest.mark.parametrize("less", ["ssl_ca_certs", "ssl_certfile"])
def test_without_both_certificates_the_store_is_away(place: str, files: str, less: str) -> None:
    kept = [each for each in files.split("&") if not each.startswith(less)]
    if less == "ssl_certfile":
        kept = kept[:1]
    with pytest.raises(StoreDown):
        connect(f"rediss://{place}?{'&'.join(kept)}").ping()


def test_a_certificate_for_another_host_is_refused(place: str, files: str) -> None:
    port = place.rpartition(":")[2]
    with pytest.raises(StoreDown):
        connect(f"rediss://localhost:{port}?{files}").ping()
    assert connect(f"rediss://localhost:{port}?{files}&ssl_check_hostname=false").ping()


def test_a_user_has_a_name_and_a_password(place: str, files: str, redis: Store) -> None:
    redis.acl_setuser("painter", enabled=True, passwords=["+p@ss"], keys="*", categories=["+@all"])
    try:
        assert connect(f"rediss://painter:p%40ss@{place}?{files}").acl_whoami() == "painter"
        with pytest.raises(StoreDown):
            connect(f"rediss://painter:wrong@{place}?{files}").ping()
        broker = Address.parse(f"rediss://painter:p%40ss@{place}?{files}")
        with Connection(broker.broker_url, ssl=broker.tls) as kombu:
            kombu.SimpleQueue("letters").put("signed")
        assert redis.llen("letters") == 1
    finally:
        redis.acl_deluser("painter")


def test_a_missing_file_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ssl_ca_certs that is not there"):
        connect(f"rediss://127.0.0.1?ssl_ca_certs={tmp_path}/ca.pem")
