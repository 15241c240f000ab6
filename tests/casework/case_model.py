"""What a case is, in plain Python: no database, no forms, no actors but by name. Every move is a method that raises
`Refused` with the code of the refusal, or changes the model as the product should change the case.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from backend.core import clock, reference

OPEN = ("submitted", "in_review", "returned", "on_hold")
UNDECIDED = ("submitted", "in_review")
LIMIT_DAYS, HOLD_DAYS, REOPEN_DAYS, TALK_DAYS = 5, 3, 30, 15
UNDO = timedelta(minutes=10)
UNIT, TOWN, COUNTY = range(3)  # the steps; the town's needs two people

# Lines of the history that make an older page wrong.
SETTLING = frozenset(
    ("sign", "approve", "return", "reject", "transfer", "hold", "release", "correct", "withdraw", "reopen")
)


class Desk(NamedTuple):
    union: str
    role: str


STAFF = {
    "officer": Desk("unit", "officer"),
    "clerk": Desk("town", "desk"),
    "second_clerk": Desk("town", "desk"),
    "far_clerk": Desk("far_town", "desk"),
    "aid": Desk("county", "dept_aid"),
    "manager": Desk("county", "admin"),
}
DEPUTY = "far_clerk"  # whoever is away is covered by them
ASKED = STAFF["aid"]  # the desk whose opinion is asked
STAND_INS = ("officer", "desk", "dept_org", "leader", "admin")
STEP_ROLES = ("officer", "desk", "dept_aid")
LEVELS = {"unit": UNIT, "town": TOWN, "far_town": TOWN, "county": COUNTY}
RESTING_FIELD = "fee"  # on which the first approval rests


class Refused(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Batch:
    def __init__(self, who: str, action: str) -> None:
        self.who, self.action = who, action
        self.due, self.state = clock.now() + UNDO, "pending"


class Model:
    def __init__(self, *, large: bool) -> None:
        self.above_unit = "town"
        self.large = large  # a large sum is decided by the county, too
        self.status, self.step, self.desk = "submitted", UNIT, STAFF["officer"]
        self.round = self.version = 1
        self.due: date | None = reference.calendar().due_on(clock.today(), LIMIT_DAYS)
        self.left: int | None = None
        self.held_until: date | None = None
        self.decided_at: datetime | None = None
        self.urged_at: datetime | None = None
        self.signed: str | None = None
        self.batch: Batch | None = None  # in which the case lies
        self.last_batch: Batch | None = None
        self.question = ""  # open, answered, lapsed; empty before the first one
        self.recused: set[str] = set()
        self.covers: dict[str, date] = {}  # who is away, and until when
        self.gone: set[str] = set()  # whose account is disabled
        self.flagged = ""  # the field that was given back
        self.history = ["submit"]

    # Who is who.

    def above(self, union: str) -> list[str]:
        """The union itself and those above it."""
        towns = {"unit": ["unit", self.above_unit, "county"], "county": ["county"]}
        return towns.get(union, [union, "county"])

    def away(self, who: str) -> bool:
        return who in self.covers and self.covers[who] >= clock.today()

    def desks_of(self, who: str) -> set[Desk]:
        covered = [one for one in STAFF if who == DEPUTY and self.away(one)]
        return {STAFF[one] for one in (who, *covered) if one not in self.gone}

    def held(self) -> set[Desk]:
        return {desk for one, desk in STAFF.items() if one not in self.gone}

    def place(self, step: int) -> Desk:
        """Where a step goes now: to its role or else a stand-in, the nearest union first."""
        unions = [union for union in self.above("unit") if LEVELS[union] >= step]
        desks = [Desk(union, role) for role in (STEP_ROLES[step], *STAND_INS) for union in unions]
        return next(desk for desk in desks if desk in self.held())

    def serves(self, who: str) -> bool:
        return self.desk in self.desks_of(who)

    def sees(self, who: str) -> bool:
        branches = {*self.above(self.desk.union), *self.above("unit")}
        return any(desk.union in branches for desk in self.desks_of(who))

    def others(self, desk: Desk, who: str) -> list[str]:
        """Who of this desk could take the case, besides `who`."""
        holders = [one for one in STAFF if STAFF[one] == desk and one not in self.gone]
        serving = {DEPUTY if self.away(one) else one for one in holders}
        return [one for one in serving if one != who and one not in self.recused]

    def turn(self) -> str:
        """Somebody who can go on with the case, where there is anybody."""
        serving = [one for one in STAFF if self.serves(one)]
        free = [one for one in serving if one not in self.recused and one != self.signed]
        return (free or serving or ["aid"])[0]

    # What a desk has to be told before anything else.

    def late(self) -> str:
        return "already_decided" if SETTLING & set(self.history) else "case_changed"

    def enter(self, who: str, shift: int = 0, *, action: str = "", batch: Batch | None = None) -> None:
        """`shift`: by how many versions the page is not that of now."""
        if not self.serves(who):
            asked = self.question == "open" and ASKED in self.desks_of(who)
            if not self.sees(who) and not asked:
                raise Refused("case_not_found")
            raise Refused(self.late() if shift else "other_desk")
        if who in self.recused and action not in ("recuse", "transfer"):
            raise Refused("recused")
        if self.batch is not batch:
            raise Refused("in_batch")

    def need(self, shift: int, *statuses: str) -> None:
        if shift or self.status not in statuses:
            raise Refused(self.late())

    def done(self, action: str, status: str) -> None:
        self.status, self.batch = status, None
        self.version += 1
        self.history.append(action)
        if status not in OPEN and self.question == "open":
            self.question = "lapsed"

    # The clock.

    def stop(self) -> None:
        if self.due is not None:
            left = reference.calendar().workdays_between(clock.today(), self.due)
            self.left, self.due = (min(left, -1) if self.due < clock.today() else left), None

    def go_on(self) -> None:
        calendar, left = reference.calendar(), self.left or 0
        self.due = calendar.add_workdays(clock.today(), left) if left else calendar.next_workday(clock.today())
        self.left = self.held_until = None

    # What a desk does.

    def approve(self, who: str, shift: int = 0, batch: Batch | None = None) -> None:
        self.enter(who, shift, batch=batch)
        if self.step == TOWN and self.signed == who:
            raise Refused(self.late() if shift else "four_eyes_same")
        self.need(shift, *UNDECIDED)
        if self.step == TOWN and self.signed is None:
            self.signed = who
            self.done("sign", "in_review")
            self.hand_up(who)
            return
        self.signed, self.decided_at = None, clock.now()
        if self.step == COUNTY or (self.step == TOWN and not self.large):
            self.stop()
            self.done("approve", "approved")
        else:
            self.step += 1
            self.desk = self.place(self.step)
            self.done("approve", "in_review")

    def reject(self, who: str, shift: int = 0, batch: Batch | None = None) -> None:
        self.enter(who, shift, batch=batch)
        self.need(shift, *UNDECIDED)
        self.signed, self.decided_at = None, clock.now()
        self.stop()
        self.done("reject", "rejected")

    def give_back(self, who: str, shift: int, field: str) -> None:
        self.enter(who, shift)
        self.need(shift, *UNDECIDED)
        self.flagged = field
        self.signed, self.decided_at = None, clock.now()
        self.stop()
        self.done("return", "returned")

    def hold(self, who: str, shift: int) -> None:
        self.enter(who, shift)
        self.need(shift, *UNDECIDED)
        self.held_until = clock.today() + timedelta(days=HOLD_DAYS)
        self.stop()
        self.done("hold", "on_hold")

    def release(self, who: str, shift: int) -> None:
        self.enter(who, shift)
        self.need(shift, "on_hold")
        self.go_on()
        self.done("release", "in_review")

    def transfer(self, who: str, to: Desk) -> None:
        self.enter(who, action="transfer")
        if to not in self.held():
            raise Refused("nobody_there")
        if to == self.desk:
            raise Refused("already_there")
        self.need(0, *UNDECIDED)
        self.desk = to
        self.done("transfer", "in_review")

    def recuse(self, who: str, shift: int) -> None:
        self.enter(who, shift, action="recuse")
        self.need(shift, *UNDECIDED)
        if who in self.recused:
            raise Refused("recused_already")
        self.recused.add(who)
        self.history.append("recuse")
        if self.signed == who:
            self.signed = None
            self.version += 1
        self.hand_up(who)

    def hand_up(self, who: str) -> None:
        """Where nobody else of the desk could take it, to the nearest desk above where somebody could."""
        if not self.others(self.desk, who):
            free = [desk for desk in self.desks_above() if self.others(desk, who)]
            if free:
                self.desk = free[0]
                self.done("transfer", "in_review")

    def desks_above(self) -> Iterator[Desk]:
        for role in (self.desk.role, *STAND_INS):
            yield from (Desk(one, role) for one in self.above(self.desk.union)[1:] if Desk(one, role) in self.held())

    def look(self, who: str) -> None:
        if not self.serves(who):
            raise Refused("case_not_found")
        if who in self.recused:
            raise Refused("recused")
        if self.status == "submitted":
            self.status = "in_review"
            self.history.append("open")

    def visit(self, who: str) -> None:
        """An action of the flow's own, for the desk that has the case."""
        if not self.sees(who):
            raise Refused("case_not_found")
        if who in self.recused:
            raise Refused("recused")
        if not self.serves(who):
            raise Refused("action_not_yours")
        if self.status not in UNDECIDED:
            raise Refused("action_not_open")
        self.history.append("act:visit")

    def write(self, who: str) -> None:
        self.enter(who, batch=self.batch)
        over = self.decided_at is None or clock.now() >= self.decided_at + timedelta(days=TALK_DAYS)
        if self.status == "withdrawn" or (self.status not in OPEN and over):
            raise Refused("message_over")

    def ask(self, who: str) -> None:
        self.enter(who)
        if self.desk == ASKED:
            raise Refused("invalid_fields")
        self.need(0, *UNDECIDED, "on_hold")
        if self.question == "open":
            raise Refused("question_open")
        self.question = "open"
        self.history.append("ask")

    def answer(self) -> None:
        if self.question != "open":
            raise Refused(f"question_{self.question or 'unknown'}")
        self.question = "answered"
        self.history.append("answer")

    def reopen(self, who: str, shift: int) -> None:
        if not self.sees(who):
            raise Refused("case_not_found")
        if self.status != "rejected":
            raise Refused(self.late() if shift else "reopen_not_refused")
        decides_above = any(desk.union in self.above(self.desk.union)[1:] for desk in self.desks_of(who))
        if not self.serves(who) and not decides_above:
            raise Refused("reopen_other_desk")
        if who in self.recused:
            raise Refused("recused")
        assert self.decided_at is not None
        if clock.today() > clock.local(self.decided_at).date() + timedelta(days=REOPEN_DAYS):
            raise Refused("reopen_too_late")
        self.need(shift, "rejected")
        self.decided_at, self.left = None, None
        self.due = reference.calendar().due_on(clock.today(), LIMIT_DAYS)
        self.round += 1
        if self.desk not in self.held():
            self.desk = self.place(self.step)
        self.done("reopen", "in_review")

    # Decisions taken together.

    def together(self, who: str, shift: int, action: str) -> None:
        if not self.sees(who):
            raise Refused("case_not_found")
        if not self.serves(who):
            raise Refused("other_desk")
        if who in self.recused:
            raise Refused("recused")
        if self.batch is not None:
            raise Refused("in_batch")
        if shift or self.status not in UNDECIDED:
            raise Refused("batch_stale")
        if action == "approve" and self.step == TOWN and self.signed == who:
            raise Refused("four_eyes_same")
        self.version += 1
        self.batch = self.last_batch = Batch(who, action)

    def undo(self) -> None:
        batch = self.last_batch
        assert batch is not None
        if batch.state != "pending" or clock.now() >= batch.due:
            raise Refused("batch_over")
        batch.state = "undone"
        self.leave(batch)

    def run(self) -> None:
        """The worker looks at it, whether its time has come or not."""
        batch = self.last_batch
        if batch is None or batch.state != "pending" or clock.now() < batch.due:
            return
        batch.state = "done"
        try:
            (self.approve if batch.action == "approve" else self.reject)(batch.who, batch=batch)
        except Refused:
            self.leave(batch)

    def leave(self, batch: Batch) -> None:
        if self.batch is batch:
            self.batch = None
            self.version += 1

    # What the applicant does.

    def correct(self) -> None:
        self.need(0, "returned")
        if self.flagged == RESTING_FIELD and self.step > UNIT:
            self.step, self.desk = UNIT, self.place(UNIT)
        self.round += 1
        self.go_on()
        self.done("correct", "in_review")

    def withdraw(self) -> None:
        self.need(0, *OPEN)
        self.stop()
        self.held_until = None
        self.done("withdraw", "withdrawn")

    def urge(self) -> None:
        if self.status not in UNDECIDED:
            raise Refused("not_at_desk")
        if self.urged_at is not None and clock.now() < self.urged_at + timedelta(hours=24):
            raise Refused("urged_already")
        self.urged_at = clock.now()
        self.history.append("urge")

    # What happens around it.

    def wake(self) -> None:
        if self.status == "on_hold" and self.held_until is not None and self.held_until <= clock.today():
            self.go_on()
            self.done("release", "in_review")

    def cover(self, absent: str, days: int) -> None:
        if absent in self.gone:
            raise Refused("cover_not_yours")
        if self.away(absent):
            raise Refused("cover_standing")
        self.covers[absent] = clock.today() + timedelta(days=days)

    def come_back(self, absent: str) -> None:
        if not self.away(absent) or absent in self.gone:
            raise Refused("cover_gone")
        del self.covers[absent]

    def move_unit(self) -> None:
        """The next step goes where the tree now says; what lies at a desk stays there."""
        self.above_unit = "far_town" if self.above_unit == "town" else "town"

    def leave_or_return(self, who: str) -> None:
        self.gone ^= {who}

    def sweep(self) -> None:
        """What lies at a desk that nobody holds goes where its step would go."""
        if self.status in UNDECIDED and self.batch is None and self.desk not in self.held():
            self.desk = self.place(self.step)
            self.done("transfer", self.status)
