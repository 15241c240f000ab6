from tests.vouchers.conftest import app, county, services, shipped

__all__ = ["app", "county", "services", "shipped"]
