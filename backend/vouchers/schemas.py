"""Inputs and Views of vouchers."""

from datetime import date, datetime

import msgspec

from backend.vouchers.enums import CampaignKind, CampaignMode, Outer


class CampaignInput(msgspec.Struct, kw_only=True, forbid_unknown_fields=False):
    """A campaign as it is proposed. An empty `target_rule` means every member in good standing; no shop means all."""

    name: str
    kind: CampaignKind = CampaignKind.VOUCHER
    mode: CampaignMode
    face_value_fen: int
    threshold_fen: int = 0
    total: int
    per_member: int = 1
    shops: list[str] = []
    opens_at: datetime
    closes_at: datetime
    valid_until: date
    target_rule: str = ""
    outer: Outer | None = None
    budget_id: str
    text: str = ""
    attachments: dict[str, list[str]] = {}
