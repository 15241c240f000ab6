"""What follows from what happens to members, accounts and unions."""

from backend.casework import commands as case_commands
from backend.core.actor import SYSTEM
from backend.identity import events as accounts
from backend.identity import queries as identity
from backend.membership import commands as members
from backend.membership import events as membership
from backend.membership import queries as roll
from backend.notifications import commands as notifications
from backend.notifications.enums import Audience, Notice
from backend.notifications.schemas import Recipient
from backend.unions import events as unions
from backend.unions import queries as union_queries
from backend.web.pages import date_zh


async def welcome(event: membership.MemberAdmitted, key: str) -> bool:
    member = await roll.facts(event.member_id)
    account_id = (await identity.accounts_of_members([event.member_id])).get(event.member_id)
    if member is not None and account_id is not None:
        values = {"union": member.union_name, "member_no": member.member_no}
        to = [Recipient(account_id=account_id)]
        await notifications.notify(Notice.MEMBER_ADMITTED, Audience.MEMBER, recipients=to, values=values, key=key)
    return True


async def bring_cases(event: accounts.AccountBound, key: str) -> bool:
    index = await roll.id_no_index(event.member_id)
    if index is not None:
        await case_commands.belong_to_member(
            member_id=event.member_id, id_no_index=index, account_id=event.account_id, came_from=event.came_from
        )
    return True


async def work_roll(event: membership.RollImportRequested, key: str) -> bool:
    return await members.import_chunk(event.import_id)


async def keep_members(event: unions.UnionDissolved, key: str) -> bool:
    return await members.keep_at_parent(SYSTEM, union_id=event.union_id, parent_id=event.parent_id, merged=event.merged)


async def tell_cover(event: unions.CoverNamed, key: str) -> bool:
    cover = await union_queries.cover_of(event.cover_id)
    if cover is not None:
        values = {"absent": cover.absent, "from": date_zh(cover.from_on), "until": date_zh(cover.until_on)}
        to = [Recipient(account_id=cover.cover_id)]
        await notifications.notify(Notice.COVER_NAMED, Audience.HANDLER, recipients=to, values=values, key=key)
    return True
