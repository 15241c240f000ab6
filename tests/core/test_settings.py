"""Settings: typed, from file and environment; production refuses what is good enough for a demo."""

import pytest

from backend.core.settings import SettingsError, load_keyring, load_settings

PRODUCTION = {
    "UNION_ENVIRONMENT": "production",
    "UNION_PUBLIC_URL": "https://union.example.org",
    "UNION_DATABASE_URL": "mysql://union:secret@db/union",
    "UNION_ALLOWED_HOSTS": "union.example.org",
    "UNION_ALLOW_SYNTHETIC_IDS": "false",
}


def test_the_demo_needs_nothing() -> None:
    settings = load_settings({})
    assert (settings.environment, settings.port, settings.allow_synthetic_ids) == ("demo", 8000, True)
    assert settings.database.startswith("sqlite:///")


def test_the_environment_overrides_the_file() -> None:
    settings = load_settings(
        {"UNION_PORT": "8123", "UNION_DATA_DIR": "/some/folder", "UNION_TRUSTED_PROXIES": "10.0.0.1,10.0.0.2"}
    )
    assert settings.port == 8123
    assert str(settings.data_dir) == "/some/folder"
    assert settings.trusted_proxies == ("10.0.0.1", "10.0.0.2")


def test_production_starts_with_everything_it_needs() -> None:
    assert load_settings(PRODUCTION).is_production


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("UNION_PUBLIC_URL", "http://union.example.org", "https"),
        ("UNION_DATABASE_URL", "", "MariaDB"),
        ("UNION_ALLOW_SYNTHETIC_IDS", "true", "synthetic"),
        ("UNION_ALLOWED_HOSTS", "", "allowed_hosts"),
        ("UNION_ENVIRONMENT", "prod", "environment"),
        ("UNION_PORT", "eighty", "port"),
    ],
)
def test_production_refuses(name: str, value: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        load_settings(PRODUCTION | {name: value})


def test_production_makes_no_secrets_by_itself(tmp_path) -> None:
    settings = load_settings(PRODUCTION | {"UNION_DATA_DIR": str(tmp_path)})
    with pytest.raises(SettingsError, match="secrets file"):
        load_keyring(settings)
