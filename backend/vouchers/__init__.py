"""Vouchers: campaigns that are proposed, decided and opened; who is meant by them; handing them out, the wallet and its
codes; shops, their cashiers, and the use of a voucher at a till. It never gives out one more than was decided, takes
none twice, and moves their worth in the ledger with them.
"""
