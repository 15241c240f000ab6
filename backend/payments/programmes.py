"""Which programmes are paid out of the budget of which name: config/programmes.yaml."""

from functools import cache

import yaml

from backend.core.settings import CONFIG_DIR


@cache
def _names() -> dict[str, tuple[str, ...]]:
    found = yaml.safe_load((CONFIG_DIR / "programmes.yaml").read_text("utf-8"))
    return {name: tuple(programmes) for name, programmes in found.items()}


def budget_name(programme: str) -> str:
    """A programme that the file does not name has a budget of its own name."""
    return next((name for name, programmes in _names().items() if programme in programmes), programme)


def of_budget(name: str) -> tuple[str, ...]:
    return _names().get(name, (name,))
