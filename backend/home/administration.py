"""What the keeper of the system does from the command line before anybody can sign in."""

from backend.core import database, ids
from backend.core.actor import SYSTEM
from backend.core.errors import Conflict, NotFound
from backend.unions import commands as unions
from backend.unions.enums import UnionKind, UnionLevel
from backend.unions.schemas import StaffInput, StaffMade, UnionInput


async def create_staff(username: str, display: str, union: str, role: str) -> StaffMade:
    """A staff account at the union of that name, or at the top of the tree; its first password."""
    if union:
        union_id = await database.scalar("SELECT id FROM union_org WHERE name = %s", union)
    else:
        union_id = await database.scalar("SELECT id FROM union_org WHERE parent_id IS NULL ORDER BY id")
    if union_id is None:
        raise NotFound("union_not_found")
    data = StaffInput(username=username, display=display, union_id=ids.public(union_id), roles=[role])
    return await unions.create_staff(data, SYSTEM)


async def found(name: str, level: str, division: str) -> str:
    """The top of the tree. Refused once there is one."""
    if await database.scalar("SELECT id FROM union_org LIMIT 1") is not None:
        raise Conflict("tree_exists")
    data = UnionInput(name=name, kind=UnionKind.GENERAL, level=UnionLevel(level), parent_id="", division=division)
    await unions.create_union(data, SYSTEM)
    return name
