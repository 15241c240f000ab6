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
    source_id = fields.BigIntField(null=True)  # the fee that came in, of one that is returned
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


# ---- condolences -------------------------------------------------------------------


class CondolenceStandard(Model):
    """What a unit gives when something happens, from a day on. The latest of a day holds on it."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(60, unique=True)  # "<union>:<event>:<first day>"
    union_id = fields.BigIntField()
    event = fields.CharField(20)  # LifeEvent
    since = fields.DateField()
    amount_fen = fields.BigIntField()
    paper = fields.CharField(100)
    set_by = fields.BigIntField()
    at = fields.DatetimeField()

    class Meta:
        table = "condolence_standard"
        indexes = [("union_id", "event", "since")]


class CondolenceGrant(Model):
    """What one approved case gave: it stays, whatever becomes of the standards."""

    id = fields.BigIntField(primary_key=True, generated=False)
    case_id = fields.BigIntField(unique=True)
    case_number = fields.CharField(24)
    person_index = fields.CharField(32)
    union_id = fields.BigIntField()
    event = fields.CharField(20)  # LifeEvent
    event_date = fields.DateField()
    amount_fen = fields.BigIntField()
    goods = fields.CharField(60, default="")
    granted_on = fields.DateField()

    class Meta:
        table = "condolence_grant"
        indexes = [("person_index", "granted_on")]


class FestivalIssue(Model):
    """Goods that a unit gave its members at a festival, so much worth to each."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(100, unique=True)
    union_id = fields.BigIntField()
    festival = fields.CharField(20)  # Festival
    year = fields.SmallIntField()
    goods = fields.CharField(60)
    worth_fen = fields.BigIntField()
    given_on = fields.DateField()
    everyone = fields.BooleanField()
    people = fields.IntField()
    state = fields.CharField(10)  # IssueState
    reason = fields.CharField(100, default="")  # why it was revoked
    actor_id = fields.BigIntField()
    at = fields.DatetimeField()

    class Meta:
        table = "festival_issue"
        indexes = [("union_id", "year", "id")]


class FestivalReceipt(Model):
    """One member's part in an issue."""

    id = fields.BigIntField(primary_key=True, generated=False)
    issue_id = fields.BigIntField()
    member_id = fields.BigIntField(db_index=True)

    class Meta:
        table = "festival_receipt"
        unique_together = (("issue_id", "member_id"),)


class FestivalYear(Model):
    """What one member was given at the festivals of a year: the sum of what was not revoked, moved with it."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(40, unique=True)  # "<member>:<year>"
    member_id = fields.BigIntField()
    year = fields.SmallIntField()
    worth_fen = fields.BigIntField()

    class Meta:
        table = "festival_year"


# ---- yearly batches ----------------------------------------------------------------


class AidIntake(Model):
    """A batch of one programme and year. `granted` never passes `quota`, nor `granted_fen` the budget."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(60, unique=True)  # "<programme>:<year>:<union>"
    union_id = fields.BigIntField()
    programme = fields.CharField(40)
    year = fields.SmallIntField()
    title = fields.CharField(60)
    text = fields.TextField()
    opens_on = fields.DateField()
    closes_on = fields.DateField()  # the last day
    quota = fields.IntField(null=True)
    budget_fen = fields.BigIntField()
    granted = fields.IntField(default=0)
    granted_fen = fields.BigIntField(default=0)
    state = fields.CharField(10)  # IntakeState
    at = fields.DatetimeField()
    version = fields.IntField(default=1)

    class Meta:
        table = "aid_intake"
        indexes = [("programme", "year")]


class AidIntakeEntry(Model):
    """A case on the list of its batch, masked. It has `student_key` when it is granted, so that no student has two."""

    id = fields.BigIntField(primary_key=True, generated=False)
    case_id = fields.BigIntField(unique=True)
    case_number = fields.CharField(24)
    intake_id = fields.BigIntField(db_index=True)
    student_key = fields.CharField(60, null=True, unique=True)  # "<batch>:<blind index of the student>"
    name = fields.CharField(30)
    union_id = fields.BigIntField()
    stage = fields.CharField(20)
    listed_on = fields.DateField()
    amount_fen = fields.BigIntField(null=True)
    granted_on = fields.DateField(null=True)

    class Meta:
        table = "aid_intake_entry"


class AidExclusion(Model):
    """From a day on something excludes from a programme, or no longer does."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(100, unique=True)  # "<programme>:<code>:<first day>:<union>"
    union_id = fields.BigIntField()
    programme = fields.CharField(40)
    code = fields.CharField(20)  # Exclusion
    since = fields.DateField()
    excluded = fields.BooleanField()
    paper = fields.CharField(100)
    set_by = fields.BigIntField()
    at = fields.DatetimeField()

    class Meta:
        table = "aid_exclusion"
        indexes = [("programme", "since")]


# ---- visits ------------------------------------------------------------------------


class VisitList(Model):
    """Whom a union visits in one season of a year."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(100, unique=True)
    union_id = fields.BigIntField(db_index=True)
    name = fields.CharField(40)
    season = fields.CharField(20)  # Season
    year = fields.SmallIntField()
    visit_on = fields.DateField()
    people = fields.IntField()
    actor_id = fields.BigIntField()
    at = fields.DatetimeField()

    class Meta:
        table = "visit_list"


class VisitPerson(Model):
    """Somebody of a list. `season_key` is there unless it was confirmed that they are visited again in the season."""

    id = fields.BigIntField(primary_key=True, generated=False)
    list_id = fields.BigIntField(db_index=True)
    season_key = fields.CharField(60, null=True, unique=True)  # "<member>:<year>:<season>"
    member_id = fields.BigIntField(db_index=True)
    member_no = fields.CharField(30)
    name = fields.CharField(30)
    category = fields.CharField(20)
    cash_fen = fields.BigIntField()
    again = fields.BooleanField()
    visited_on = fields.DateField(null=True)
    confirmed_on = fields.DateField(null=True)
    received = fields.BooleanField(null=True)
    rating = fields.SmallIntField(null=True)
    words = fields.CharField(300, default="")

    class Meta:
        table = "visit_person"


class VisitWare(Model):
    """Goods for visits. Their pool has what came in as its capacity, and what is out as taken."""

    id = fields.BigIntField(primary_key=True, generated=False)
    union_id = fields.BigIntField()
    name = fields.CharField(40)
    unit = fields.CharField(10)
    price_fen = fields.BigIntField()
    pool_id = fields.BigIntField(unique=True)
    at = fields.DatetimeField()

    class Meta:
        table = "visit_ware"
        unique_together = (("union_id", "name"),)


class VisitIssue(Model):
    """What of one kind of goods went out to a list, and came back from it."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(50, unique=True)  # "<goods>:<list>"
    ware_id = fields.BigIntField()
    list_id = fields.BigIntField(db_index=True)
    out_count = fields.IntField()
    back_count = fields.IntField()

    class Meta:
        table = "visit_issue"


class VisitMove(Model):
    """One movement of goods."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(100, unique=True)
    ware_id = fields.BigIntField(db_index=True)
    list_id = fields.BigIntField(null=True)
    kind = fields.CharField(10)  # MoveKind
    count = fields.IntField()
    note = fields.CharField(100, default="")
    actor_id = fields.BigIntField()
    at = fields.DatetimeField()

    class Meta:
        table = "visit_move"
