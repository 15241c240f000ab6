"""What happened to cases. Events carry ids; who is told what is decided by workers/reactions."""

import msgspec


class CaseSubmitted(msgspec.Struct, frozen=True):
    case_id: int


class CaseReturned(msgspec.Struct, frozen=True):
    case_id: int
    round: int


class CaseCorrected(msgspec.Struct, frozen=True):
    case_id: int
    round: int


class CaseApproved(msgspec.Struct, frozen=True):
    """The last step approved it; its outcome is already true."""

    case_id: int


class CaseRejected(msgspec.Struct, frozen=True):
    case_id: int


class CaseHeld(msgspec.Struct, frozen=True):
    case_id: int
    version: int


class CaseUrged(msgspec.Struct, frozen=True):
    case_id: int
    count: int


class CaseNearDue(msgspec.Struct, frozen=True):
    case_id: int


class CaseOverdue(msgspec.Struct, frozen=True):
    case_id: int


class CaseActed(msgspec.Struct, frozen=True):
    """One of the flow's own actions was done."""

    case_id: int
    act_id: int


class RosterApproved(msgspec.Struct, frozen=True):
    """People of a list were to join together, and more of them are left than one decision takes in."""

    case_id: int
    table: str


class RecordNearEnd(msgspec.Struct, frozen=True):
    """An entry of a register ends within thirty days."""

    entry_id: int
