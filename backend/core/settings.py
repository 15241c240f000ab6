"""Typed settings: defaults in config/settings.toml, overridden by UNION_* environment variables.

Secrets come from the environment or a file. The demo and the tests make their own; production refuses
to start without strong ones.
"""

import base64
import os
import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from backend.core.crypto import Keyring

ROOT = Path(__file__).resolve().parents[2]
CONFIG_DIR = ROOT / "config"
TEMPLATES_DIR = ROOT / "portal_templates"


class SettingsError(Exception):
    """The settings cannot be used; the message says which and why."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    environment: str  # demo, test or production
    host: str = "127.0.0.1"
    port: int = 8000
    data_dir: Path
    config_dir: Path = CONFIG_DIR
    database_url: str = ""  # empty: SQLite in data_dir
    redis_url: str = ""  # empty: the embedded Redis in data_dir
    web_processes: int = 1
    public_url: str = ""  # https://union.example.gov.cn; empty in the demo: taken from host and port
    trusted_proxies: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    county_division: str = "990121"
    county_name: str = "星城数字工会"
    allow_synthetic_ids: bool = False
    sms_provider: str = "console"
    address_limit_per_hour: int = 60
    reconfirm_after_days: int = 90  # a phone silent for longer may have changed hands
    secrets_file: str = ""  # empty: data_dir/secrets.toml, made on first start outside production
    log_level: str = "INFO"

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def is_demo(self) -> bool:
        return self.environment == "demo"

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'union.sqlite3'}"

    @property
    def audit_anchor(self) -> Path:
        """Where the head of the audit log is noted outside the database; copy it off this machine."""
        return self.data_dir / "audit-head"

    @property
    def base_url(self) -> str:
        return self.public_url or f"http://{self.host}:{self.port}"


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    config_dir = Path(environ.get("UNION_CONFIG_DIR", str(CONFIG_DIR)))
    values: dict[str, Any] = tomllib.loads((config_dir / "settings.toml").read_text("utf-8"))
    values["config_dir"] = str(config_dir)
    known = {field.name: field for field in msgspec.structs.fields(Settings)}
    for name, field in known.items():
        raw = environ.get(f"UNION_{name.upper()}")
        if raw is not None:
            values[name] = [part for part in raw.split(",") if part] if field.type == tuple[str, ...] else raw
    try:
        settings = msgspec.convert(values, Settings, strict=False, dec_hook=_path)
    except msgspec.ValidationError as exc:
        raise SettingsError(f"settings: {exc}") from exc
    _check(settings)
    return settings


def _path(kind: type, value: Any) -> Any:
    if kind is Path:
        return Path(value)
    raise TypeError(kind)


def _check(settings: Settings) -> None:
    if settings.environment not in ("demo", "test", "production"):
        raise SettingsError(f"environment must be demo, test or production, not {settings.environment!r}")
    if not settings.is_production:
        return
    if not settings.public_url.startswith("https://"):
        raise SettingsError("production needs public_url beginning with https://")
    if not settings.database_url.startswith(("mysql://", "mariadb://")):
        raise SettingsError("production needs a MariaDB database_url")
    if settings.allow_synthetic_ids:
        raise SettingsError("production must not accept synthetic identity numbers")
    if not settings.allowed_hosts:
        raise SettingsError("production needs allowed_hosts")


def load_keyring(settings: Settings) -> Keyring:
    """Keys from the secrets file; outside production the file is made when it is missing."""
    path = secrets_path(settings)
    if not path.exists():
        if settings.is_production:
            raise SettingsError(f"the secrets file {path.name} is missing; make one with `union keys new`")
        write_secrets(path)
    return _parse_keyring(tomllib.loads(path.read_text("utf-8")))


def secrets_path(settings: Settings) -> Path:
    return Path(settings.secrets_file) if settings.secrets_file else settings.data_dir / "secrets.toml"


def write_secrets(path: Path) -> None:
    """Fresh random keys into a new file that only its owner reads."""
    if path.exists():
        raise SettingsError(f"{path} exists: its keys open what is stored, so it is not overwritten")
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ['active = "k1"', f'index = "{_fresh()}"', f'signing = "{_fresh()}"', "", "[encryption]"]
    lines.append(f'k1 = "{_fresh()}"')
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _fresh() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _parse_keyring(values: dict[str, Any]) -> Keyring:
    try:
        keyring = Keyring(
            active=values["active"],
            encryption={kid: _key(kid, text) for kid, text in values["encryption"].items()},
            index=_key("index", values["index"]),
            signing=_key("signing", values["signing"]),
        )
    except KeyError as exc:
        raise SettingsError(f"the secrets file lacks {exc}") from exc
    if keyring.active not in keyring.encryption:
        raise SettingsError("the active encryption key is not among the keys")
    return keyring


def _key(name: str, text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError as exc:
        raise SettingsError(f"key {name} is not base64") from exc
    if len(key) != 32 or len(set(key)) < 12:
        raise SettingsError(f"key {name} must be 32 random bytes")
    return key
