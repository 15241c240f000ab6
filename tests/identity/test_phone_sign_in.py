"""Codes by SMS: one answer for all, five minutes, one use, five tries."""

import asyncio

import msgspec
import pytest

from backend.channels import sms
from backend.core import clock, crypto, database
from backend.core.errors import Forbidden, Invalid, TooMany, Unauthenticated, Unavailable
from backend.identity import commands, queries
from backend.web import limits
from tests.identity.helpers import (
    OTHER_PHONE,
    PHONE,
    audited,
    caller,
    request_and_read,
    sent_code,
    sign_in,
)
from tests.unguarded import without_keys, without_words


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def refused(phone: str, code: str) -> str:
    with pytest.raises(Unauthenticated) as caught:
        await commands.open_session(phone, code, caller())
    return caught.value.code


async def test_the_first_sign_in_makes_the_account() -> None:
    answer = await sign_in()
    assert (answer.token_type, answer.expires_in, answer.pending) == ("Bearer", 30 * 24 * 3600, "")
    assert (answer.account.kind, answer.account.phone, answer.account.display) == (
        "person",
        "154****0001",
        "154****0001",
    )
    found = await queries.signed_in(answer.access_token)
    assert found is not None and found.member_id is None
    assert await database.scalar("SELECT COUNT(*) FROM account") == 1
    assert await audited("session.opened") == 1


async def test_the_second_sign_in_finds_it_again(settings) -> None:
    first = await sign_in()
    limits.configure(settings)
    second = await sign_in()
    assert first.account.id == second.account.id
    assert first.access_token != second.access_token


async def test_nothing_readable_is_stored() -> None:
    answer = await sign_in()
    code = await sent_code()
    stored = str(
        [await database.rows(f"SELECT * FROM {table}") for table in ("account", "session_row", "sign_in_code", "audit")]
    )
    for secret in (PHONE, code, answer.access_token):
        assert secret not in stored


async def test_known_and_unknown_phones_get_the_same_answer_for_the_same_work(settings, monkeypatch) -> None:
    await sign_in(PHONE)
    limits.configure(settings)
    statements: list[str] = []
    execute = database.execute

    async def counted(sql: str, *params: object) -> int:
        statements.append(sql)
        return await execute(sql, *params)

    monkeypatch.setattr(database, "execute", counted)
    known = await commands.request_code(PHONE, caller())
    of_known, statements[:] = list(statements), []
    await database.execute("DELETE FROM account")
    limits.configure(settings)
    statements.clear()
    unknown = await commands.request_code(PHONE, caller())
    assert known == unknown
    assert statements == of_known


@pytest.mark.parametrize("phone", ["", "1540000000", "05512345678", "154abc00001", "13800000*00"])
async def test_what_is_no_phone_is_named(phone: str) -> None:
    with pytest.raises(Invalid) as caught:
        await commands.request_code(phone, caller())
    assert caught.value.errors[0].field == "phone"


async def test_a_code_works_once() -> None:
    code = await request_and_read()
    await commands.open_session(PHONE, code, caller())
    assert await refused(PHONE, code) == "code_wrong"


async def test_a_code_is_bound_to_its_phone() -> None:
    code = await request_and_read(PHONE)
    await request_and_read(OTHER_PHONE)
    assert await refused(OTHER_PHONE, code if code != await sent_code(OTHER_PHONE) else wrong(code)) == "code_wrong"


async def test_only_the_newest_code_works(settings) -> None:
    first = await request_and_read()
    limits.configure(settings)
    second = await request_and_read()
    if first != second:
        assert await refused(PHONE, first) == "code_wrong"
    assert (await commands.open_session(PHONE, second, caller())).account.kind == "person"


async def test_a_code_dies_after_five_minutes(freeze) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    code = await request_and_read()
    clock.advance(minutes=5)
    assert await refused(PHONE, code) == "code_wrong"


async def test_a_code_lives_until_then(freeze) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    code = await request_and_read()
    clock.advance(minutes=4, seconds=59)
    assert (await commands.open_session(PHONE, code, caller())).account.phone == "154****0001"


async def test_five_wrong_tries_kill_a_code() -> None:
    code = await request_and_read()
    for _ in range(5):
        assert await refused(PHONE, wrong(code)) == "code_wrong"
    assert await refused(PHONE, code) == "code_wrong"


async def test_the_fifth_try_may_still_be_right() -> None:
    code = await request_and_read()
    for _ in range(4):
        await refused(PHONE, wrong(code))
    assert (await commands.open_session(PHONE, f" {code[:3]} {code[3:]} ", caller())).account.kind == "person"


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "²²²²²²", "１２３４５"])
async def test_what_is_no_code_costs_no_try(code: str) -> None:
    good = await request_and_read()
    with pytest.raises(Invalid) as caught:
        await commands.open_session(PHONE, code, caller())
    assert caught.value.code == "code_format"
    assert await database.scalar("SELECT attempts FROM sign_in_code") == 0
    assert good


async def use_one_code_five_times() -> list[object]:
    code = await request_and_read()
    results = await asyncio.gather(
        *(commands.open_session(PHONE, code, caller()) for _ in range(5)), return_exceptions=True
    )
    return list(results)


@pytest.mark.race(control="test_control_a_code_that_is_not_used_up_opens_many_sessions")
async def test_a_code_used_by_many_at_once_opens_one_session() -> None:
    results = await use_one_code_five_times()
    assert sum(not isinstance(result, BaseException) for result in results) == 1
    assert {type(result) for result in results if isinstance(result, BaseException)} == {Unauthenticated}
    assert await database.scalar("SELECT COUNT(*) FROM session_row") == 1


@pytest.mark.race(is_control=True)
async def test_control_a_code_that_is_not_used_up_opens_many_sessions() -> None:
    with without_words(" AND used_at IS NULL"):
        await use_one_code_five_times()
    assert await database.scalar("SELECT COUNT(*) FROM session_row") > 1


async def guess_forty_times() -> str:
    """The right code, which is none of the guesses."""
    code = await request_and_read()
    guesses = [f"{(int(code) + 1 + n) % 1_000_000:06d}" for n in range(40)]
    await asyncio.gather(*(commands.open_session(PHONE, guess, caller()) for guess in guesses), return_exceptions=True)
    return code


@pytest.mark.race(control="test_control_without_the_condition_all_forty_guesses_are_tries")
async def test_forty_guesses_at_once_get_five_tries() -> None:
    code = await guess_forty_times()
    assert await database.scalar("SELECT attempts FROM sign_in_code") == 5
    assert await refused(PHONE, code) == "code_wrong"


@pytest.mark.race(is_control=True)
async def test_control_without_the_condition_all_forty_guesses_are_tries() -> None:
    """Only what is counted beside the code stops them, and it begins to count after the first answers."""
    with without_words(" AND attempts < %s", " AND %s > 0"):
        await guess_forty_times()
    assert await database.scalar("SELECT attempts FROM sign_in_code") > 5


async def ask_twenty_times() -> set[int]:
    return set(await asyncio.gather(*(commands.account_for_phone(PHONE) for _ in range(20))))


@pytest.mark.race(control="test_control_without_its_key_a_phone_has_many_accounts")
async def test_two_first_sign_ins_of_one_phone_make_one_account() -> None:
    assert len(await ask_twenty_times()) == 1
    assert await database.scalar("SELECT COUNT(*) FROM account") == 1


@pytest.mark.race(is_control=True)
async def test_control_without_its_key_a_phone_has_many_accounts() -> None:
    async with without_keys("account"):
        assert len(await ask_twenty_times()) > 1


async def test_one_code_a_minute_for_a_phone() -> None:
    await commands.request_code(PHONE, caller())
    with pytest.raises(TooMany) as caught:
        await commands.request_code(PHONE, caller("10.9.9.9"))
    assert caught.value.code == "sms_too_often"
    assert 1 <= (caught.value.retry_after or 0) <= 60
    await commands.request_code(OTHER_PHONE, caller())
    assert await database.scalar("SELECT COUNT(*) FROM console_message") == 2


async def test_an_address_asks_for_so_many_phones_an_hour(settings) -> None:
    limits.configure(msgspec.structs.replace(settings, address_limit_per_hour=3))
    for n in range(3):
        await commands.request_code(f"1540000100{n}", caller())
    with pytest.raises(TooMany) as caught:
        await commands.request_code("15400001009", caller())
    assert caught.value.code == "address_too_often"
    await commands.request_code("15400001009", caller("10.0.0.2"))


async def test_wrong_codes_lock_only_a_phone_that_asked_for_one() -> None:
    for _ in range(30):
        assert await refused(OTHER_PHONE, "123456") == "code_wrong"
    assert (await sign_in(OTHER_PHONE)).account.phone == "154****0002"


async def test_ten_wrong_tries_lock_the_phone_for_a_while(settings) -> None:
    index = crypto.blind_index("phone", PHONE)
    for _ in range(2):
        code = await request_and_read()
        for _ in range(5):
            await refused(PHONE, wrong(code))
        await limits.clear(limits.SMS_PHONE, index)
    code = await request_and_read()
    with pytest.raises(TooMany) as caught:
        await commands.open_session(PHONE, code, caller())
    assert caught.value.code == "sign_in_too_often"
    assert 1 <= (caught.value.retry_after or 0) <= 15 * 60


async def test_a_disabled_person_is_told_so() -> None:
    await sign_in()
    await database.execute("UPDATE account SET state = %s", "disabled")
    await limits.clear(limits.SMS_PHONE, crypto.blind_index("phone", PHONE))
    with pytest.raises(Forbidden) as caught:
        await sign_in()
    assert caught.value.code == "account_disabled"


async def test_a_provider_that_is_away_is_a_503_and_sends_nothing_later(monkeypatch) -> None:
    class Away:
        async def send(self, message: object) -> str:
            raise sms.ProviderError()

    monkeypatch.setattr(sms, "_provider", Away())
    with pytest.raises(Unavailable) as caught:
        await commands.request_code(PHONE, caller())
    assert (caught.value.code, caught.value.retry_after) == ("sms_unavailable", 60)
    assert await database.scalar("SELECT COUNT(*) FROM console_message") == 0
    assert await database.scalar("SELECT COUNT(*) FROM outbox") == 0
