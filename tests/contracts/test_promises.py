"""Each promise names the test that keeps it, and that test is there."""

import ast
import re
from pathlib import Path

import pytest

from tests.contracts.test_docs import ROOT

TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
PAGES = ("reliability.md", "security.md")


def text_of(page: str) -> str:
    return (ROOT / "docs" / page).read_text()


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
    named = TEST.findall(text_of(page))
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not (ROOT / file).is_file() or name not in names_in(ROOT / file)
    ]
    assert named and missing == []


def test_each_promise_of_reliability_names_a_test() -> None:
    below = text_of("reliability.md").split("## What is promised", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in below.splitlines() if line.startswith("|")][2:]
    assert len(rows) > 10
    assert [row for row in rows if not TEST.search(row)] == []


def test_each_promise_of_security_names_a_test() -> None:
    below = text_of("security.md").split("## Promises", 1)[1].split("\n## ", 1)[0]
    parts = re.split(r"(?m)^\*\*(.+?)\*\*", below)
    promises = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert len(promises) >= 10
    assert [promise for promise, rest in promises.items() if not TEST.search(rest)] == []
