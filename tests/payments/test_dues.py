"""What is due, from a case or without one, is written down once by its key."""

import pytest

from backend.casework import catalogue
from backend.core import crypto, database
from backend.core.errors import Conflict
from backend.payments import commands, programmes, rules
from backend.payments.enums import DueSource
from backend.payments.schemas import NewDue
from tests.payments.samples import TREASURER

CARD = "6222021234567890128"


def due(key: str, *, amount_fen: int = 20_000, card: str = CARD) -> NewDue:
    return NewDue(
        key=key,
        source=DueSource.GRADING,
        programme="chair-grading",
        name="主席等级补贴",
        amount_fen=amount_fen,
        payee_name="王小测",
        account_id=5,
        member_id=6,
        union_id=7,
        card_sealed=crypto.seal(card, context="grading/card/1") if card else "",
        card_context="grading/card/1",
    )


async def test_without_a_case_it_is_one_amount_by_its_key(db: None) -> None:
    assert await commands.record_due(TREASURER, due=due("grading:1:6")) == 20_000
    assert await commands.record_due(TREASURER, due=due("grading:1:6", amount_fen=1)) == 20_000
    [row] = await database.rows("SELECT * FROM payment_due")
    assert (row["source"], row["case_id"], row["case_number"], row["state"]) == ("grading", None, "", "waiting")
    assert row["card_masked"] == "***************0128"
    assert row["card_index"] == crypto.blind_index("bank_card", CARD)
    assert crypto.open_sealed(row["card_sealed"], context=rules.card_context(row["id"])) == CARD


async def test_a_thousand_at_once_and_again(db: None) -> None:
    dues = [due(f"grading:1:{number}", card="" if number % 2 else CARD) for number in range(1001)]
    assert await commands.record_dues(TREASURER, dues=dues[:600]) == 600
    assert await commands.record_dues(TREASURER, dues=dues) == 401
    assert await commands.record_dues(TREASURER, dues=dues) == 0
    assert await database.scalar("SELECT COUNT(*) FROM payment_due") == 1001
    assert await database.scalar("SELECT COUNT(*) FROM payment_due WHERE card_sealed = ''") == 500
    noted = await database.rows("SELECT detail FROM audit WHERE action = 'payment.dues' ORDER BY id")
    assert len(noted) == 4


async def test_nothing_is_no_amount(db: None) -> None:
    with pytest.raises(Conflict) as refused:
        await commands.record_dues(TREASURER, dues=[due("a"), due("b", amount_fen=0)])
    assert refused.value.code == "due_amount_missing"
    assert await database.scalar("SELECT COUNT(*) FROM payment_due") == 0
    with pytest.raises(ValueError, match="one amount"):
        await commands.record_dues(TREASURER, dues=[due("a"), due("a")])


async def test_every_programme_of_a_flow_has_a_budget_of_a_chinese_name(services: None) -> None:
    shipped = catalogue.current()
    named = {
        str(spec.params["programme"])
        for flow in shipped.versions()
        for spec in [*flow.outcomes, *(one for action in flow.actions for one in action.effects)]
        if spec.kind == "record_due"
    }
    assert len(named) > 5
    assert {name for name in named if programmes.budget_name(name) == name} == set()
    assert all(name in programmes.of_budget(programmes.budget_name(name)) for name in named)
