"""Decisions on many cases at once."""

import msgspec

from backend.casework.schemas.cases import Version


class BatchItem(msgspec.Struct, kw_only=True):
    """One case of a batch; its own comment, or else the batch's."""

    number: str
    version: Version
    comment: str = ""


class BatchInput(msgspec.Struct, kw_only=True):
    action: str
    cases: list[BatchItem]
    comment: str = ""
    preview: bool = False


class BatchCounts(msgspec.Struct, kw_only=True):
    """`amount_fen` is the sum of those that would be decided, where their service has an amount."""

    total: int
    ok: int
    refused: int
    amount_fen: int = 0


class BatchResult(msgspec.Struct, kw_only=True, omit_defaults=True):
    """`code` and `detail` say why not."""

    number: str
    ok: bool
    code: str = ""
    detail: str = ""
    subject: str = ""
    service: str = ""
    version: int = 0
    amount_fen: int = 0
    signs: bool = False  # it would be the first of two approvals, the case stays
    asking: bool = False  # another desk was asked and has not answered yet
    state: str = ""


class BatchView(msgspec.Struct, kw_only=True):
    """Refused rows come first. `batch` is None for a preview."""

    counts: BatchCounts
    results: list[BatchResult]
    batch: str | None = None
    action: str = ""
    comment: str = ""
    state: str = ""
    made_at: str = ""
    undo_until: str = ""
    undo_seconds: int = 0
