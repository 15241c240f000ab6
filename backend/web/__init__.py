"""Surface machinery shared by all doors: access, same-origin check, limits, idempotency, pages, problem+json.

It knows no domain; how a token becomes an actor is handed to it.
"""
