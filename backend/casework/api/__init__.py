"""JSON doors of services, cases and what belongs to them."""

from backend.casework.api import (
    acts,
    batches,
    cases,
    exports,
    messages,
    offers,
    pairs,
    phrases,
    proxies,
    questions,
    records,
    recusal,
    reopen,
    reuse,
    statistics,
    tables,
)

routes = [
    *cases.routes,
    *reuse.routes,
    *offers.routes,
    *proxies.routes,
    *acts.routes,
    *batches.routes,
    *messages.routes,
    *phrases.routes,
    *questions.routes,
    *exports.routes,
    *pairs.routes,
    *statistics.routes,
    *tables.routes,
    *records.routes,
    *recusal.routes,
    *reopen.routes,
]
