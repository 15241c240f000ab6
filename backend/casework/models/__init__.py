"""Tables of casework, by subject; the ORM finds them here."""

from backend.casework.models.bulk import Batch, BatchCase, CaseTally, Export, ExportPart, TallyDue
from backend.casework.models.cases import (
    Case,
    CaseAct,
    CaseEvent,
    CaseFile,
    CaseInvoice,
    CaseKey,
    CasePair,
    CaseRecusal,
    CaseRound,
    Correction,
    RosterRow,
    StepDecision,
    StraightJudgement,
)
from backend.casework.models.drafts import Draft, ProxyFiling, TableSheet
from backend.casework.models.offers import Offer, OfferRefusal
from backend.casework.models.publicity import Objection, PublicNotice
from backend.casework.models.registers import RegisterChange, RegisterEntry
from backend.casework.models.talking import CaseMessage, CasePresence, CaseQuestion, Phrase

__all__ = [
    "Batch",
    "BatchCase",
    "Case",
    "CaseAct",
    "CaseEvent",
    "CaseFile",
    "CaseInvoice",
    "CaseKey",
    "CaseMessage",
    "CasePair",
    "CasePresence",
    "CaseQuestion",
    "CaseRecusal",
    "CaseRound",
    "CaseTally",
    "Correction",
    "Draft",
    "Export",
    "ExportPart",
    "Objection",
    "Offer",
    "OfferRefusal",
    "Phrase",
    "ProxyFiling",
    "PublicNotice",
    "RegisterChange",
    "RegisterEntry",
    "RosterRow",
    "StepDecision",
    "StraightJudgement",
    "TableSheet",
    "TallyDue",
]
