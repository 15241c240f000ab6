"""Whose a case is, once more is known of a person than when it was filed."""

from backend.core import audit, database
from backend.core.actor import SYSTEM
from backend.core.command import command


@command
async def belong_to_member(*, member_id: int, id_no_index: str, account_id: int, came_from: int | None) -> None:
    """The member of this account has confirmed who they are: cases about that identity number are theirs.

    So are those filed with `came_from`, the account they used until then. Doing it again changes nothing.
    """
    about = await database.execute(
        "UPDATE case_file SET member_id = %s WHERE id_no_index = %s AND member_id IS NULL", member_id, id_no_index
    )
    filed = 0
    if came_from is not None:
        filed = await database.execute(
            "UPDATE case_file SET applicant_id = %s WHERE applicant_id = %s", account_id, came_from
        )
    if about or filed:
        detail = {"about": about, "filed": filed}
        await audit.record(SYSTEM, "cases.belong", object_kind="member", object_id=member_id, detail=detail)
