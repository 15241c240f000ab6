"""Reads of membership. `visible_to` keeps staff inside their own branches; a person sees only themselves."""

from backend.membership.queries.cards import card, check_card
from backend.membership.queries.imports import (
    import_options,
    import_view,
    imports_of,
    report_rows,
)
from backend.membership.queries.members import (
    already_member_hint,
    born_in,
    count_by_union,
    count_effective,
    effective_by_id_no,
    facts,
    facts_by_id_no,
    has_id_no,
    id_no_index,
    id_no_of,
    ids_by_id_no,
    in_groups,
    own,
    own_record,
)
from backend.membership.queries.search import (
    MANAGE,
    RELEASE,
    detail,
    members_in_scope,
    unbound_phone,
    visible_to,
)
from backend.membership.queries.taking_out import LINE_COLUMNS, count_lines, member_lines

__all__ = [
    "LINE_COLUMNS",
    "MANAGE",
    "RELEASE",
    "already_member_hint",
    "born_in",
    "card",
    "check_card",
    "count_by_union",
    "count_effective",
    "count_lines",
    "detail",
    "effective_by_id_no",
    "facts",
    "facts_by_id_no",
    "has_id_no",
    "id_no_index",
    "id_no_of",
    "ids_by_id_no",
    "import_options",
    "import_view",
    "imports_of",
    "in_groups",
    "member_lines",
    "members_in_scope",
    "own",
    "own_record",
    "report_rows",
    "unbound_phone",
    "visible_to",
]
