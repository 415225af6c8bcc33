"""Each promise names the test that keeps it, and that test is there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
PAGES = ("reliability.md", "security.md")


def names_in(path: Path) -> set[str]:
    """The names of its test functions and of classes of such."""
    tree = ast.parse(path.read_text())
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name.lower().startswith("test")
    }


@pytest.mark.parametrize("page", PAGES)
def test_the_test_of_each_promise_exists(page: str) -> None:
    path = ROOT / "docs" / page
    if not path.exists():
        pytest.skip(f"there is no docs/{page}")
    named = TEST.findall(path.read_text())
    assert named
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not (ROOT / file).is_file() or name not in names_in(ROOT / file)
    ]
    assert missing == []


def test_each_promise_of_reliability_names_a_test() -> None:
    text = (ROOT / "docs" / "reliability.md").read_text()
    below = text.split("## What is promised", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in below.splitlines() if line.startswith("|")][2:]
    assert len(rows) > 10
    assert [row for row in rows if not TEST.search(row)] == []
