"""Writes of unions, one file per family."""

from backend.unions.commands.covers import end_cover, name_cover
from backend.unions.commands.decided import (
    dissolve_by_decision,
    found_union,
    move_by_decision,
    note_term,
    rename_by_decision,
)
from backend.unions.commands.invites import make_invite, revoke_invite, use_invite
from backend.unions.commands.staff import (
    create_staff,
    grant_post,
    reset_staff,
    revoke_post,
    set_staff_enabled,
)
from backend.unions.commands.tree import (
    create_union,
    dissolve_union,
    move_union,
    rename_union,
    use_dissolution_check,
)

__all__ = [
    "create_staff",
    "create_union",
    "dissolve_by_decision",
    "dissolve_union",
    "end_cover",
    "found_union",
    "grant_post",
    "make_invite",
    "move_by_decision",
    "move_union",
    "name_cover",
    "note_term",
    "rename_by_decision",
    "rename_union",
    "reset_staff",
    "revoke_invite",
    "revoke_post",
    "set_staff_enabled",
    "use_dissolution_check",
    "use_invite",
]
