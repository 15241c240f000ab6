"""Writes of casework, one file per family."""

from backend.casework.commands import (
    batches,
    deadlines,
    deserted,
    exports,
    messages,
    offers,
    phrases,
    presence,
    proxies,
    register,
    straight_through,
    tables,
    tallies,
)
from backend.casework.commands.acts import perform
from backend.casework.commands.belonging import belong_to_member
from backend.casework.commands.corrections import correct
from backend.casework.commands.decide import decide
from backend.casework.commands.drafts import discard_draft, save_draft, save_screen
from backend.casework.commands.member_acts import urge, withdraw
from backend.casework.commands.objections import object_to, settle
from backend.casework.commands.opening import open_file, reveal_field, take_up
from backend.casework.commands.pairs import settle_pair
from backend.casework.commands.questions import answer, ask
from backend.casework.commands.recuse import recuse
from backend.casework.commands.register import change_entry, open_entry
from backend.casework.commands.reopen import reopen
from backend.casework.commands.reuse import clear_reused, fill_from_earlier
from backend.casework.commands.roster import admit_roster, go_on_with_roster
from backend.casework.commands.submit import file_at_window, submit, submitted_number

__all__ = [
    "admit_roster",
    "answer",
    "ask",
    "batches",
    "belong_to_member",
    "change_entry",
    "clear_reused",
    "correct",
    "deadlines",
    "decide",
    "deserted",
    "discard_draft",
    "exports",
    "file_at_window",
    "fill_from_earlier",
    "go_on_with_roster",
    "messages",
    "object_to",
    "offers",
    "open_entry",
    "open_file",
    "perform",
    "phrases",
    "presence",
    "proxies",
    "recuse",
    "register",
    "reopen",
    "reveal_field",
    "save_draft",
    "save_screen",
    "settle",
    "settle_pair",
    "straight_through",
    "submit",
    "submitted_number",
    "tables",
    "take_up",
    "tallies",
    "urge",
    "withdraw",
]
