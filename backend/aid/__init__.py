"""Mutual aid and help in hardship: plans and their arithmetic, what claims took of a year's cap, policies, hardship
files. It decides no case and pays nobody: it says what is due, and keeps what was granted.
"""
