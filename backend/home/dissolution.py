"""What keeps a union from being dissolved, seen across domains."""

from backend.core import database


async def what_still_depends(union_id: int) -> str | None:
    """The code of the sentence that says why not, or None when nothing depends on this union any more."""
    case = await database.scalar(
        "SELECT id FROM case_file WHERE (desk_union_id = %s OR target_union_id = %s)"
        " AND status IN ('submitted', 'in_review', 'returned', 'on_hold') LIMIT 1",
        union_id,
        union_id,
    )
    return None if case is None else "union_has_cases"
