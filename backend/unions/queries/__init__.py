"""Reads of unions. `visible_to` and `within` keep staff inside their own branches of the tree."""

from backend.unions.queries.covers import cover_choices, cover_of, covers_page
from backend.unions.queries.desks import desk_for, desks_of, holders, load_desks, posts_of, staff_view
from backend.unions.queries.invites import invite_poster, invite_view, invites_of, normal_code
from backend.unions.queries.places import (
    ancestors,
    is_active,
    is_root,
    joinable,
    place,
    place_in_scope,
    place_named,
    places,
    resolve_by_division,
    visible_to,
    within,
)
from backend.unions.queries.staff import grantable_roles, staff_in_scope, staff_row
from backend.unions.queries.tree import choices_in_scope, list_tree, open_union, possible_parents

__all__ = [
    "ancestors",
    "choices_in_scope",
    "cover_choices",
    "cover_of",
    "covers_page",
    "desk_for",
    "desks_of",
    "grantable_roles",
    "holders",
    "invite_poster",
    "invite_view",
    "invites_of",
    "is_active",
    "is_root",
    "joinable",
    "list_tree",
    "load_desks",
    "normal_code",
    "open_union",
    "place",
    "place_in_scope",
    "place_named",
    "places",
    "possible_parents",
    "posts_of",
    "resolve_by_division",
    "staff_in_scope",
    "staff_row",
    "staff_view",
    "visible_to",
    "within",
]
