"""Settings: typed, from file and environment; production refuses what is good enough for a demo."""

import base64
import secrets
from pathlib import Path

import pytest

from backend.core.settings import Settings, SettingsError, load_keyring, load_settings, secrets_path, write_secrets

PRODUCTION = {
    "UNION_ENVIRONMENT": "production",
    "UNION_PUBLIC_URL": "https://union.example.org",
    "UNION_DATABASE_URL": "mysql://union:Vn4-pq9x-Lw2t@db/union",
    "UNION_ALLOWED_HOSTS": "union.example.org",
    "UNION_TRUSTED_PROXIES": "127.0.0.1,10.0.0.1",
    "UNION_SMS_PROVIDER": "none",
}


def test_the_demo_needs_nothing() -> None:
    settings = load_settings({})
    assert (settings.environment, settings.port, settings.allow_synthetic_ids) == ("demo", 8000, True)
    assert settings.address_limit_per_hour == 2000
    assert settings.database.startswith("sqlite:///")


def test_the_environment_overrides_the_file() -> None:
    settings = load_settings(
        {
            "UNION_PORT": "8123",
            "UNION_DATA_DIR": "/some/folder",
            "UNION_TRUSTED_PROXIES": "10.0.0.1,10.0.0.2",
            "UNION_ADDRESS_LIMIT_PER_HOUR": "2500",
            "PATH": "/bin",
        }
    )
    assert settings.port == 8123
    assert str(settings.data_dir) == "/some/folder"
    assert settings.trusted_proxies == ("10.0.0.1", "10.0.0.2")
    assert settings.address_limit_per_hour == 2500


def test_the_folder_of_the_files_is_a_setting_too(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('environment = "demo"\ndata_dir = "there"\ncounty_name = "某县数字工会"\n')
    settings = load_settings({"UNION_CONFIG_DIR": str(tmp_path)})
    assert (settings.config_dir, settings.county_name) == (tmp_path, "某县数字工会")


@pytest.mark.parametrize("environment", ["test", "production"])
def test_what_the_demo_allows_stays_in_the_demo(environment: str) -> None:
    settings = load_settings(PRODUCTION | {"UNION_ENVIRONMENT": environment})
    assert (settings.allow_synthetic_ids, settings.address_limit_per_hour) == (False, 60)


def test_production_starts_with_everything_it_needs() -> None:
    assert load_settings(PRODUCTION).is_production


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("UNION_PUBLIC_URL", "http://union.example.org", "https"),
        ("UNION_DATABASE_URL", "", "MariaDB"),
        ("UNION_DATABASE_URL", "mysql://union@db/union", "database password"),
        ("UNION_DATABASE_URL", "mysql://union:secret@db/union", "database password"),
        ("UNION_DATABASE_URL", "mysql://union:aaaaaaaaaaaaaaaa@db/union", "database password"),
        ("UNION_DATABASE_URL", "mysql://union:union-1234567@db/union", "database password"),
        ("UNION_ALLOW_SYNTHETIC_IDS", "true", "synthetic"),
        ("UNION_ALLOWED_HOSTS", "", "allowed_hosts"),
        ("UNION_TRUSTED_PROXIES", "", "trusted_proxies"),
        ("UNION_TRUSTED_PROXIES", "*", "single addresses"),
        ("UNION_TRUSTED_PROXIES", "10.0.0.0/8", "single addresses"),
        ("UNION_SMS_PROVIDER", "console", "console"),
        ("UNION_ADDRESS_LIMIT_PER_HOUR", "2000", "address_limit_per_hour"),
        ("UNION_ADDRESS_LIMIT_PER_HOUR", "0", "address_limit_per_hour"),
        ("UNION_TILL_IDLE_HOURS", "0", "till_idle_hours"),
        ("UNION_TILL_IDLE_HOURS", "13", "till_idle_hours"),
        ("UNION_METRICS_TOKEN", "short", "metrics_token"),
        ("UNION_SMS_RECEIPT_SECRET", "short", "sms_receipt_secret"),
        ("UNION_ENVIRONMENT", "prod", "environment"),
        ("UNION_PORT", "eighty", "port"),
    ],
)
def test_production_refuses(name: str, value: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        load_settings(PRODUCTION | {name: value})


def test_a_refusal_says_no_password() -> None:
    with pytest.raises(SettingsError) as refusal:
        load_settings(PRODUCTION | {"UNION_DATABASE_URL": "mysql://union:hunter2@db/union"})
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("base", [{}, PRODUCTION], ids=["demo", "production"])
def test_a_mistyped_name_is_not_ignored(base: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"UNION_ALOWED_HOSTS is no setting; did you mean UNION_ALLOWED_HOSTS\?"):
        load_settings(base | {"UNION_ALOWED_HOSTS": "union.example.org"})
    with pytest.raises(SettingsError, match=r"UNION_XYZZY is no setting\Z"):
        load_settings(base | {"UNION_XYZZY": "1"})
    assert load_settings(base | {"UNION_TEST_ENGINE": "sqlite"})


def test_production_makes_no_secrets_by_itself(tmp_path: Path) -> None:
    settings = load_settings(PRODUCTION | {"UNION_DATA_DIR": str(tmp_path)})
    with pytest.raises(SettingsError, match="secrets file"):
        load_keyring(settings)


def fresh() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@pytest.mark.parametrize("twice", ["index and signing", "index and k1", "k1 and k2"])
def test_no_two_keys_are_the_same(twice: str, tmp_path: Path) -> None:
    names = ["index", "signing", "k1", "k2"]
    keys = {name: fresh() for name in names}
    first, second = twice.split(" and ")
    keys[second] = keys[first]
    lines = ['active = "k1"', f'index = "{keys["index"]}"', f'signing = "{keys["signing"]}"', "[encryption]"]
    path = tmp_path / "secrets.toml"
    path.write_text("\n".join([*lines, f'k1 = "{keys["k1"]}"', f'k2 = "{keys["k2"]}"']))
    with pytest.raises(SettingsError, match="equal"):
        load_keyring(Settings(environment="test", data_dir=tmp_path))


def test_fresh_secrets_are_taken(tmp_path: Path) -> None:
    settings = Settings(environment="test", data_dir=tmp_path)
    write_secrets(secrets_path(settings))
    assert load_keyring(settings).active == "k1"
