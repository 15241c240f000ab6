"""Writes of casework, one file per family."""

from backend.casework.commands import deadlines
from backend.casework.commands.belonging import belong_to_member
from backend.casework.commands.corrections import correct
from backend.casework.commands.decide import decide
from backend.casework.commands.drafts import discard_draft, save_draft, save_screen
from backend.casework.commands.member_acts import urge, withdraw
from backend.casework.commands.opening import open_file, reveal_field, take_up
from backend.casework.commands.submit import file_at_window, submit, submitted_number

__all__ = [
    "belong_to_member",
    "correct",
    "deadlines",
    "decide",
    "discard_draft",
    "file_at_window",
    "open_file",
    "reveal_field",
    "save_draft",
    "save_screen",
    "submit",
    "submitted_number",
    "take_up",
    "urge",
    "withdraw",
]
