"""Vouchers: campaigns that are proposed, decided and opened; who is meant by them; handing them out, the wallet and its
codes. It never gives out one more than was decided, and knows nothing of what a shop does with one.
"""
