"""People invented for trying the demo are accepted like everybody, and each is another."""

from backend.core import clock, national
from backend.demo import places


def test_strangers_differ_and_are_accepted() -> None:
    found = [places.stranger() for _ in range(200)]
    assert len({one.id_no for one in found}) == 200
    for one in found:
        parsed = national.parse_id_no(one.id_no, allow_synthetic=True, today=clock.today())
        assert parsed.number == one.id_no
        assert national.age_on(parsed.birth, clock.today()) >= 16
        assert national.parse_phone(one.phone) == one.phone
        assert one.name
