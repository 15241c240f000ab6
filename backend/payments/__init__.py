"""Money: what decisions have granted and to whom, and a ledger in which it only moves from account to account.
Budgets that cannot be promised twice over. Nothing here pays: that something was paid is posted when it was.
"""
