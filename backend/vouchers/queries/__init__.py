from backend.allocation.proof import PROGRAM as DRAW_PROGRAM
from backend.vouchers.queries.campaigns import (
    as_shown_now,
    campaign_words,
    county_of,
    public_campaign,
    public_campaigns,
)
from backend.vouchers.queries.desk import desk_campaign, desk_campaigns, preview
from backend.vouchers.queries.given import gifts_given
from backend.vouchers.queries.looked_up import desk_voucher, find_vouchers
from backend.vouchers.queries.lots import losers, public_draw, public_draw_words
from backend.vouchers.queries.moves import move_made, moving_stations, station_gifts, station_moves
from backend.vouchers.queries.nearby import nearby_shops, townships_with_shops
from backend.vouchers.queries.offline import offline_terms
from backend.vouchers.queries.parts import members_of_part
from backend.vouchers.queries.redemptions import shop_redemptions, till_redemption, till_redemptions, uses_of
from backend.vouchers.queries.settlements import (
    desk_settlement,
    last_settlement,
    settlement_due,
    shop_settlements,
    till_settlements,
)
from backend.vouchers.queries.shops import desk_shop, desk_shops, till_of
from backend.vouchers.queries.staffing import cashiers_of, managers_of, merchant_posts, own_shop, own_shops
from backend.vouchers.queries.statements import (
    settlement_sheet,
    shop_sheet,
    shop_statement,
    till_settlement_sheet,
    till_sheet,
    till_statement,
)
from backend.vouchers.queries.stations import (
    desk_handover,
    desk_station,
    desk_stations,
    handovers,
    staffed_stations,
)
from backend.vouchers.queries.wallet import claimable, own_voucher, own_vouchers, scan_code, standing, usable_count

__all__ = [
    "DRAW_PROGRAM",
    "as_shown_now",
    "campaign_words",
    "cashiers_of",
    "claimable",
    "county_of",
    "desk_campaign",
    "desk_campaigns",
    "desk_handover",
    "desk_settlement",
    "desk_shop",
    "desk_shops",
    "desk_station",
    "desk_stations",
    "desk_voucher",
    "find_vouchers",
    "gifts_given",
    "handovers",
    "last_settlement",
    "losers",
    "managers_of",
    "members_of_part",
    "merchant_posts",
    "move_made",
    "moving_stations",
    "nearby_shops",
    "offline_terms",
    "own_shop",
    "own_shops",
    "own_voucher",
    "own_vouchers",
    "preview",
    "public_campaign",
    "public_campaigns",
    "public_draw",
    "public_draw_words",
    "scan_code",
    "settlement_due",
    "settlement_sheet",
    "shop_redemptions",
    "shop_settlements",
    "shop_sheet",
    "shop_statement",
    "staffed_stations",
    "standing",
    "station_gifts",
    "station_moves",
    "till_of",
    "till_redemption",
    "till_redemptions",
    "till_settlement_sheet",
    "till_settlements",
    "till_sheet",
    "till_statement",
    "townships_with_shops",
    "usable_count",
    "uses_of",
]
