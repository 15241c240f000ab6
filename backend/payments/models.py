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


class LedgerAccount(Model):
    """A place where money is, in fen. The balance is the sum of its entries, kept beside them and checked."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(80, unique=True)
    kind = fields.CharField(10)  # AccountKind
    name = fields.CharField(80, default="")
    balance_fen = fields.BigIntField(default=0)
    created_at = fields.DatetimeField()

    class Meta:
        table = "ledger_account"


class Posting(Model):
    """One movement of money. Never changed and never deleted: it is taken back by a second one that reverses it."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(100, unique=True)
    kind = fields.CharField(10)  # PostingKind
    reverses_id = fields.BigIntField(null=True, unique=True)
    reason = fields.CharField(200, default="")
    actor_id = fields.BigIntField()
    at = fields.DatetimeField()

    class Meta:
        table = "ledger_posting"


class LedgerEntry(Model):
    """What a posting adds to one account. Those of a posting sum to zero."""

    id = fields.BigIntField(primary_key=True, generated=False)
    posting_id = fields.BigIntField()
    account_id = fields.BigIntField()
    amount_fen = fields.BigIntField()

    class Meta:
        table = "ledger_entry"
        unique_together = (("posting_id", "account_id"),)
        indexes = [("account_id", "id")]


class Budget(Model):
    """What a union may spend on one programme in one year."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(80, unique=True)
    union_id = fields.BigIntField()
    year = fields.SmallIntField()
    name = fields.CharField(40)
    amount_fen = fields.BigIntField()
    account_id = fields.BigIntField(unique=True)
    created_at = fields.DatetimeField()
    version = fields.IntField(default=1)

    class Meta:
        table = "budget"
        unique_together = (("union_id", "year", "name"),)


class BudgetHold(Model):
    """A part of a budget promised to one purpose. What is left of it is the balance of its account."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(80, unique=True)
    budget_id = fields.BigIntField(db_index=True)
    account_id = fields.BigIntField(unique=True)
    amount_fen = fields.BigIntField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "budget_hold"
