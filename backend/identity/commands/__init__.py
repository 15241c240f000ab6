"""Writes of identity, one file per family."""

from backend.identity.commands.accounts import account_for_phone, bind_member, disown, leave_if_silent, release_phone
from backend.identity.commands.consents import give_consent, withdraw_consent
from backend.identity.commands.housekeeping import forget_expired
from backend.identity.commands.relatives import declare_relative, take_back_relative
from backend.identity.commands.sessions import Begun, end_current_session, end_other_sessions, end_session
from backend.identity.commands.sign_in import open_session, open_staff_session, request_code
from backend.identity.commands.staff import (
    NewPassword,
    change_password,
    confirm_totp,
    create_staff,
    make_password,
    offer_totp,
    reset_credentials,
    set_staff_state,
)

__all__ = [
    "Begun",
    "NewPassword",
    "account_for_phone",
    "bind_member",
    "change_password",
    "confirm_totp",
    "create_staff",
    "declare_relative",
    "disown",
    "end_current_session",
    "end_other_sessions",
    "end_session",
    "forget_expired",
    "give_consent",
    "leave_if_silent",
    "make_password",
    "offer_totp",
    "open_session",
    "open_staff_session",
    "release_phone",
    "request_code",
    "reset_credentials",
    "set_staff_state",
    "take_back_relative",
    "withdraw_consent",
]
