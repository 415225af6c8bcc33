import pytest

from app.settings import WebSettings
from workers.settings import SettingError

SECRET = {"MERIAN_SECRET_KEY": "x"}


def test_without_a_secret_a_sentence_says_what_to_set() -> None:
    with pytest.raises(SettingError, match=r"MERIAN_SECRET_KEY is not set\. Set it to"):
        WebSettings.from_env({})


def test_defaults() -> None:
    settings = WebSettings.from_env(SECRET)
    assert settings.owner_mode == "browser"
    assert settings.trusted_hosts == ()
    assert settings.max_upload == 32_000_000
    assert settings.max_request == 65_000_000
    assert settings.max_pixels == 40_000_000


def test_reads_lists_and_words() -> None:
    environ = SECRET | {
        "MERIAN_OWNER_MODE": "shared",
        "MERIAN_TRUSTED_HOSTS": "localhost, 127.0.0.1,",
    }
    settings = WebSettings.from_env(environ)
    assert settings.owner_mode == "shared"
    assert settings.trusted_hosts == ("localhost", "127.0.0.1")


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("MERIAN_OWNER_MODE", "everyone"),
        ("MERIAN_MAX_UPLOAD_MB", "0"),
        ("MERIAN_MAX_UPLOAD_MB", "much"),
        ("MERIAN_MAX_MEGAPIXELS", "-1"),
        ("MERIAN_EVENT_STREAMS", "none"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(variable: str, text: str) -> None:
    with pytest.raises(SettingError, match=variable):
        WebSettings.from_env(SECRET | {variable: text})
