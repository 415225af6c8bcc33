"""docs/settings.md and docs/api.md say what there is: every setting, code and operation."""

import ast
import re
from pathlib import Path

from app import create_app
from app.errors import KINDS
from app.settings import WebSettings
from models.images import Limits
from workers.settings import Setting, WorkerSettings

ROOT = Path(__file__).parent.parent.parent


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the table below a heading, without its head."""
    below = text.split(heading, 1)[1].split("\n## ", 1)[0]
    lines = [line for line in below.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_every_setting_is_documented_as_it_is() -> None:
    text = (ROOT / "docs" / "settings.md").read_text()
    settings: list[Setting] = [*WebSettings.describe(), *WorkerSettings.describe()]
    documented = rows(text, "# Settings")
    assert documented == [[f"`{s.variable}`", s.default, s.help] for s in settings]


def test_every_code_is_documented_as_it_is() -> None:
    text = (ROOT / "docs" / "api.md").read_text()
    documented = rows(text, "## Problems")
    wanted = [[f"`{code}`", str(int(kind.status)), kind.meaning] for code, kind in KINDS.items()]
    assert documented == wanted


def test_every_reason_of_a_failed_job_is_documented() -> None:
    """Codes are written out in workers/: where a Failure is made, and of pictures in models/."""
    source = "".join((ROOT / "workers" / name).read_text() for name in ("failures.py", "jobs.py"))
    codes = {
        ast.literal_eval(node.args[0])
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Failure"
        if node.args and isinstance(node.args[0], ast.Constant)
    }
    text = (ROOT / "docs" / "api.md").read_text()
    documented = {row[0].strip("`") for row in rows(text, "## Why a job failed")}
    assert codes
    assert documented == codes


def test_every_operation_is_documented() -> None:
    text = (ROOT / "docs" / "api.md").read_text()
    app = create_app(WebSettings(secret_key="x"))
    paths = app.test_client().get("/api/v1/openapi.json").json["paths"]
    described = {
        f"`{method.upper()} {path}`" for path, methods in paths.items() for method in methods
    }
    documented = {row[0] for row in rows(text, "## Calls")}
    assert documented == described


def test_every_call_of_the_facades_is_documented() -> None:
    text = (ROOT / "docs" / "api.md").read_text()
    described = {
        f"`{method} {rule.rule.replace('<', '{').replace('>', '}')}`"
        for rule in create_app(WebSettings(secret_key="x")).url_map.iter_rules()
        if rule.endpoint.split(".")[0] in ("course", "deepaas", "deepaas_training", "plantnet")
        for method in (rule.methods or set()) & {"GET", "POST", "DELETE"}
    }
    assert len(described) == 14
    assert {row[0] for row in rows(text, "## Other APIs")} == described


def test_limits_are_those_of_the_code() -> None:
    text = (ROOT / "docs" / "api.md").read_text()
    settings = WebSettings(secret_key="x")
    assert f"{settings.max_upload_mb} MB" in text
    assert f"{settings.max_megapixels} million pixels" in text
    assert re.search(rf"at least\s+{Limits().min_side} pixels", text)
