from tortoise import fields
from tortoise.models import Model


class PaymentDue(Model):
    """An amount that a case granted to somebody. The bank card stays sealed in the case, under `card_field`."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(80, unique=True)  # "<case>:<programme>"
    case_id = fields.BigIntField(db_index=True)
    case_number = fields.CharField(24)
    programme = fields.CharField(40)
    name = fields.CharField(40)  # of the service, as the payee knows it
    account_id = fields.BigIntField(null=True, db_index=True)
    member_id = fields.BigIntField(null=True, db_index=True)
    union_id = fields.BigIntField(null=True)
    payee_name = fields.CharField(50)
    card_field = fields.CharField(40, default="")
    amount_fen = fields.BigIntField()
    state = fields.CharField(10)  # DueState
    created_at = fields.DatetimeField()

    class Meta:
        table = "payment_due"
        indexes = [("state", "id")]
