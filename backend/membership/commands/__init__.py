"""Writes of membership, one file per family."""

from backend.membership.commands.accounts import confirm_identity, forget_tries, release_phone, reveal_field
from backend.membership.commands.changes import change_by_decision, change_status, keep_at_parent, transfer
from backend.membership.commands.joining import admit, admitted_before, why_not
from backend.membership.commands.roll import import_chunk, request_import

__all__ = [
    "admit",
    "admitted_before",
    "change_by_decision",
    "change_status",
    "confirm_identity",
    "forget_tries",
    "import_chunk",
    "keep_at_parent",
    "release_phone",
    "request_import",
    "reveal_field",
    "transfer",
    "why_not",
]
