"""Consents: to one wording, asked again when it changes, withdrawn at once; and who looked at what."""

import asyncio
import shutil
from pathlib import Path

import msgspec
import pytest

from backend.core import clock, crypto, database, reference
from backend.core.actor import Actor, Post
from backend.core.errors import Conflict, NotFound
from backend.core.reveal import Purpose, reveal
from backend.core.settings import CONFIG_DIR
from backend.identity import commands, queries, texts
from backend.identity.enums import ConsentKind
from tests.identity.helpers import actor_of, audited, sign_in
from tests.unguarded import without_keys

BOTH = frozenset(ConsentKind)


async def person() -> Actor:
    return await actor_of((await sign_in()).access_token)


async def give(kind: ConsentKind, actor: Actor) -> int:
    return await commands.give_consent(kind, texts.current(kind).version, channel="portal", actor=actor)


def test_the_shipped_texts_are_two_and_say_why_and_what_follows() -> None:
    texts.load(CONFIG_DIR)
    shown = queries.consent_texts()
    assert [text.kind for text in shown] == [ConsentKind.PRIVACY, ConsentKind.SENSITIVE]
    assert all(text.necessity and text.effect and len(text.paragraphs) >= 5 for text in shown)
    assert "身份证号" in "".join(shown[1].paragraphs)


async def test_giving_both_one_by_one() -> None:
    actor = await person()
    assert await queries.standing_consents(actor.account_id) == frozenset()
    await give(ConsentKind.PRIVACY, actor)
    assert await queries.standing_consents(actor.account_id) == {ConsentKind.PRIVACY}
    await give(ConsentKind.SENSITIVE, actor)
    assert await queries.standing_consents(actor.account_id) == BOTH
    row = (await database.rows("SELECT * FROM consent WHERE kind = %s", "sensitive"))[0]
    text = texts.current(ConsentKind.SENSITIVE)
    assert (row["text_version"], row["text_hash"], row["channel"]) == (text.version, text.hash, "portal")
    assert await audited("consent.given") == 2


async def test_giving_it_twice_is_one_consent() -> None:
    actor = await person()
    assert await give(ConsentKind.PRIVACY, actor) == await give(ConsentKind.PRIVACY, actor)
    assert await database.scalar("SELECT COUNT(*) FROM consent") == 1


STANDING = "SELECT COUNT(*) FROM consent WHERE standing IS NOT NULL"


async def give_ten_times() -> list[int]:
    actor = await person()
    return list(await asyncio.gather(*(give(ConsentKind.PRIVACY, actor) for _ in range(10))))


@pytest.mark.race(control="test_control_without_its_key_there_are_many_consents")
async def test_giving_it_many_times_at_once_is_one_consent() -> None:
    assert len(set(await give_ten_times())) == 1
    assert await database.scalar(STANDING) == 1


@pytest.mark.race(is_control=True)
async def test_control_without_its_key_there_are_many_consents() -> None:
    async with without_keys("consent"):
        await give_ten_times()
        assert await database.scalar(STANDING) > 1


async def test_withdrawing_is_seen_at_once_and_keeps_the_record(freeze) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    actor = await person()
    await give(ConsentKind.SENSITIVE, actor)
    clock.advance(days=1)
    await commands.withdraw_consent(ConsentKind.SENSITIVE, actor)
    assert await queries.standing_consents(actor.account_id) == frozenset()
    (line,) = (await queries.consents_of(actor)).given
    assert (line.given_at, line.withdrawn_at) == ("2026-03-10T09:00:00+08:00", "2026-03-11T09:00:00+08:00")
    assert (line.standing, line.outdated) == (False, False)
    with pytest.raises(NotFound):
        await commands.withdraw_consent(ConsentKind.SENSITIVE, actor)
    await give(ConsentKind.SENSITIVE, actor)
    assert [one.standing for one in (await queries.consents_of(actor)).given] == [True, False]


async def test_nobody_agrees_to_a_text_that_is_not_in_force() -> None:
    with pytest.raises(Conflict) as caught:
        await commands.give_consent(ConsentKind.PRIVACY, "1999-01", channel="portal", actor=await person())
    assert caught.value.code == "consent_text_changed"


@pytest.fixture
def changed_texts(tmp_path: Path, settings):
    """A county whose privacy text has a second version from 1 May 2026 on."""
    shutil.copytree(CONFIG_DIR / "consents", tmp_path / "consents")
    for folder in ("holidays", "divisions"):
        shutil.copytree(CONFIG_DIR / folder, tmp_path / folder)
    path = tmp_path / "consents" / "privacy.yaml"
    more = "  - {version: '2026-05', effective: 2026-05-01, necessity: 新, effect: 新, paragraphs: [新的说明]}\n"
    path.write_text(path.read_text("utf-8") + more, "utf-8")
    reference.load(msgspec.structs.replace(settings, config_dir=tmp_path))
    yield tmp_path
    reference.load(settings)


async def test_a_changed_text_asks_again(freeze, changed_texts: Path) -> None:
    freeze("2026-04-30T09:00:00+08:00")
    actor = await person()
    await give(ConsentKind.PRIVACY, actor)
    assert await queries.standing_consents(actor.account_id) == {ConsentKind.PRIVACY}
    clock.advance(hours=16)  # 1 May in China
    assert await queries.standing_consents(actor.account_id) == frozenset()
    (line,) = (await queries.consents_of(actor)).given
    assert (line.standing, line.outdated) == (True, True)
    await give(ConsentKind.PRIVACY, actor)
    assert await queries.standing_consents(actor.account_id) == {ConsentKind.PRIVACY}
    assert [one.text_version for one in (await queries.consents_of(actor)).given] == ["2026-05", "2026-01"]


@pytest.mark.parametrize(
    "content",
    [
        "title: 说明\nversions: []\n",
        "title: 说明\n",
        "versions: [1]\n",
        "title: 说明\nextra: 1\nversions: []\n",
        "title: 说\nversions:\n"
        "  - {version: a, effective: 2026-05-01, necessity: x, effect: x, paragraphs: []}\n"
        "  - {version: b, effective: 2026-01-01, necessity: x, effect: x, paragraphs: []}\n",
    ],
)
def test_a_wrong_text_file_stops_the_start(tmp_path: Path, content: str) -> None:
    shutil.copytree(CONFIG_DIR / "consents", tmp_path / "consents")
    (tmp_path / "consents" / "privacy.yaml").write_text(content, "utf-8")
    with pytest.raises(ValueError, match=r"privacy\.yaml"):
        texts.load(tmp_path)


def test_a_missing_text_file_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"privacy\.yaml"):
        texts.load(tmp_path)


CLERK = Actor(
    kind="staff",
    account_id=77,
    display="邹某",
    posts=(
        Post(
            union_id=1,
            union_name="高桥街道总工会",
            path="/a/",
            level="town",
            division="990121001",
            roles=("desk",),
            permissions=frozenset(),
        ),
    ),
)


async def open_value(field: str, subject_kind: str, subject_id: int) -> None:
    sealed = crypto.seal("x", context="test/1")
    await reveal(
        sealed,
        context="test/1",
        field=field,
        purpose=Purpose.REVIEW,
        actor=CLERK,
        subject_kind=subject_kind,
        subject_id=subject_id,
    )


async def test_a_person_sees_who_looked_and_nobody_elses_lines(freeze) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    actor = await person()
    await commands.bind_member(actor.account_id, 42, display="王小测", actor=actor)
    actor = msgspec.structs.replace(actor, member_id=42)
    await open_value("id_no", "account", actor.account_id)
    await open_value("bank_card", "member", 42)
    await open_value("anything", "case", 9)
    await open_value("id_no", "member", 43)
    await open_value("id_no", "account", 42)
    seen = await queries.who_viewed(actor)
    assert [(line.field, line.who, line.purpose, line.at) for line in seen.items] == [
        ("银行卡号", "高桥街道总工会 邹某", "审核办件", "2026-03-10T09:00:00+08:00"),
        ("身份证号", "高桥街道总工会 邹某", "审核办件", "2026-03-10T09:00:00+08:00"),
    ]
    assert len((await queries.who_viewed(actor, more=[("case", 9)])).items) == 3


async def test_the_lines_come_in_pages() -> None:
    actor = await person()
    for _ in range(5):
        await open_value("id_no", "account", actor.account_id)
    first = await queries.who_viewed(actor, limit=3)
    second = await queries.who_viewed(actor, limit=3, cursor=first.next_cursor)
    assert (len(first.items), len(second.items), second.next_cursor) == (3, 2, None)
    assert len({line.id for line in (*first.items, *second.items)}) == 5
