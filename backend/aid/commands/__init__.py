from backend.aid.commands.policies import note_fee, open_policies, refund_policy, remind_policies

__all__ = ["note_fee", "open_policies", "refund_policy", "remind_policies"]
