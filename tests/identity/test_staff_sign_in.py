"""Staff: password and second factor, one answer for every failure, nothing used twice."""

import asyncio
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from backend.core import clock, crypto, database
from backend.core.actor import SYSTEM
from backend.core.errors import Forbidden, Invalid, TooMany, Unauthenticated
from backend.identity import commands, passwords, queries, rules
from backend.identity.commands import sign_in
from backend.identity.enums import AccountState
from tests.identity.helpers import (
    PASSWORD,
    actor_of,
    audited,
    caller,
    code_at,
    enrol,
    make_staff,
    sign_in_staff,
)
from tests.unguarded import without_words


async def refused(username: str = "clerk-one", password: str = PASSWORD, otp: str | None = None) -> str:
    with pytest.raises(Unauthenticated) as caught:
        await sign_in_staff(username, password, otp)
    return caught.value.code


async def test_signing_in_by_password() -> None:
    await make_staff()
    answer = await sign_in_staff(" Clerk-One ")
    assert (answer.account.kind, answer.account.display, answer.account.phone) == ("staff", "邹小测", None)
    assert answer.pending == ""


async def test_every_failure_gives_the_same_answer() -> None:
    account, _ = await make_staff()
    await make_staff("clerk-two")
    await enrol(await actor_of((await sign_in_staff("clerk-two")).access_token))
    await commands.set_staff_state(account, AccountState.DISABLED, SYSTEM)
    answers = {
        await refused("nobody-here"),
        await refused("clerk-one", "wrong password here"),
        await refused("clerk-one"),  # disabled
        await refused("clerk-two"),  # without the second factor
        await refused("clerk-two", otp="000000"),
        await refused("", ""),
        await refused("clerk-two", "x" * 5000),
    }
    assert answers == {"sign_in_failed"}


async def test_unknown_names_cost_the_same_work_as_known_ones(monkeypatch) -> None:
    await make_staff()
    await refused("warm-up")
    work: list[str] = []
    verify, rows, execute = passwords._hasher.verify, database.rows, database.execute

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            work.append(str(hash).rsplit("$", 2)[0])  # algorithm and parameters
            return verify(hash, password)

    async def counted_rows(sql: str, *params: object) -> list[dict[str, object]]:
        work.append(sql)
        return await rows(sql, *params)

    async def counted_execute(sql: str, *params: object) -> int:
        work.append(sql)
        return await execute(sql, *params)

    monkeypatch.setattr(passwords, "_hasher", Counting(time_cost=1, memory_cost=64, parallelism=1))
    monkeypatch.setattr(database, "rows", counted_rows)
    monkeypatch.setattr(database, "execute", counted_execute)
    await refused("clerk-one", "wrong password here")
    known, work[:] = list(work), []
    await refused("nobody-here", "wrong password here")
    assert len(known) == 3  # the look-up, the password, the line in the audit log
    assert work == known


async def test_refusals_stand_in_the_audit_log_without_what_was_typed() -> None:
    account, _ = await make_staff()
    await refused("clerk-one", "wrong password here")
    await refused("nobody-here", "wrong password here")
    found = await database.rows("SELECT object_id, detail FROM audit WHERE action = 'sign_in.refused' ORDER BY id")
    assert [(row["object_id"], row["detail"]) for row in found] == [
        (account, '{"why":"password"}'),
        (0, '{"why":"account"}'),
    ]


async def test_ten_wrong_passwords_lock_the_account_for_a_while() -> None:
    await make_staff()
    await make_staff("clerk-two")
    for _ in range(10):
        await refused("clerk-one", "wrong password here")
    with pytest.raises(TooMany) as caught:
        await sign_in_staff()
    assert caught.value.code == "sign_in_too_often"
    assert (await sign_in_staff("clerk-two")).account.display == "邹小测"


async def test_a_right_password_begins_the_count_again() -> None:
    await make_staff()
    for _ in range(2):
        for _ in range(9):
            await refused("clerk-one", "wrong password here")
        assert await sign_in_staff()


async def test_unknown_names_lock_nobody() -> None:
    await make_staff()
    for n in range(40):
        await refused(f"nobody-{n % 7}", "x") if n % 7 else None
    assert await sign_in_staff()


async def test_many_good_sign_ins_at_once_are_no_attack() -> None:
    await make_staff()
    answers = await asyncio.gather(*(sign_in_staff() for _ in range(16)))
    assert len({answer.access_token for answer in answers}) == 16


@pytest.mark.slow
async def test_passwords_are_argon2id_and_old_hashes_are_renewed() -> None:
    account, _ = await make_staff()
    stored = await database.scalar("SELECT password_hash FROM account WHERE id = %s", account)
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    await database.execute("UPDATE account SET password_hash = %s WHERE id = %s", weak, account)
    await sign_in_staff()
    renewed = await database.scalar("SELECT password_hash FROM account WHERE id = %s", account)
    assert renewed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await sign_in_staff()


async def test_a_first_password_opens_one_session_that_must_change_it() -> None:
    _, first = await make_staff(password=None)
    answer = await sign_in_staff(password=first)
    assert answer.pending == "password"
    actor = await actor_of(answer.access_token)
    assert actor.pending == "password"
    assert await refused(password=first) == "sign_in_failed"
    begun = await commands.change_password("", PASSWORD, actor=actor, client=caller())
    assert await queries.signed_in(answer.access_token) is None
    assert (await actor_of(begun.token)).pending == ""
    assert (await sign_in_staff()).pending == ""


async def sessions_of_one_first_password() -> int:
    _, first = await make_staff(password=None)
    results = await asyncio.gather(*(sign_in_staff(password=first) for _ in range(6)), return_exceptions=True)
    return sum(not isinstance(result, BaseException) for result in results)


@pytest.mark.race(control="test_control_a_first_password_that_is_not_burnt_at_once_opens_many")
async def test_a_first_password_used_by_many_at_once_opens_one_session() -> None:
    assert await sessions_of_one_first_password() == 1


@pytest.mark.race(is_control=True)
async def test_control_a_first_password_that_is_not_burnt_at_once_opens_many() -> None:
    with without_words(" AND password_hash = %s", " AND %s <> ''"):
        assert await sessions_of_one_first_password() > 1


async def test_a_first_password_expires_after_three_days(freeze) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    _, first = await make_staff(password=None)
    clock.advance(hours=72, seconds=1)
    with pytest.raises(Forbidden) as caught:
        await sign_in_staff(password=first)
    assert caught.value.code == "first_password_expired"


async def test_first_passwords_differ_and_are_long() -> None:
    made = {(await commands.make_password()).text for _ in range(5)}
    assert len(made) == 5
    assert all(len(text) == 19 for text in made)
    assert PASSWORD not in repr(await commands.make_password(PASSWORD))


async def test_production_gives_out_no_lasting_passwords(production) -> None:
    with pytest.raises(RuntimeError):
        await commands.make_password("union-demo")


async def test_changing_the_password_ends_every_session_but_the_new_one() -> None:
    await make_staff()
    answers = [await sign_in_staff() for _ in range(3)]
    actor = await actor_of(answers[0].access_token)
    begun = await commands.change_password(PASSWORD, "nine loud cranes fly", actor=actor, client=caller())
    assert [await queries.signed_in(one.access_token) for one in answers] == [None, None, None]
    assert (await actor_of(begun.token)).account_id == actor.account_id
    assert await refused() == "sign_in_failed"
    assert await sign_in_staff(password="nine loud cranes fly")
    assert await audited("staff.password_changed") == 1


@pytest.mark.parametrize(
    ("current", "new", "field", "code"),
    [
        ("not the password", "nine loud cranes fly", "current", "password_wrong"),
        (PASSWORD, PASSWORD, "new", "password_same"),
        (PASSWORD, "short", "new", "password_short"),
        (PASSWORD, "x" * 129, "new", "password_long"),
        (PASSWORD, "clerk-one-2026!", "new", "password_common"),
    ],
)
async def test_a_password_that_may_not_be_changed_so(current: str, new: str, field: str, code: str) -> None:
    await make_staff()
    actor = await actor_of((await sign_in_staff()).access_token)
    with pytest.raises(Invalid) as caught:
        await commands.change_password(current, new, actor=actor, client=caller())
    assert (caught.value.errors[0].field, caught.value.code) == (field, code)
    assert await queries.sessions_of(actor)


async def test_the_second_factor_is_asked_for_once_enrolled(freeze) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    await make_staff()
    secret = await enrol(await actor_of((await sign_in_staff()).access_token))
    clock.advance(minutes=1)
    assert await refused() == "sign_in_failed"
    assert await sign_in_staff(otp=code_at(secret))
    assert secret.replace(" ", "") not in str(await database.rows("SELECT * FROM account"))


@pytest.mark.parametrize(("seconds", "fits"), [(-30, True), (0, True), (30, True), (-61, False), (61, False)])
async def test_a_code_fits_one_step_before_and_after(freeze, seconds: int, fits: bool) -> None:
    moment = freeze("2026-03-10T09:00:00+08:00")
    await make_staff()
    secret = await enrol(await actor_of((await sign_in_staff()).access_token))
    clock.advance(hours=1)
    code = code_at(secret, moment + timedelta(hours=1, seconds=seconds))
    if fits:
        assert await sign_in_staff(otp=code)
    else:
        assert await refused(otp=code) == "sign_in_failed"


async def test_a_one_time_code_is_good_for_one_time(freeze) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    await make_staff()
    secret = await enrol(await actor_of((await sign_in_staff()).access_token))
    assert await refused(otp=code_at(secret)) == "sign_in_failed"  # it served the enrolment
    clock.advance(minutes=1)
    code = code_at(secret)
    assert await sign_in_staff(otp=code)
    assert await refused(otp=code) == "sign_in_failed"
    clock.advance(seconds=30)
    assert await refused(otp=code) == "sign_in_failed"
    assert await sign_in_staff(otp=code_at(secret))


async def sessions_of_one_time_code() -> int:
    await make_staff()
    secret = await enrol(await actor_of((await sign_in_staff()).access_token))
    clock.advance(minutes=1)
    code = code_at(secret)
    results = await asyncio.gather(*(sign_in_staff(otp=code) for _ in range(8)), return_exceptions=True)
    return sum(not isinstance(result, BaseException) for result in results)


@pytest.mark.race(control="test_control_a_one_time_code_that_is_not_used_up_serves_many")
async def test_a_one_time_code_used_by_many_at_once_serves_one(freeze) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    assert await sessions_of_one_time_code() == 1


@pytest.mark.race(is_control=True)
async def test_control_a_one_time_code_that_is_not_used_up_serves_many(freeze, monkeypatch) -> None:
    async def fits(account_id: int, sealed: str, otp: str) -> bool:
        secret = crypto.open_sealed(sealed, context=rules.totp_context(account_id))
        return rules.totp_step(secret, otp, clock.now()) is not None

    monkeypatch.setattr(sign_in, "use_totp", fits)
    freeze("2026-03-10T09:00:00+08:00")
    assert await sessions_of_one_time_code() > 1


async def test_a_mistyped_code_does_not_change_the_offer() -> None:
    await make_staff()
    actor = await actor_of((await sign_in_staff()).access_token)
    offer = await commands.offer_totp(actor)
    with pytest.raises(Invalid) as caught:
        await commands.confirm_totp("000000", "", actor=actor, client=caller())
    assert caught.value.code == "totp_wrong"
    assert await commands.offer_totp(actor) == offer
    other = await actor_of((await sign_in_staff()).access_token)
    assert (await commands.offer_totp(other)).secret != offer.secret


async def test_replacing_the_factor_needs_the_old_one(freeze) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    await make_staff()
    old = await enrol(await actor_of((await sign_in_staff()).access_token))
    clock.advance(minutes=1)
    actor = await actor_of((await sign_in_staff(otp=code_at(old))).access_token)
    offer = await commands.offer_totp(actor)
    with pytest.raises(Invalid):
        await commands.confirm_totp(code_at(offer.secret), "", actor=actor, client=caller())
    clock.advance(minutes=1)
    await commands.confirm_totp(code_at(offer.secret), code_at(old), actor=actor, client=caller())
    assert await queries.signed_in((await sign_in_again(offer.secret)).access_token)


async def sign_in_again(secret: str):
    clock.advance(minutes=1)
    return await sign_in_staff(otp=code_at(secret))


async def test_production_demands_a_second_factor(production) -> None:
    _, first = await make_staff(password=None)
    answer = await sign_in_staff(password=first)
    actor = await actor_of(answer.access_token)
    assert (answer.pending, actor.pending) == ("password", "password")
    begun = await commands.change_password("", PASSWORD, actor=actor, client=caller())
    actor = await actor_of(begun.token)
    assert actor.pending == "totp"
    secret = await enrol(actor)
    clock.freeze(clock.now())
    try:
        clock.advance(minutes=1)
        answer = await sign_in_staff(otp=code_at(secret))
    finally:
        clock.unfreeze()
    assert answer.pending == ""


async def test_reset_credentials_are_set_again_from_the_beginning(production, freeze) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    account, first = await make_staff(password=None)
    begun = await commands.change_password(
        "", PASSWORD, actor=await actor_of((await sign_in_staff(password=first)).access_token), client=caller()
    )
    secret = await enrol(await actor_of(begun.token))
    clock.advance(minutes=1)
    session = await sign_in_staff(otp=code_at(secret))
    made = await commands.make_password()
    await commands.reset_credentials(account, made, SYSTEM)
    assert await queries.signed_in(session.access_token) is None
    clock.advance(minutes=1)
    assert await refused(otp=code_at(secret)) == "sign_in_failed"
    answer = await sign_in_staff(password=made.text)
    assert answer.pending == "password"
    begun = await commands.change_password(
        "", "nine loud cranes fly", actor=await actor_of(answer.access_token), client=caller()
    )
    assert (await actor_of(begun.token)).pending == "totp"
    assert await audited("staff.credentials_reset") == 1


async def test_disabling_ends_sessions_and_refuses_new_ones() -> None:
    account, _ = await make_staff()
    answer = await sign_in_staff()
    await commands.set_staff_state(account, AccountState.DISABLED, SYSTEM)
    assert await queries.signed_in(answer.access_token) is None
    assert await refused() == "sign_in_failed"
    await commands.set_staff_state(account, AccountState.ACTIVE, SYSTEM)
    assert await sign_in_staff()


async def sign_in_while_disabled(account: int) -> int:
    """Sessions that are left."""
    await commands.set_staff_state(account, AccountState.ACTIVE, SYSTEM)
    await asyncio.gather(
        *(sign_in_staff() for _ in range(3)),
        commands.set_staff_state(account, AccountState.DISABLED, SYSTEM),
        return_exceptions=True,
    )
    return int(await database.scalar("SELECT COUNT(*) FROM session_row"))


@pytest.mark.race(control="test_control_a_sign_in_that_does_not_look_again_outlives_the_disabling")
async def test_a_sign_in_that_meets_the_disabling_leaves_no_session() -> None:
    account, _ = await make_staff()
    for _ in range(5):
        assert await sign_in_while_disabled(account) == 0


@pytest.mark.race(is_control=True)
async def test_control_a_sign_in_that_does_not_look_again_outlives_the_disabling() -> None:
    account, _ = await make_staff()
    with without_words(" AND password_hash = %s AND state = %s", " AND password_hash = %s AND %s <> ''"):
        left = [await sign_in_while_disabled(account) for _ in range(5)]
    assert max(left) > 0


@pytest.mark.parametrize("username", ["", "ab", "1clerk", "clerk one", "窗口", "a" * 41])
async def test_user_names_are_plain(username: str) -> None:
    with pytest.raises(Invalid) as caught:
        await make_staff(username)
    assert caught.value.errors[0].field == "username"


async def test_a_user_name_is_given_once() -> None:
    await make_staff()
    with pytest.raises(Invalid) as caught:
        await make_staff("CLERK-ONE")
    assert (caught.value.code, caught.value.errors[0].field) == ("username_taken", "username")


async def test_staff_can_be_found_by_the_beginning_of_their_names() -> None:
    account, _ = await make_staff()
    assert await queries.search_staff("CLERK") == [account]
    assert await queries.search_staff("邹") == [account]
    assert await queries.search_staff("lerk") == []
    assert await queries.search_staff("%") == []
    known = await queries.staff_accounts([account, 1])
    assert list(known) == [account]
    assert (known[account].username, known[account].has_totp) == ("clerk-one", False)
