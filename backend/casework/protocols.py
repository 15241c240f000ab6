"""What casework asks of the domains above it. `backend/bindings.py` fills the tables, once, at start.

Every function here may read the database. An Outcome runs inside the transaction of the last decision,
so what it brings about is true when the decision is.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal, Protocol

import msgspec

from backend.core import ids
from backend.core.actor import Actor


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What a fact, a check or a quote may look at.

    `values` are canonical form values with the sensitive ones opened; before submission some are missing.
    """

    flow: str
    actor: Actor
    today: date
    values: Mapping[str, Any]
    params: Mapping[str, Any]  # the flow's parameters in force today
    member_id: int | None = None
    target_union_id: int | None = None
    case_id: int | None = None


class Fact(Protocol):
    """A value of the kind the predicate compares with: int, bool, str, date, Decimal, a sequence of dates for
    count(), any sequence for len(). None means that nobody knows."""

    async def __call__(self, question: Question) -> Any: ...


async def unknown(question: Question) -> None:
    """For facts whose domain is not built yet: refuses nobody, sends the case to a person."""


class Checked(msgspec.Struct, frozen=True):
    """`ok` None means that a person has to look."""

    text: str
    ok: bool | None


class Check(Protocol):
    """An automatic check shown at the desk."""

    async def __call__(self, question: Question) -> Checked: ...


class QuoteLine(msgspec.Struct, frozen=True):
    label: str
    amount_fen: int


class Quoted(msgspec.Struct, frozen=True):
    amount_fen: int
    lines: tuple[QuoteLine, ...]
    note: str = ""  # of what it was worked out
    title: str = "预计金额"


class Quote(Protocol):
    """The amount a case is about, with its arithmetic; None while the form does not say enough."""

    async def __call__(self, question: Question) -> Quoted | None: ...


class Figures(Protocol):
    """What the form of an action holds beside what was `typed`: figures that are worked out. With nothing typed, what
    the form begins with. Raises Invalid where what was typed does not do, and where nobody can work it out.
    """

    async def __call__(self, question: Question, typed: Mapping[str, Any]) -> dict[str, Any]: ...


class Prefilled(msgspec.Struct, frozen=True):
    """A canonical value and where it comes from, in words: "来自会员档案"."""

    value: Any
    source: str


class Prefill(Protocol):
    """`given` is what the address brought: {"invite": "AB3…", "division": "…"}. None when there is nothing."""

    async def __call__(self, actor: Actor, given: Mapping[str, str]) -> Prefilled | None: ...


class Finder(Protocol):
    """Members who are entitled to something today, by rising id: at most `limit` of those after `after`.

    `params` are those written beside it in the flow file.
    """

    async def __call__(self, today: date, params: Mapping[str, str], *, after: int, limit: int) -> Sequence[int]: ...


class Approved(msgspec.Struct, frozen=True, kw_only=True):
    """An approved case, as its outcome sees it; `values` have the sensitive ones opened. For the effect of one of
    the flow's own actions, `act` is what the action's form held and `act_id` the action that was done.
    """

    case_id: int
    number: str
    flow: str
    values: Mapping[str, Any]
    applicant_id: int | None
    member_id: int | None
    target_union_id: int | None
    desk_union_id: int | None
    submitted_on: date
    decided_on: date
    decided_by: Actor
    act: Mapping[str, Any] = {}
    act_id: int | None = None

    @property
    def reference(self) -> str:
        """What caused an effect: the case, or one action done to it. An effect happens once for each."""
        return self.number if self.act_id is None else f"{self.number}/{ids.public(self.act_id)}"


class Outcome(Protocol):
    """Makes the approval true; doing it twice for one case gives the first result.

    `params` are those written beside the outcome in the flow file. The answer is what the member reads under
    `outcome` of the case: plain JSON, nothing sensitive.
    """

    async def __call__(self, approved: Approved, params: Mapping[str, Any]) -> dict[str, Any]: ...


Filters = Mapping[str, str]


class ExportWanted(msgspec.Struct, frozen=True, kw_only=True):
    """What rows an export takes: those that the actor, kept to the posts that may export them, sees, with keys up to
    `through`. `reveal` says that sensitive cells are to be open."""

    actor: Actor
    filters: Filters
    reveal: bool
    through: int


class ExportRow(msgspec.Struct, frozen=True, kw_only=True):
    """`key` rises from row to row. `subject` is whose sensitive values the row opens. A row of an archive is a file
    instead of cells, under the name `path`."""

    key: int
    cells: Sequence[str | int | Decimal | None] = ()
    subject: tuple[str, int] | None = None
    file_id: int = 0
    path: str = ""


class ExportFilter(msgspec.Struct, frozen=True, kw_only=True):
    """One way to narrow an export. `options` are values and their words, of a date or a text there are none; of
    unions they are only the first ones. What is not `offered` comes from the list that is exported."""

    label: str
    kind: Literal["choice", "union", "date", "text"] = "choice"
    options: Callable[[Actor], Awaitable[Mapping[str, str]]] | None = None
    offered: bool = True
    needed: bool = False


class ExportKind(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of one kind of export, a page at a time by their key; `permission` is what its reader needs beside the one
    to export. `masks` names what is masked unless it is revealed; with `opens` rows are open by their nature, and more
    than those of one case need the right to reveal."""

    title: str
    permission: str
    filters: Mapping[str, ExportFilter]
    count: Callable[[ExportWanted], Awaitable[int]]
    rows: Callable[[ExportWanted, int, int], Awaitable[list[ExportRow]]]
    columns: Callable[[ExportWanted], Awaitable[Sequence[str]]] | None = None  # an archive has none
    masks: str = ""
    opens: bool = False


class Bindings(msgspec.Struct, frozen=True, kw_only=True):
    """Names in flow files → functions of the domains."""

    outcomes: Mapping[str, Outcome] = {}
    facts: Mapping[str, Fact] = {}
    checks: Mapping[str, Check] = {}
    quotes: Mapping[str, Quote] = {}
    figures: Mapping[str, Figures] = {}
    prefills: Mapping[str, Prefill] = {}
    finders: Mapping[str, Finder] = {}
    export_kinds: Mapping[str, ExportKind] = {}
