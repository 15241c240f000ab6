"""A county whose unions have social workers, and the commands that keep the register, with their figures at hand."""

from datetime import date
from typing import Any

import msgspec

from backend.core import clock, crypto, database, ids, national
from backend.core.actor import Actor
from backend.grading import commands
from backend.grading.enums import Post, TrainingKind, YearResult
from backend.grading.worker_schemas import Because, NewWorker, Training
from backend.identity.models import Account
from backend.membership import commands as membership
from backend.membership.schemas import NewMember
from backend.unions.models import Union
from tests.casework.world import new_union, staff


class Register(msgspec.Struct):
    """`town` and `far_town` see nothing of each other; the county sees both."""

    county: Union
    town: Union
    far_town: Union
    manager: Actor
    clerk: Actor
    far_clerk: Actor
    leader: Actor
    people: int = 0
    accounts: int = 0

    def number(self) -> str:
        self.people += 1
        return national.synthetic_id_no(date(1985, 3, 7), self.people)

    async def hire(self, on: date, *, post: Post = Post.JUNIOR, grade: int = 1, **more: Any) -> str:
        """Somebody in the register of the town; the public id."""
        data = NewWorker(
            name=more.get("name", "王小工"),
            id_no=more.get("id_no") or self.number(),
            union_id=ids.public(more.get("union", self.town).id),
            hired_on=on,
            post=post,
            start_grade=grade,
            reason="补录在岗人员",
        )
        return await commands.enter_worker(more.get("by", self.manager), data=data)

    async def appraised(self, worker: str, *years: tuple[int, YearResult]) -> None:
        for year, result in years:
            await commands.appraise_worker(
                self.manager, index=await index_of(worker), year=year, result=result, because=because()
            )

    async def trained(self, worker: str, on: date, kind: TrainingKind = TrainingKind.CYCLE) -> None:
        training = Training(on=on, kind=kind, hours="24")
        await commands.train_worker(
            self.manager, index=await index_of(worker), training=training, because=because("按计划轮训")
        )

    async def account(self, worker: str) -> Actor:
        """The worker as a member with an account."""
        number = await number_of(worker)
        account_id = ids.new_id()
        self.accounts += 1
        phone = f"154{self.accounts:08d}"
        await Account.create(
            id=account_id,
            kind="person",
            phone_index=crypto.blind_index("phone", phone),
            phone_sealed=crypto.seal(phone, context=f"account/phone/{account_id}"),
            display=national.mask_phone(phone),
            created_at=clock.now(),
        )
        known = NewMember(name="王小工", id_no=number, phone=phone, division="990121001", employ_form="contract")
        await membership.admit(
            self.manager, applicant=known, union_id=self.town.id, account_id=account_id, reference="RH2020-000001"
        )
        member_id = await database.scalar("SELECT member_id FROM account WHERE id = %s", account_id)
        return Actor(kind="person", account_id=account_id, member_id=member_id)


async def build() -> Register:
    county = await new_union("星城县总工会", "county", "990121", None)
    town = await new_union("黄枫镇总工会", "town", "990121001", county)
    far_town = await new_union("松坡镇总工会", "town", "990121002", county)
    return Register(
        county=county,
        town=town,
        far_town=far_town,
        manager=await staff("吴小安", (county, "dept_org")),
        clerk=await staff("李大明", (town, "dept_org")),
        far_clerk=await staff("周小华", (far_town, "dept_org")),
        leader=await staff("吴小平", (county, "leader")),
    )


def because(reason: str = "考核结果已经公示", key: str = "") -> Because:
    return Because(reason=reason, key=key)


async def index_of(worker: str) -> str:
    return await database.scalar("SELECT id_no_index FROM social_worker WHERE id = %s", ids.parse(worker))


async def number_of(worker: str) -> str:
    row_id = ids.parse(worker)
    sealed = await database.scalar("SELECT id_no_sealed FROM social_worker WHERE id = %s", row_id)
    return crypto.open_sealed(sealed, context=f"social_worker/id_no/{row_id}")


async def row_of(worker: str) -> dict[str, Any]:
    [row] = await database.rows(
        "SELECT hired_on, start_grade, confirmed_grade, grade, post_now, capped, next_on, training_due_on, left_on,"
        " version FROM social_worker WHERE id = %s",
        ids.parse(worker),
    )
    return {name: str(value) if name.endswith("_on") and value else value for name, value in row.items()}
