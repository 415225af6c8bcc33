"""`merian keys` on a real store."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from commands.main import merian
from workers.keys import InvalidKey, Keys
from workers.store import Store


@pytest.fixture(autouse=True)
def home(redis: Store, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERIAN_REDIS_URL", valkey_url)
    monkeypatch.setenv("MERIAN_DATA", str(tmp_path))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(merian, ["keys", *arguments])


def test_a_key_is_made_and_shown_once(redis: Store) -> None:
    made = run("new", "--name", "phone", "--scope", "paint", "--scope", "read", "--days", "7")
    text = made.stdout.strip()
    key = Keys.at(redis).check(text)
    assert (key.name, key.scopes) == ("phone", ("read", "paint"))
    assert "not shown again" in made.stderr
    listed = run()
    assert key.id in listed.output  # whole, however narrow the terminal
    assert "phone" in listed.output and text not in listed.output
    (row,) = json.loads(run("--json").stdout)
    assert (row["id"], row["owner"], row["scopes"]) == (key.id, key.owner, ["read", "paint"])
    assert row["expires"] > row["created"]
    assert "digest" not in row


def test_as_json_it_is_told_with_its_text(redis: Store) -> None:
    told = json.loads(run("new", "--name", "bot", "--owner", "ann", "--json").stdout)
    key = Keys.at(redis).check(told["key"])
    assert (key.id, key.owner, key.scopes) == (told["id"], "ann", ("read", "paint", "identify"))
    assert key.expires is None


def test_a_removed_key_lets_nobody_in(redis: Store) -> None:
    assert "no keys" in run().output
    text = run("new", "--name", "lost").stdout.strip()
    id = text.split("_")[1]
    assert run("remove", id).exit_code == 0
    with pytest.raises(InvalidKey):
        Keys.at(redis).check(text)
    again = run("remove", id)
    assert again.exit_code == 1 and f"There is no key {id}." in again.output


@pytest.mark.parametrize(
    "wrong", [["--scope", "all"], ["--days", "0"], ["--owner", "a b"], ["--owner", "a:b"]]
)
def test_what_cannot_be_is_said(wrong: list[str]) -> None:
    assert run("new", "--name", "x", *wrong).exit_code == 2
    assert run("new").exit_code == 2
    assert "no keys" in run().output
