"""Keys: shown once, kept as a digest, gone at once."""

import json
import re

import pytest

from workers.keys import InvalidKey, KeyNotFound, Keys
from workers.store import Store


@pytest.fixture
def keys(redis: Store) -> Keys:
    return Keys.at(redis)


def test_a_key_is_known_by_its_text(keys: Keys) -> None:
    key, text = keys.new("herbarium", ["identify", "read"], days=2)
    assert re.fullmatch(r"merian_[0-9a-f]{16}_[0-9a-f]{64}", text)
    found = keys.check(text)
    assert (found.id, found.name, found.scopes) == (key.id, "herbarium", ("read", "identify"))
    assert found.owner == f"key-{key.id}"
    assert found.expires and found.expires - found.created == pytest.approx(2 * 24 * 3600)
    assert found.allows("read") and not found.allows("paint")
    assert keys.new("second", ["read"], owner="ann")[0].owner == "ann"


def test_the_store_does_not_hold_the_secret(keys: Keys, redis: Store) -> None:
    key, text = keys.new("herbarium", ["read"])
    secret = text.rsplit("_", 1)[1]
    kept = json.dumps([redis.hgetall(f"merian:key:{key.id}"), redis.zrange("merian:keys", 0, -1)])
    assert sorted(redis.keys("*")) == [f"merian:key:{key.id}", "merian:keys"]
    assert secret not in kept


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1] + ("0" if text[-1] != "0" else "1"),
        lambda text: text.upper(),
        lambda text: text + "0",
        lambda text: text.replace("merian_", "merlan_"),
        lambda text: "merian_" + "0" * 16 + text[23:],
        lambda text: text + "\n",
        lambda text: "",
    ],
)
def test_what_is_nearly_a_key_is_none(keys: Keys, change: object) -> None:
    _, text = keys.new("herbarium", ["read"])
    with pytest.raises(InvalidKey):
        keys.check(change(text))  # type: ignore[operator]
    assert keys.all()[0].used is None


def test_an_expired_one_is_none_and_is_still_listed(keys: Keys, redis: Store) -> None:
    key, text = keys.new("short", ["read"], days=1)
    redis.hset(f"merian:key:{key.id}", "expires", f"{key.created:.6f}")
    for ask in (lambda: keys.check(text), lambda: keys.alive(key.id)):
        with pytest.raises(InvalidKey):
            ask()
    assert [each.id for each in keys.all()] == [key.id]
    assert keys.all()[0].used is None


def test_a_removed_one_is_gone_with_its_sessions(keys: Keys, redis: Store) -> None:
    key, text = keys.new("lost", ["read"])
    assert keys.alive(key.id).name == "lost"
    keys.remove(key.id)
    for ask in (lambda: keys.check(text), lambda: keys.alive(key.id)):
        with pytest.raises(InvalidKey):
            ask()
    assert redis.keys("*") == []
    with pytest.raises(KeyNotFound):
        keys.remove(key.id)


def test_use_is_noted_once_a_minute(keys: Keys, redis: Store) -> None:
    key, text = keys.new("herbarium", ["read"])
    keys.check(text)
    first = keys.all()[0].used
    assert first and first >= key.created
    keys.check(text)
    assert keys.all()[0].used == first
    redis.hset(f"merian:key:{key.id}", "used", f"{first - 61:.6f}")
    keys.alive(key.id)
    later = keys.all()[0].used
    assert later and later >= first
