"""What is loaded once at start and the same for every caller: settings, working days, divisions."""

from backend.core.divisions import Divisions
from backend.core.settings import Settings
from backend.core.workdays import Calendar, load_calendar

_settings: Settings | None = None
_calendar: Calendar | None = None
_divisions: Divisions | None = None


def load(settings: Settings) -> None:
    global _settings, _calendar, _divisions  # noqa: PLW0603 - loaded once at start
    _settings = settings
    _calendar = load_calendar(settings.config_dir / "holidays")
    _divisions = Divisions.load(settings.config_dir / "divisions")


def settings() -> Settings:
    if _settings is None:
        raise RuntimeError("reference.load was not called")
    return _settings


def calendar() -> Calendar:
    if _calendar is None:
        raise RuntimeError("reference.load was not called")
    return _calendar


def divisions() -> Divisions:
    if _divisions is None:
        raise RuntimeError("reference.load was not called")
    return _divisions
