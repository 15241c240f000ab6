"""The consent texts of config/consents/, with versions and effective dates, checked at start."""

import functools
import hashlib
from datetime import date
from pathlib import Path

import msgspec

from backend.core import clock, reference
from backend.identity.enums import ConsentKind
from backend.identity.schemas import ConsentText


class _Version(msgspec.Struct, forbid_unknown_fields=True):
    version: str
    effective: date
    necessity: str
    effect: str
    paragraphs: list[str]


class _File(msgspec.Struct, forbid_unknown_fields=True):
    title: str
    versions: list[_Version]


_Texts = dict[ConsentKind, list[tuple[date, ConsentText]]]


def load(config_dir: Path) -> None:
    """Read every text; ValueError names a file that is wrong or missing."""
    _read(config_dir / "consents")


def current(kind: ConsentKind) -> ConsentText:
    """The version in force today."""
    versions = _read(reference.settings().config_dir / "consents")[kind]
    today = clock.today()
    in_force = [text for effective, text in versions if effective <= today]
    return (in_force or [versions[0][1]])[-1]


def title(kind: ConsentKind) -> str:
    return current(kind).title


@functools.cache
def _read(folder: Path) -> _Texts:
    return {kind: _read_file(folder / f"{kind.value}.yaml", kind) for kind in ConsentKind}


def _read_file(path: Path, kind: ConsentKind) -> list[tuple[date, ConsentText]]:
    try:
        file = msgspec.yaml.decode(path.read_bytes(), type=_File)
    except (OSError, msgspec.MsgspecError) as error:
        raise ValueError(f"{path}: {error}") from error
    if not file.versions:
        raise ValueError(f"{path}: there is no version")
    days = [version.effective for version in file.versions]
    if sorted(set(days)) != days or len({version.version for version in file.versions}) != len(days):
        raise ValueError(f"{path}: versions must be different and in order of their dates")
    return [(version.effective, _text(kind, file.title, version)) for version in file.versions]


def _text(kind: ConsentKind, heading: str, version: _Version) -> ConsentText:
    words = "\n".join([heading, version.necessity, version.effect, *version.paragraphs])
    return ConsentText(
        kind=kind,
        title=heading,
        version=version.version,
        hash=hashlib.sha256(words.encode()).hexdigest(),
        necessity=version.necessity,
        effect=version.effect,
        paragraphs=tuple(version.paragraphs),
    )
