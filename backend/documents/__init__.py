"""Numbered papers: issued once, printed again as they were, verified by anybody who holds one; and what papers are
made of: QR codes, PDF rendering, short codes that prove a printed number.

It knows no domain: the domain that issues a document says what stands in it and who may read it.
"""
