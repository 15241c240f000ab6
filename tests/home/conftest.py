from tests.casework.conftest import app, samples, services, world

__all__ = ["app", "samples", "services", "world"]
