"""Money that decisions have granted. It says what is due and to whom; it never says that anything was paid, because
nothing here pays.
"""
