from backend.vouchers.queries.campaigns import public_campaign, public_campaigns
from backend.vouchers.queries.desk import desk_campaign, desk_campaigns, preview
from backend.vouchers.queries.wallet import own_voucher, own_vouchers, scan_code

__all__ = [
    "desk_campaign",
    "desk_campaigns",
    "own_voucher",
    "own_vouchers",
    "preview",
    "public_campaign",
    "public_campaigns",
    "scan_code",
]
