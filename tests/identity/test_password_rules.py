"""What staff may choose as a password."""

import secrets

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.identity import passwords, rules

CONTEXT = ["demo-town", "邹小测", "zxc", "星城数字工会", "xcszgh"]


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("", "password_short"),
        ("elevenchars", "password_short"),
        ("x" * 129, "password_long"),
        ("password1234", "password_common"),
        ("P@ssw0rd2026!", "password_common"),
        ("gonghui202612", "password_common"),
        ("zonggonghui88", "password_common"),
        ("qwertyuiop123", "password_common"),
        ("1qaz2wsx3edc", "password_common"),
        ("aaaaaaaaaaaa", "password_common"),
        ("123456789012", "password_common"),
        ("abcdefghijkl", "password_common"),
        ("abcabcabcabc", "password_common"),
        ("demo-town-2026", "password_common"),
        ("星城数字工会2026年春", "password_common"),
        ("邹小测邹小测邹小测邹小", "password_short"),
        ("邹小测邹小测邹小测邹小测", "password_common"),
        ("union-demo-1234", "password_common"),
        ("seven quiet herons", None),
        ("correct horse battery staple", None),
        ("我家门口有两棵枣树都很高", None),
        ("84629175306284", None),
        ("tr0ub4dor&3-xyz", None),
        ("            a b c d e", None),
    ],
)
def test_passwords(password: str, problem: str | None) -> None:
    assert rules.password_problem(password, context=CONTEXT) == problem


def test_random_passwords_of_any_kind_pass() -> None:
    for _ in range(200):
        assert rules.password_problem(secrets.token_urlsafe(12), context=CONTEXT) is None


@given(st.text(min_size=0, max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_text_gets_an_answer(text: str) -> None:
    assert rules.password_problem(text, context=CONTEXT) in (None, "password_short", "password_long", "password_common")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=12, max_size=64))
@settings(max_examples=25, deadline=None)
async def test_any_characters_count_exactly_as_they_are(text: str) -> None:
    hashed = await passwords.make_hash(text)
    assert await passwords.verify(hashed, text)
    assert not await passwords.verify(hashed, text + " ")
    assert not await passwords.verify("", text)
    assert not await passwords.verify(None, text)
    assert not await passwords.verify("not a hash", text)
