"""Accounts, session rows, sign-in by SMS code or by password and TOTP, consents, and who viewed whose data.

It refuses guessed codes, planted session ids and reused one-time codes; it knows nothing of unions or
membership.
"""
