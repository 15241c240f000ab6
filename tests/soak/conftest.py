from tests.walkers.conftest import app, every_door, walker, worlds

__all__ = ["app", "every_door", "walker", "worlds"]
