"""The role catalogue of config/roles.yaml: which role may do what, and at which levels it exists."""

import functools
from pathlib import Path

import msgspec

from backend.core import reference
from backend.unions.enums import UnionLevel


class Role(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    levels: frozenset[UnionLevel]
    permissions: frozenset[str]


class Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`permissions` names every permission in words; `roles` are in the order they are offered."""

    permissions: dict[str, str]
    roles: dict[str, Role]


def load(config_dir: Path) -> Catalogue:
    """Read and check the file; ValueError says what is wrong with it."""
    return _read(config_dir / "roles.yaml")


def catalogue() -> Catalogue:
    return _read(reference.settings().config_dir / "roles.yaml")


def role_name(role: str) -> str:
    known = catalogue().roles.get(role)
    return known.name if known else role


def permissions_of(role: str) -> frozenset[str]:
    """Nothing for a role that the file does not know any more."""
    known = catalogue().roles.get(role)
    return known.permissions if known else frozenset()


@functools.cache
def _read(path: Path) -> Catalogue:
    try:
        found = msgspec.yaml.decode(path.read_bytes(), type=Catalogue)
    except (OSError, msgspec.MsgspecError) as error:
        raise ValueError(f"{path}: {error}") from error
    for code, role in found.roles.items():
        unknown = sorted(role.permissions - set(found.permissions))
        if unknown:
            raise ValueError(f"{path}: role {code} has the unknown permission {unknown[0]}")
        if not role.levels:
            raise ValueError(f"{path}: role {code} exists at no level")
    return found
