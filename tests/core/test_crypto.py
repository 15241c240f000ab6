"""Sealed values open only where they belong; indexes tell equality and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core import crypto
from backend.core.crypto import Keyring, Unreadable
from backend.core.settings import Settings, SettingsError, load_keyring


@given(st.text())
def test_what_is_sealed_opens_with_its_context(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    assert crypto.open_sealed(crypto.seal(text, context="member/id_no/1"), context="member/id_no/1") == text


def test_a_value_moved_to_another_row_does_not_open() -> None:
    sealed = crypto.seal("990001199003071231", context="member/id_no/1")
    with pytest.raises(Unreadable):
        crypto.open_sealed(sealed, context="member/id_no/2")


def test_a_changed_value_does_not_open() -> None:
    sealed = crypto.seal("990001199003071231", context="member/id_no/1")
    middle = len(sealed) // 2
    other = "A" if sealed[middle] != "A" else "B"
    with pytest.raises(Unreadable):
        crypto.open_sealed(sealed[:middle] + other + sealed[middle + 1 :], context="member/id_no/1")


def test_sealing_twice_gives_two_values_and_one_index() -> None:
    one, two = (crypto.seal("15400000001", context="member/phone/1") for _ in range(2))
    assert one != two
    assert crypto.blind_index("phone", "15400000001") == crypto.blind_index("phone", "15400000001")
    assert crypto.blind_index("phone", "15400000001") != crypto.blind_index("id_no", "15400000001")
    assert len(crypto.blind_index("phone", "15400000001")) == 32


def test_an_old_key_still_opens_and_asks_for_rotation(settings: Settings) -> None:
    present = load_keyring(settings)
    sealed = crypto.seal("旧值", context="x")
    newer = Keyring(
        active="k2",
        encryption={**present.encryption, "k2": b"0123456789abcdef0123456789abcdef"},
        index=present.index,
        signing=present.signing,
    )
    crypto.configure(newer)
    try:
        assert crypto.open_sealed(sealed, context="x") == "旧值"
        assert crypto.needs_rotation(sealed)
        assert not crypto.needs_rotation(crypto.seal("新值", context="x"))
    finally:
        crypto.configure(present)


def test_the_keyring_never_prints_its_keys(settings: Settings) -> None:
    assert repr(load_keyring(settings)) == "Keyring(active='k1')"


@pytest.mark.parametrize("key", ["", "c2hvcnQ=", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "not base64!"])
def test_weak_keys_stop_the_start(key: str, settings: Settings, tmp_path) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text(f'active = "k1"\nindex = "{key}"\nsigning = "{key}"\n[encryption]\nk1 = "{key}"\n')
    weak = Settings(environment="test", data_dir=tmp_path, secrets_file=str(path))
    with pytest.raises(SettingsError):
        load_keyring(weak)
