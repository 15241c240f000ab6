"""The welfare mall: goods at a price for members, and their orders, which are paid and fetched at a counter. It sells
no piece twice, keeps nothing for who does not pay, and every order moves between its states once.
"""
