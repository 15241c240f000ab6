"""What documents are made of: QR codes, PDF rendering, and short codes that prove a printed number.

It knows no domain: the domain that issues a document says what stands in it and who may verify it.
"""
