from backend.aid.commands.benefits import grant_benefit, raise_benefit
from backend.aid.commands.condolences import grant_condolence, set_standard
from backend.aid.commands.festivals import register_issue, revoke_issue
from backend.aid.commands.hardship import open_file, review_file
from backend.aid.commands.intakes import (
    change_intake,
    close_intake,
    grant_in_intake,
    list_in_intake,
    publish_intake,
    set_exclusion,
)
from backend.aid.commands.policies import note_fee, open_policies, refund_policy, remind_policies, return_fee
from backend.aid.commands.visits import answer_visit, make_visit_list, note_visit
from backend.aid.commands.wares import move_ware, open_ware

__all__ = [
    "answer_visit",
    "change_intake",
    "close_intake",
    "grant_benefit",
    "grant_condolence",
    "grant_in_intake",
    "list_in_intake",
    "make_visit_list",
    "move_ware",
    "note_fee",
    "note_visit",
    "open_file",
    "open_policies",
    "open_ware",
    "publish_intake",
    "raise_benefit",
    "refund_policy",
    "register_issue",
    "remind_policies",
    "return_fee",
    "review_file",
    "revoke_issue",
    "set_exclusion",
    "set_standard",
]
