from tortoise import fields
from tortoise.models import Model

# ---- claims: what was granted under a plan -----------------------------------------


class AidBenefit(Model):
    """What one claim was granted, nothing included. The figures are kept: a changed plan changes nothing settled."""

    id = fields.BigIntField(primary_key=True, generated=False)
    case_id = fields.BigIntField(unique=True)
    case_number = fields.CharField(24)
    year_id = fields.BigIntField(db_index=True)
    plan = fields.CharField(20)
    plan_since = fields.DateField(null=True)  # names the version of the plan; none where it was worked out by hand
    admitted_on = fields.DateField()
    base_fen = fields.BigIntField()
    deductible_fen = fields.BigIntField()
    amount_fen = fields.BigIntField()
    granted_at = fields.DatetimeField()

    class Meta:
        table = "aid_benefit"


class AidYear(Model):
    """What one person has had under one plan in one year: the sums of their benefits, moved with them."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(80, unique=True)  # "<blind index of the person>:<plan>:<year>"
    person_index = fields.CharField(32, db_index=True)
    plan = fields.CharField(20)
    year = fields.SmallIntField()
    deductible_fen = fields.BigIntField(default=0)
    amount_fen = fields.BigIntField(default=0)

    class Meta:
        table = "aid_year"


# ---- policies ----------------------------------------------------------------------


class AidPolicy(Model):
    """One person's part in one plan for one year. `holds_key` is there while it is not given back, so that nobody has
    the same plan and year twice."""

    id = fields.BigIntField(primary_key=True, generated=False)
    number = fields.CharField(24, unique=True)
    holds_key = fields.CharField(80, null=True, unique=True)  # "<blind index of the person>:<plan>:<year>"
    case_id = fields.BigIntField()
    case_number = fields.CharField(24)
    row_no = fields.IntField()  # in the list of its case; 0 where one person enrolled
    union_id = fields.BigIntField()
    account_id = fields.BigIntField(null=True, db_index=True)  # whoever enrolled alone
    member_id = fields.BigIntField(null=True)
    person_index = fields.CharField(32)
    holder_name = fields.CharField(30)
    plan = fields.CharField(20)
    plan_name = fields.CharField(20)
    year = fields.SmallIntField()
    shares = fields.SmallIntField()
    fee_fen = fields.BigIntField()
    starts_on = fields.DateField()
    wait_end = fields.DateField()  # the last day of waiting; the day before `starts_on` where there is none
    ends_on = fields.DateField()
    renewed = fields.BooleanField()  # goes on from one before without a gap
    refundable = fields.BooleanField()  # before it begins
    state = fields.CharField(10)  # PolicyState
    reminded_on = fields.DateField(null=True)
    ended_at = fields.DatetimeField(null=True)  # given back
    created_at = fields.DatetimeField()
    version = fields.IntField(default=1)

    class Meta:
        table = "aid_policy"
        indexes = [("case_id", "row_no"), ("person_index", "plan", "ends_on"), ("union_id", "id"), ("ends_on", "state")]


class AidFee(Model):
    """Fees of a case that came in, or went back. Of those that came in the last one counts, which has `live`."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(40, unique=True)  # of the act, or of the policy that was given back
    live = fields.CharField(40, null=True, unique=True)
    case_id = fields.BigIntField(db_index=True)
    kind = fields.CharField(10)  # FeeKind
    people = fields.IntField()
    amount_fen = fields.BigIntField()
    day = fields.DateField()
    at = fields.DatetimeField()

    class Meta:
        table = "aid_fee"


# ---- hardship files ----------------------------------------------------------------


class HardshipFile(Model):
    """One household's file. Its figures are those of the last time that it was looked at."""

    id = fields.BigIntField(primary_key=True, generated=False)
    number = fields.CharField(24, unique=True)
    case_id = fields.BigIntField(unique=True)
    case_number = fields.CharField(24)
    union_id = fields.BigIntField()
    account_id = fields.BigIntField(null=True)
    head_index = fields.CharField(32, db_index=True)
    head_name = fields.CharField(30)
    size = fields.SmallIntField()
    income_fen = fields.BigIntField()
    expense_fen = fields.BigIntField()
    per_capita_fen = fields.BigIntField()
    grade = fields.CharField(10)  # Grade
    state = fields.CharField(10)  # FileState
    opened_on = fields.DateField()
    review_due_on = fields.DateField()
    help_until = fields.DateField(null=True)  # of a closed one
    exit_reason = fields.CharField(20, default="")
    version = fields.IntField(default=1)

    class Meta:
        table = "hardship_file"
        indexes = [("union_id", "id"), ("state", "review_due_on")]


class HardshipPerson(Model):
    """Somebody of a household. `active_key` is there while the file is open, so that nobody is in two of them."""

    id = fields.BigIntField(primary_key=True, generated=False)
    file_id = fields.BigIntField()
    person_index = fields.CharField(32, db_index=True)
    active_key = fields.CharField(32, null=True, unique=True)
    name = fields.CharField(30)
    relation = fields.CharField(10)

    class Meta:
        table = "hardship_person"
        unique_together = (("file_id", "person_index"),)


class HardshipChange(Model):
    """A line of the history of a file, with a `key` made of what caused it."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(60, unique=True)
    file_id = fields.BigIntField(db_index=True)
    kind = fields.CharField(10)  # FileChange
    grade = fields.CharField(10)
    per_capita_fen = fields.BigIntField(null=True)
    reference = fields.CharField(50)
    actor_id = fields.BigIntField(null=True)
    at = fields.DatetimeField()

    class Meta:
        table = "hardship_change"
