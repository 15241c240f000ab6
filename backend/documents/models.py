from tortoise import fields
from tortoise.models import Model


class Document(Model):
    """A numbered paper as it was issued. Printed again it is the same paper, and a voided one stays, marked."""

    id = fields.BigIntField(primary_key=True, generated=False)
    number = fields.CharField(24, unique=True)
    # "case:<id>:<document>": what the paper was issued for, once
    key = fields.CharField(100, unique=True)
    title = fields.CharField(120)
    issuer = fields.CharField(80)
    subject = fields.CharField(80)  # whom it is about, masked: what a verifier reads
    body = fields.TextField()  # JSON: DocumentBody
    issued_on = fields.DateField()
    issued_by = fields.BigIntField()
    voided_on = fields.DateField(null=True)

    class Meta:
        table = "document"
