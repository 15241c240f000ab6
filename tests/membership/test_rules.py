"""Pure policy: who may join, what may follow what, numbers, masks, the text of a card's code."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core import ids
from backend.core.errors import Invalid
from backend.membership import rules
from backend.membership.enums import EFFECTIVE, MemberAct, MemberStatus
from backend.membership.schemas import NewMember
from tests.membership.samples import id_no

S, A = MemberStatus, MemberAct


@pytest.mark.parametrize(
    ("age", "status", "code"),
    [
        (16, None, None),
        (15, None, "too_young_to_join"),
        (80, None, None),
        (30, S.LEFT, None),
        (15, S.LEFT, "too_young_to_join"),
        (30, S.ACTIVE, "already_member"),
        (30, S.TRANSFERRING, "already_member"),
        (30, S.KEPT, "already_member"),
        (30, S.DECEASED, "recorded_deceased"),
        (30, S.EXPELLED, "expelled_member"),
    ],
)
def test_who_may_join(age: int, status: MemberStatus | None, code: str | None) -> None:
    assert rules.may_join(age=age, status=status) == code


def test_the_whole_state_machine() -> None:
    table = {
        (act.value, status.value): after.value
        for act in A
        for status in S
        if (after := rules.status_after(act, status))
    }
    assert table == {
        ("keep", "active"): "kept",
        ("restore", "kept"): "active",
        ("restore", "deceased"): "active",
        ("leave", "active"): "left",
        ("leave", "transferring"): "left",
        ("leave", "kept"): "left",
        ("deceased", "active"): "deceased",
        ("deceased", "transferring"): "deceased",
        ("deceased", "kept"): "deceased",
        ("deceased", "left"): "deceased",
        ("expel", "active"): "expelled",
        ("expel", "transferring"): "expelled",
        ("expel", "kept"): "expelled",
        ("transfer_out", "active"): "transferring",
        ("transfer_in", "transferring"): "active",
        ("transfer_in", "kept"): "active",
        ("transfer_stop", "transferring"): "active",
    }


@settings(deadline=None)
@given(st.lists(st.sampled_from(A), max_size=12))
def test_no_act_revives_who_left_or_was_expelled(acts: list[MemberAct]) -> None:
    for end in (S.LEFT, S.EXPELLED):
        status = end
        for act in acts:
            status = rules.status_after(act, status) or status
            if status is S.DECEASED:
                break
            assert status not in EFFECTIVE


def test_member_numbers() -> None:
    assert rules.member_number("990121", 2026, 7) == "9901212026000007"
    assert rules.member_number("990121", 2026, 999_999) == "9901212026999999"
    with pytest.raises(ValueError, match="more members"):
        rules.member_number("990121", 2026, 1_000_000)


def test_every_wrong_value_is_named_at_once() -> None:
    wrong = NewMember(name="A", id_no="990001199003071230", phone="12345")

    with pytest.raises(Invalid) as refusal:
        rules.person_of(wrong, allow_synthetic=True, today=date(2026, 3, 10))

    assert [error.field for error in refusal.value.errors] == ["name", "id_no", "phone"]


def test_values_in_their_normal_forms() -> None:
    typed = NewMember(name=" 买买提 • 艾力 ", id_no=id_no(124).lower(), phone="+86 154-0000-0001")

    person = rules.person_of(typed, allow_synthetic=True, today=date(2026, 3, 10))

    assert (person.name, person.id_no.number, person.phone, person.gender) == (
        "买买提·艾力",
        id_no(124),
        "15400000001",
        "f",
    )


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("星城县黄枫镇总工会", "星城**总工会"),
        ("黄枫镇快递行业工会联合会", "黄枫**工会联合会"),
        ("安陂中学工会", "安**工会"),
        ("顺达公司工会委员会", "顺**工会委员会"),
        ("协会", "协**会"),
        ("会", "**会"),
    ],
)
def test_a_union_is_recognised_by_its_own_members_alone(name: str, masked: str) -> None:
    assert rules.mask_union(name) == masked


def test_masked_numbers_keep_county_and_end() -> None:
    assert rules.mask_number("9901212026000007") == "990121******0007"


NOON = datetime(2026, 3, 10, 4, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(("shown_after", "lives"), [(0, 60), (1, 59), (29, 31), (30, 60), (31, 59)])
def test_a_code_lives_between_thirty_and_sixty_seconds(shown_after: int, lives: int) -> None:
    shown = NOON + timedelta(seconds=shown_after)

    assert rules.card_seconds_left(shown, rules.card_step(shown)) == lives


def test_a_code_is_read_from_text_and_from_an_address() -> None:
    code = rules.CardCode(ids.public(ids.new_id()), rules.card_step(NOON), "0123456789abcdef")
    text = rules.card_text(code)

    assert text == f"U1.{code.member}.{code.step}.0123456789abcdef"
    for scanned in (text, f"https://union.example/c/{text}", f" {text}\n", text.replace("U1", "Ｕ１")):
        assert rules.parse_card(scanned) == code


@settings(deadline=None)
@given(st.text(max_size=120))
def test_no_text_breaks_the_reading_of_a_code(text: str) -> None:
    assert rules.parse_card(text) is None
