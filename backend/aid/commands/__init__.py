from backend.aid.commands.benefits import grant_benefit, raise_benefit
from backend.aid.commands.hardship import open_file, review_file
from backend.aid.commands.policies import note_fee, open_policies, refund_policy, remind_policies

__all__ = [
    "grant_benefit",
    "note_fee",
    "open_file",
    "open_policies",
    "raise_benefit",
    "refund_policy",
    "remind_policies",
    "review_file",
]
