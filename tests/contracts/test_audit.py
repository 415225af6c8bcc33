"""`make audit` with a list of flaws that is served here, in place of the one on the net."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.audit import main


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder in which one package is installed."""
    about = tmp_path / "site" / "sesame-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: sesame\nVersion: 1.0\n")
    return about.parent


@pytest.fixture
def flaws() -> list[dict[str, object]]:
    """What the service says is wrong with the package."""
    return []


@pytest.fixture
def service(flaws: list[dict[str, object]]) -> Iterator[str]:
    class Osv(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            body = json.dumps({"vulns": flaws} if flaws else {}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *about: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Osv)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def audit(installed: Path, service: str) -> int:
    return main(["--path", str(installed), "-s", "osv", "--osv-url", service])


def test_without_flaws_it_passes(
    installed: Path, service: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit(installed, service) == 0
    assert "1 packages audited, 0 known flaws." in capsys.readouterr().out


def test_a_flaw_fails_and_is_named(
    installed: Path, service: str, flaws: list[dict[str, object]],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    package = {"ecosystem": "PyPI", "name": "sesame"}
    span = {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}
    flaws.append({
        "id": "PYSEC-1", "published": "2026-01-01T00:00:00Z", "summary": "Opens.",
        "affected": [{"package": package, "ranges": [span], "versions": ["1.0"]}],
    })  # fmt: skip
    assert audit(installed, service) == 1
    assert "sesame 1.0: PYSEC-1, mended in 1.1" in capsys.readouterr().out


def test_without_the_net_it_says_so_and_passes(
    installed: Path, service: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit(installed, "http://127.0.0.1:9/") == 0
    assert "Nothing was audited" in capsys.readouterr().out
