import msgspec


class ResultsProposed(msgspec.Struct, frozen=True):
    """The grades of a period are shown to those who have them, who may object until its day."""

    period_id: int
    round: int


class ResultsPublished(msgspec.Struct, frozen=True):
    """Nobody may object any more; certificates follow."""

    period_id: int


class CandidateWithdrawn(msgspec.Struct, frozen=True):
    """They are told that nobody waits for their grade any more."""

    candidate_id: int


class SheetsWait(msgspec.Struct, frozen=True):
    """A round was opened, or somebody new has to score in it: each assessor is told once."""

    period_id: int


class AppealAnswered(msgspec.Struct, frozen=True):
    objection_id: int
