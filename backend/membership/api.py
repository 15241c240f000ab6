"""JSON doors of membership."""

from dataclasses import dataclass
from typing import Any

from litestar import Request, get, post
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, Reference, RequestBody, Schema
from litestar.params import FromPath, FromQuery, JSONBody

from backend.membership import commands, queries
from backend.membership.schemas import CardView, ConfirmInput, ImportStarted, ImportView, MemberBrief, MemberDetail
from backend.membership.uploads import sheet_of
from backend.web.access import PERSON, CurrentActor, may
from backend.web.media import MULTIPART
from backend.web.paging import Page, PageLimit


@dataclass
class SheetOperation(Operation):
    """Describes the multipart body, which the handler reads by itself."""

    def __post_init__(self) -> None:
        fields: dict[str, Reference | Schema] = {
            "sheet": Schema(
                type=OpenAPIType.STRING,
                content_media_type="application/octet-stream",
                description="xlsx or csv, up to 10 MB",
            ),
            "union_id": Schema(type=OpenAPIType.STRING, description="Default: the union of one's own post"),
            "dry_run": Schema(type=OpenAPIType.BOOLEAN, description="Report only, write no member"),
        }
        form = Schema(type=OpenAPIType.OBJECT, properties=fields, required=["sheet"])
        self.request_body = RequestBody(content={"multipart/form-data": OpenAPIMediaType(schema=form)}, required=True)


@get("/me/card", opt=PERSON)
async def show_card(actor: CurrentActor) -> CardView:
    """The electronic member card. Its code lives under a minute; fetch the card again before `expires_in`."""
    return await queries.card(actor)


@post("/me/member/confirmation", opt=PERSON, status_code=200)
async def confirm_identity(data: JSONBody[ConfirmInput], actor: CurrentActor) -> MemberBrief:
    """Tie the account to the member record that lists its phone, by the identity number of that record."""
    return await commands.confirm_identity(actor, id_no=data.id_no)


@post("/me/member/disown", opt=PERSON, status_code=204)
async def disown_member(actor: CurrentActor) -> None:
    """This phone is mine, the member's record is not: the two part at once, and the session goes on without it."""
    await commands.disown(actor)


@get("/desk/members", opt=may("member.view"))
async def find_members(
    actor: CurrentActor,
    q: FromQuery[str] = "",
    status: FromQuery[str] = "",
    limit: PageLimit = 20,
    cursor: FromQuery[str | None] = None,
) -> Page[MemberBrief]:
    """Members of one's scope by start of name, initials or number, or by whole phone or identity number."""
    return await queries.members_in_scope(actor, q=q, status=status, limit=limit, cursor=cursor)


@get("/desk/members/{member:str}", opt=may("member.view"))
async def show_member(member: FromPath[str], actor: CurrentActor) -> MemberDetail:
    """One member with history; sensitive values are masked."""
    return await queries.detail(member, actor)


@post("/desk/members/import", opt=may("member.import") | MULTIPART, status_code=202, operation_class=SheetOperation)
async def import_members(request: Request[Any, Any, Any], actor: CurrentActor) -> ImportStarted:
    """Bring in an existing roll. The same sheet again changes nothing."""
    sheet = await sheet_of(request, actor)
    started = await commands.request_import(
        actor, content=sheet.content, name=sheet.name, union=sheet.union, dry_run=sheet.dry_run
    )
    return ImportStarted(id=started)


@get("/desk/members/import/{import_id:str}", opt=may("member.import"))
async def show_import(import_id: FromPath[str], actor: CurrentActor) -> ImportView:
    """How far an import is, and what became of its rows."""
    return await queries.import_view(import_id, actor)


routes = [show_card, confirm_identity, disown_member, find_members, show_member, import_members, show_import]
