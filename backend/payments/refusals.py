from backend.core.errors import FieldError, Invalid, sentence
from backend.core.money import yuan


class BudgetTooSmall(Invalid):
    """There is less left in the budget than was asked for."""

    def __init__(self, left_fen: int, *, field: str = "amount_fen") -> None:
        self.left_fen = left_fen
        words = {"left": yuan(left_fen)}
        code = "budget_too_small"
        super().__init__([FieldError(field, sentence(code, **words))], code=code, **words)
