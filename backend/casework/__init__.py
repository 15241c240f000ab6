"""The engine under every flow: typed flow files, forms, drafts, cases, steps, decisions, corrections, due
dates and the desk queue.

It knows no flow by name; what an approval brings about is bound from outside.
"""
