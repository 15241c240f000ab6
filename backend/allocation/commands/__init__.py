from backend.allocation.commands.claims import claim, release, release_many, reserve
from backend.allocation.commands.draws import draw, enter, open_draw
from backend.allocation.commands.places import give_back_many, take, take_many
from backend.allocation.commands.pools import change_capacity, close_pool, move_places, open_pool, pause, resume
from backend.allocation.commands.rush import in_turn
from backend.allocation.commands.waiting import accept_offer, decline_offer, join_waiting, lapse_offers
from backend.allocation.refusals import AlreadyClaimed, SoldOut

__all__ = [
    "AlreadyClaimed",
    "SoldOut",
    "accept_offer",
    "change_capacity",
    "claim",
    "close_pool",
    "decline_offer",
    "draw",
    "enter",
    "give_back_many",
    "in_turn",
    "join_waiting",
    "lapse_offers",
    "move_places",
    "open_draw",
    "open_pool",
    "pause",
    "release",
    "release_many",
    "reserve",
    "resume",
    "take",
    "take_many",
]
