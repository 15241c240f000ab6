"""The amount a case is about, with its arithmetic, from the function bound to the flow."""

from backend.casework import catalogue
from backend.casework.flows import Flow
from backend.casework.protocols import Question
from backend.casework.schemas import QuoteView


async def quote_view(flow: Flow, question: Question) -> QuoteView | None:
    """None for a flow without an amount, or while the form does not say enough."""
    if not flow.quote:
        return None
    quoted = await catalogue.bindings().quotes[flow.quote](question)
    if quoted is None:
        return None
    lines = [(line.label, line.amount_fen) for line in quoted.lines]
    note = f"{quoted.note}以审核为准"
    return QuoteView(title=quoted.title, total_fen=quoted.amount_fen, lines=lines, note=note)
