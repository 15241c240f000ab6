"""Pages of the desk."""

from backend.casework.desk import (
    acts,
    batches,
    cases,
    exports,
    filing,
    messages,
    pairs,
    phrases,
    questions,
    records,
    recusal,
    reopen,
    statistics,
)

routes = [
    *cases.routes,
    *filing.routes,
    *pairs.routes,
    *acts.routes,
    *batches.routes,
    *messages.routes,
    *phrases.routes,
    *questions.routes,
    *exports.routes,
    *statistics.routes,
    *records.routes,
    *recusal.routes,
    *reopen.routes,
]
