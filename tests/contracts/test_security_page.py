"""docs/security.md names tests for what it promises: each of them exists."""

import ast
import re

import pytest

from tests.contracts.test_docs import ROOT

NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
PAGE = (ROOT / "docs" / "security.md").read_text()


def promises() -> dict[str, str]:
    """What stands below each promise, by its bold beginning."""
    below = PAGE.split("## Promises", 1)[1].split("\n## ", 1)[0]
    parts = re.split(r"(?m)^\*\*(.+?)\*\*", below)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("promise", promises())
def test_each_promise_is_kept_by_tests_that_exist(promise: str) -> None:
    named = NAMED.findall(promises()[promise])
    assert named
    for path, name in named:
        tree = ast.parse((ROOT / path).read_text())
        functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert name in functions, f"{path}::{name}"


def test_there_are_promises_and_what_is_not_promised() -> None:
    assert len(promises()) >= 10
    assert "## What is not promised" in PAGE
