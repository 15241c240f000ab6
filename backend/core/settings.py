"""Typed settings: defaults in config/settings.toml, overridden by UNION_* environment variables.

Secrets come from the environment or a file. The demo and the tests make their own; production refuses
to start without strong ones.
"""

import base64
import difflib
import os
import secrets
import tomllib
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

from backend.core.crypto import Keyring

ROOT = Path(__file__).resolve().parents[2]
CONFIG_DIR = ROOT / "config"
TEMPLATES_DIR = ROOT / "portal_templates"

PREFIX = "UNION_"
# Read by the tests, never by the product.
_OF_THE_TESTS = ("UNION_TEST_", "UNION_WRITE_")
SHORTEST_PASSWORD = 12
SHORTEST_TOKEN = 20
# A whole workplace behind one address fits in; guessing codes from one address does not pay.
MOST_PER_ADDRESS = 600
# A session of staff ends after so long anyway.
MOST_TILL_HOURS = 12


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
    sms_provider: str = "console"  # console, none, aliyun or tencent
    sms_key_id: str = ""
    sms_secret: str = ""
    sms_sign_name: str = ""
    sms_app_id: str = ""  # Tencent's SmsSdkAppId
    sms_endpoint: str = ""  # empty: the provider's own
    sms_receipt_secret: str = ""  # the end of the address to which the provider reports; empty: it reports nothing
    address_limit_per_hour: int = 60
    till_idle_hours: int = 12  # how long a till may stand unused before its cashier signs in again
    reconfirm_after_days: int = 90  # a phone silent for longer may have changed hands
    metrics_token: str = ""  # who knows it may read /metrics from elsewhere; empty: this machine alone
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
    of_the_demo = values.pop("demo", {})
    given = _given(environ)
    if given.get("environment", values.get("environment")) == "demo":
        values |= of_the_demo
    try:
        settings = msgspec.convert(
            values | given | {"config_dir": str(config_dir)}, Settings, strict=False, dec_hook=_path
        )
    except msgspec.ValidationError as exc:
        raise SettingsError(f"settings: {exc}") from exc
    if settings.environment not in ("demo", "test", "production"):
        raise SettingsError(f"environment must be demo, test or production, not {settings.environment!r}")
    if settings.is_production:
        _check_production(settings)
    return settings


def _given(environ: Mapping[str, str]) -> dict[str, Any]:
    """What the environment sets. A name that is no setting stops the start: it may be a mistyped guard."""
    known = {PREFIX + field.name.upper(): field for field in msgspec.structs.fields(Settings)}
    given: dict[str, Any] = {}
    for name, raw in environ.items():
        if not name.startswith(PREFIX) or name.startswith(_OF_THE_TESTS):
            continue
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise SettingsError(f"{name} is no setting" + (f"; did you mean {near[0]}?" if near else ""))
        field = known[name]
        given[field.name] = [part for part in raw.split(",") if part] if field.type == tuple[str, ...] else raw
    return given


def _path(kind: type, value: Any) -> Any:
    if kind is Path:
        return Path(value)
    raise TypeError(kind)


def _check_production(settings: Settings) -> None:
    """Refuse what is good enough for trying the product out, and nowhere else."""
    for holds, sentence in _demands(settings):
        if not holds:
            raise SettingsError(f"production {sentence}")


def _demands(settings: Settings) -> list[tuple[bool, str]]:
    limit, token = settings.address_limit_per_hour, settings.metrics_token
    return [
        (settings.public_url.startswith("https://"), "needs public_url beginning with https://"),
        (settings.database_url.startswith(("mysql://", "mariadb://")), "needs a MariaDB database_url"),
        (
            _is_strong(settings.database_url),
            f"needs a database password of {SHORTEST_PASSWORD} characters or more, and not a guessable one",
        ),
        (not settings.allow_synthetic_ids, "must not accept synthetic identity numbers: unset allow_synthetic_ids"),
        (bool(settings.allowed_hosts), "needs allowed_hosts"),
        (bool(settings.trusted_proxies), "needs trusted_proxies: the address of the proxy that terminates TLS"),
        (
            all(map(_is_address, settings.trusted_proxies)),
            "takes only single addresses as trusted_proxies: whoever else sends X-Forwarded-For may say anything",
        ),
        (settings.sms_provider != "console", "cannot use sms_provider console: it sends nothing and keeps codes"),
        (
            0 < limit <= MOST_PER_ADDRESS,
            f"needs address_limit_per_hour between 1 and {MOST_PER_ADDRESS}, not {limit}",
        ),
        (
            0 < settings.till_idle_hours <= MOST_TILL_HOURS,
            f"needs till_idle_hours between 1 and {MOST_TILL_HOURS}, not {settings.till_idle_hours}",
        ),
        (
            not token or len(token) >= SHORTEST_TOKEN,
            f"needs a metrics_token of {SHORTEST_TOKEN} characters or more, or none",
        ),
        (
            not settings.sms_receipt_secret or len(settings.sms_receipt_secret) >= SHORTEST_TOKEN,
            f"needs an sms_receipt_secret of {SHORTEST_TOKEN} characters or more, or none",
        ),
    ]


def _is_strong(database_url: str) -> bool:
    parts = urlsplit(database_url)
    password = unquote(parts.password or "")
    return len(password) >= SHORTEST_PASSWORD and len(set(password)) >= 6 and (parts.username or "") not in password


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


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
    keys = [*keyring.encryption.values(), keyring.index, keyring.signing]
    if len(set(keys)) < len(keys):
        raise SettingsError("two keys of the secrets file are equal: each needs random bytes of its own")
    return keyring


def _key(name: str, text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError as exc:
        raise SettingsError(f"key {name} is not base64") from exc
    if len(key) != 32 or len(set(key)) < 12:
        raise SettingsError(f"key {name} must be 32 random bytes")
    return key
