"""Budgets and accounts as tests open them, and what the doctor would say of them."""

from itertools import count

from backend.core import database
from backend.core.actor import Actor, Post
from backend.home import doctor
from backend.payments import commands
from backend.payments.enums import AccountKind
from backend.payments.schemas import NewBudget

UNION = 7
TREASURER = Actor(
    kind="staff",
    account_id=41,
    display="邹某",
    posts=(
        Post(
            union_id=UNION,
            union_name="星城县总工会",
            path="/7/",
            level="county",
            division="430121",
            roles=("finance",),
            permissions=frozenset({"budget.manage"}),
        ),
    ),
)
_keys = count(1)


async def budget_of(amount_fen: int, *, name: str = "") -> int:
    number = next(_keys)
    new = NewBudget(
        key=f"test:{number}", union_id=UNION, name=name or f"普惠{number}", year=2026, amount_fen=amount_fen
    )
    return await commands.open_budget(TREASURER, budget=new)


async def account_of(kind: AccountKind) -> int:
    return await commands.account(key=f"test:{next(_keys)}", kind=kind)


async def balances() -> dict[str, int]:
    """The sum of every kind of account, where it is not zero."""
    found = await database.rows("SELECT kind, balance_fen FROM ledger_account")
    sums: dict[str, int] = {}
    for row in found:
        sums[row["kind"]] = sums.get(row["kind"], 0) + row["balance_fen"]
    return {kind: amount for kind, amount in sums.items() if amount}


async def broken() -> list[str]:
    """What the doctor would say of the ledger."""
    tables = ("ledger_account", "ledger_posting", "budget")
    return [
        name
        for name, sql in doctor._INVARIANTS.items()
        if any(table in sql for table in tables) and await doctor._rows(name, sql)
    ]
