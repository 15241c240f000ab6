"""Members: one record per identity number, states, the member card, import of the existing roll.

It refuses a second effective membership, and never shows a record to a phone whose holder has not
confirmed the identity number.
"""
