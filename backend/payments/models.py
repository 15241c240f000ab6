from tortoise import fields
from tortoise.models import Model


class PaymentDue(Model):
    """An amount that a case, or a grading, granted to somebody: an instruction to pay it once.

    Its bank card is sealed; `card_index` says of two whether they are the same.
    """

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(80, unique=True)  # of a case "<case>:<programme>"
    source = fields.CharField(10, default="case")  # DueSource
    case_id = fields.BigIntField(null=True, db_index=True)
    case_number = fields.CharField(24, default="")
    programme = fields.CharField(40)
    name = fields.CharField(40)  # of the service, as the payee knows it
    account_id = fields.BigIntField(null=True, db_index=True)
    member_id = fields.BigIntField(null=True, db_index=True)
    union_id = fields.BigIntField(null=True)
    payee_name = fields.CharField(50)
    bank_name = fields.CharField(40, default="")
    card_field = fields.CharField(40, default="")  # of the case, where it came from one
    card_sealed = fields.CharField(200, default="")
    card_masked = fields.CharField(30, default="")
    card_index = fields.CharField(32, default="")
    amount_fen = fields.BigIntField()
    state = fields.CharField(10)  # DueState
    attempts = fields.IntField(default=0)  # runs that it was in
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField()

    class Meta:
        table = "payment_due"
        indexes = [("state", "id"), ("programme", "state", "id")]


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


class PayRun(Model):
    """Amounts of one budget that are paid together: one person makes it, another checks it, a bank pays it."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(80, unique=True)
    number = fields.CharField(20, unique=True)
    union_id = fields.BigIntField(db_index=True)
    budget_name = fields.CharField(40)
    year = fields.SmallIntField()
    budget_id = fields.BigIntField()
    hold_id = fields.BigIntField()
    state = fields.CharField(10)  # RunState
    version = fields.IntField(default=1)
    count = fields.IntField()
    total_fen = fields.BigIntField()
    uploads = fields.IntField(default=0)
    layout = fields.CharField(20)  # of its bank files, in config/banks/
    file_rows = fields.IntField()  # that a file holds, as the layout said when the run was made
    maker_id = fields.BigIntField()
    maker = fields.CharField(50)
    made_at = fields.DatetimeField()
    checker_id = fields.BigIntField(null=True)
    checker = fields.CharField(50, default="")
    checked_at = fields.DatetimeField(null=True)
    exported_at = fields.DatetimeField(null=True)
    settled_at = fields.DatetimeField(null=True)
    cancelled_at = fields.DatetimeField(null=True)
    reason = fields.CharField(100, default="")  # why it was cancelled, and by whom is in the audit log

    class Meta:
        table = "pay_run"


class PayItem(Model):
    """One amount in a run, with the bank card as it was when the run was made. `live` is the due while it may be
    paid by this item or was: no due is live twice."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(30, unique=True)  # as the bank knows it
    run_id = fields.BigIntField()
    seq = fields.IntField()
    due_id = fields.BigIntField(db_index=True)
    live = fields.BigIntField(null=True, unique=True)
    attempt = fields.IntField()
    payee_name = fields.CharField(50)
    amount_fen = fields.BigIntField()
    bank_name = fields.CharField(40, default="")
    card_sealed = fields.CharField(200)
    card_masked = fields.CharField(30)
    card_index = fields.CharField(32)
    state = fields.CharField(10)  # ItemState
    reason = fields.CharField(100, default="")
    upload = fields.IntField(default=0)  # by which file it was booked
    booked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "pay_item"
        unique_together = (("run_id", "seq"),)
        indexes = [("run_id", "state")]
