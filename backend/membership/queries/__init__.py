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
    count_by_union,
    count_effective,
    effective_by_id_no,
    facts,
    facts_by_id_no,
    id_no_of,
    own,
    own_record,
)
from backend.membership.queries.search import detail, members_in_scope, visible_to

__all__ = [
    "already_member_hint",
    "card",
    "check_card",
    "count_by_union",
    "count_effective",
    "detail",
    "effective_by_id_no",
    "facts",
    "facts_by_id_no",
    "id_no_of",
    "import_options",
    "import_view",
    "imports_of",
    "members_in_scope",
    "own",
    "own_record",
    "report_rows",
    "visible_to",
]
