"""Pages of services and of one's own cases."""

from backend.casework.portal import (
    acts,
    cases,
    forms,
    messages,
    offers,
    proxies,
    records,
    tables,
)

routes = [
    *cases.routes,
    *forms.routes,
    *messages.routes,
    *acts.routes,
    *offers.routes,
    *proxies.routes,
    *records.routes,
    *tables.routes,
]
