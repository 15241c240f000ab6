from backend.vouchers.commands.claims import claim
from backend.vouchers.commands.distribution import distribute, run, stop
from backend.vouchers.commands.ending import expire
from backend.vouchers.commands.proposals import NotEligible, open_approved, propose, refuse

__all__ = ["NotEligible", "claim", "distribute", "expire", "open_approved", "propose", "refuse", "run", "stop"]
