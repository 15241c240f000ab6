"""Campaigns and people of the tests of vouchers."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec

from backend.vouchers.enums import CampaignMode
from backend.vouchers.schemas import CampaignInput


def proposal(**changes: Any) -> CampaignInput:
    """A hundred vouchers of fifty yuan, for whoever comes first."""
    given = CampaignInput(
        name="三月消费券",
        mode=CampaignMode.CLAIM,
        face_value_fen=5_000,
        threshold_fen=10_000,
        total=100,
        opens_at=datetime(2026, 3, 10, 1, 0, tzinfo=UTC),
        closes_at=datetime(2026, 3, 20, 10, 0, tzinfo=UTC),
        valid_until=date(2026, 3, 31),
        budget_id="0000000000001",
    )
    return msgspec.structs.replace(given, **changes)
