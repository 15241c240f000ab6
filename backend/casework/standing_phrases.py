"""The phrases of config/phrases.yaml, which every desk is offered."""

import functools
from pathlib import Path

import msgspec

from backend.casework.rules import MAX_PHRASE
from backend.core import reference


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    shared: tuple[str, ...]


def load(config_dir: Path) -> tuple[str, ...]:
    """Read and check the file; ValueError says what is wrong with it."""
    return _read(config_dir / "phrases.yaml")


def shared() -> tuple[str, ...]:
    return _read(reference.settings().config_dir / "phrases.yaml")


@functools.cache
def _read(path: Path) -> tuple[str, ...]:
    try:
        found = msgspec.yaml.decode(path.read_bytes(), type=_File).shared
    except (OSError, msgspec.MsgspecError) as error:
        raise ValueError(f"{path}: {error}") from error
    for number, phrase in enumerate(found, 1):
        if not 0 < len(phrase.strip()) <= MAX_PHRASE:
            raise ValueError(f"{path}: phrase {number} has to have 1 to {MAX_PHRASE} characters")
    if len(set(found)) < len(found):
        raise ValueError(f"{path}: a phrase is there twice")
    return found
