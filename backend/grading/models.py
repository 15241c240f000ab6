from tortoise import fields
from tortoise.models import Model

# ---- appraisals of chairs -----------------------------------------------------------


class GradingPeriod(Model):
    """A year's appraisal of the chairs below a union. `rules` is the version of the scheme that it was opened by, as
    it stood then: a file that is edited later changes nothing here."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(40, unique=True)  # "<year>:<union>"
    year = fields.SmallIntField()
    union_id = fields.BigIntField(db_index=True)
    state = fields.CharField(10)  # PeriodState
    scheme_since = fields.DateField()
    rules = fields.TextField()  # JSON: ChairVersion
    round = fields.SmallIntField(default=0)  # how often results were proposed
    opened_at = fields.DatetimeField()
    closes_on = fields.DateField(null=True)  # until when sheets should be there; assessors are reminded before it
    objections_until = fields.DateField(null=True)
    published_at = fields.DatetimeField(null=True)
    subsidies_at = fields.DatetimeField(null=True)  # when what is due was written down
    # Grows with every sheet too, so that results meet a score that is being written.
    version = fields.IntField(default=1)

    class Meta:
        table = "grading_period"


class GradingCandidate(Model):
    """A chair who applied. A person is appraised once a year, of however many unions they are the chair."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(40, unique=True)  # "<year>:<person_index>"
    year = fields.SmallIntField()
    person_index = fields.CharField(32)  # of the identity number
    period_id = fields.BigIntField(null=True)
    case_id = fields.BigIntField(unique=True)
    case_number = fields.CharField(24)
    union_id = fields.BigIntField(db_index=True)
    town_union_id = fields.BigIntField()
    town_account_id = fields.BigIntField(null=True, db_index=True)  # who scores for the township
    account_id = fields.BigIntField(null=True, db_index=True)
    member_id = fields.BigIntField(null=True, db_index=True)
    name = fields.CharField(50)
    card_sealed = fields.CharField(200, default="")  # the bank card for the subsidy
    post = fields.CharField(20)
    since = fields.DateField()  # in post
    until = fields.DateField(null=True)  # the last day in post
    self_score = fields.CharField(10, null=True)  # None: no self-assessment came
    self_reason = fields.CharField(200, default="")  # why it counts without one
    veto = fields.CharField(20, default="")
    veto_reason = fields.CharField(500, default="")
    # The last day in post of somebody who was taken out of the round; their sheets stay.
    withdrawn_on = fields.DateField(null=True)
    withdrawn_reason = fields.CharField(200, default="")
    enrolled_at = fields.DatetimeField()

    class Meta:
        table = "grading_candidate"
        indexes = [("period_id", "town_union_id")]


class GradingPanelist(Model):
    """A member of a period's panel."""

    id = fields.BigIntField(primary_key=True, generated=False)
    period_id = fields.BigIntField()
    account_id = fields.BigIntField(db_index=True)

    class Meta:
        table = "grading_panelist"
        unique_together = (("period_id", "account_id"),)


class GradingSheet(Model):
    """What one assessor gave one candidate, or why they gave nothing. Nobody writes two for the same person."""

    id = fields.BigIntField(primary_key=True, generated=False)
    period_id = fields.BigIntField(db_index=True)
    candidate_id = fields.BigIntField()
    account_id = fields.BigIntField(db_index=True)
    assessor = fields.CharField(10)  # Assessor: town or panel
    state = fields.CharField(10)  # SheetState
    scores = fields.TextField()  # JSON: item → decimal in text
    total = fields.CharField(10, default="")
    reason = fields.CharField(200, default="")
    at = fields.DatetimeField()

    class Meta:
        table = "grading_sheet"
        unique_together = (("candidate_id", "account_id"),)


class GradingResult(Model):
    """What a candidate was given, with every figure that led to it, frozen."""

    id = fields.BigIntField(primary_key=True, generated=False)
    period_id = fields.BigIntField(db_index=True)
    candidate_id = fields.BigIntField(unique=True)
    score = fields.CharField(10)
    grade = fields.CharField(20)
    vetoed = fields.BooleanField()
    monthly_fen = fields.IntField()
    months = fields.SmallIntField()
    subsidy_fen = fields.BigIntField()
    figures = fields.TextField()  # JSON: Figures
    at = fields.DatetimeField()

    class Meta:
        table = "grading_result"


class GradingObjection(Model):
    """A candidate's objection to the results of one round, one of each."""

    id = fields.BigIntField(primary_key=True, generated=False)
    period_id = fields.BigIntField(db_index=True)
    candidate_id = fields.BigIntField()
    round = fields.SmallIntField()
    text = fields.CharField(1000)
    state = fields.CharField(10)  # ObjectionState
    reply = fields.CharField(1000, default="")
    replied_by = fields.BigIntField(null=True)
    raised_at = fields.DatetimeField()
    replied_at = fields.DatetimeField(null=True)

    class Meta:
        table = "grading_objection"
        unique_together = (("candidate_id", "round"),)


# ---- the register of social workers ------------------------------------------------


class SocialWorker(Model):
    """A person in the register: one row per identity number. `hired_on`, `post` and `start_grade` are those of the
    hiring. What stands after `reckoned_on` was worked out of the history on that day, so that lists need not do it.
    """

    id = fields.BigIntField(primary_key=True, generated=False)
    name = fields.CharField(50)
    initials = fields.CharField(25, default="")
    id_no_index = fields.CharField(32, unique=True)
    id_no_sealed = fields.CharField(200)
    union_id = fields.BigIntField()
    hired_on = fields.DateField()
    post = fields.CharField(10)  # Post
    start_grade = fields.SmallIntField()
    left_on = fields.DateField(null=True)
    confirmed_grade = fields.SmallIntField()  # by the last decision
    reckoned_on = fields.DateField()
    grade = fields.SmallIntField()
    post_now = fields.CharField(10)  # Post
    capped = fields.BooleanField()
    next_on = fields.DateField(null=True)  # of the next grade, if nothing else changes
    training_due_on = fields.DateField()
    training_told_for = fields.DateField(null=True)  # the day about which worker and desk were told
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField()

    class Meta:
        table = "social_worker"
        indexes = [("union_id", "id"), ("next_on", "id"), ("training_due_on", "id")]


class WorkerBreak(Model):
    """Days without service, both included. One that goes on has no last day."""

    id = fields.BigIntField(primary_key=True, generated=False)
    worker_id = fields.BigIntField(db_index=True)
    first_on = fields.DateField()
    last_on = fields.DateField(null=True)

    class Meta:
        table = "social_worker_break"


class WorkerPost(Model):
    """A change of post."""

    id = fields.BigIntField(primary_key=True, generated=False)
    worker_id = fields.BigIntField()
    changed_on = fields.DateField()
    post = fields.CharField(10)  # Post

    class Meta:
        table = "social_worker_post"
        unique_together = (("worker_id", "changed_on"),)


class WorkerYear(Model):
    """The appraisal of a year."""

    id = fields.BigIntField(primary_key=True, generated=False)
    worker_id = fields.BigIntField()
    year = fields.SmallIntField()
    result = fields.CharField(10)  # YearResult

    class Meta:
        table = "social_worker_year"
        unique_together = (("worker_id", "year"),)


class WorkerTraining(Model):
    id = fields.BigIntField(primary_key=True, generated=False)
    worker_id = fields.BigIntField(db_index=True)
    trained_on = fields.DateField()
    kind = fields.CharField(10)  # TrainingKind
    hours = fields.CharField(10, default="")

    class Meta:
        table = "social_worker_training"


class WorkerBonus(Model):
    """The bonus of a year: `key` is worker and year, so that it is granted once."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(40, unique=True)
    worker_id = fields.BigIntField(db_index=True)
    year = fields.SmallIntField()
    amount_fen = fields.BigIntField()
    case_id = fields.BigIntField(unique=True)

    class Meta:
        table = "social_worker_bonus"


class WorkerHistory(Model):
    """What was changed, by whom, why, and what stood there before. Rows are only ever added. `key` is made of
    what caused the change, so that it happens once."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(90, unique=True)
    worker_id = fields.BigIntField()
    kind = fields.CharField(10)  # WorkerChange
    holds_from = fields.DateField()
    before = fields.TextField()
    after = fields.TextField()
    reason = fields.CharField(500)
    reference = fields.CharField(40, default="", db_index=True)  # case number
    actor_id = fields.BigIntField()
    actor_label = fields.CharField(80)
    at = fields.DatetimeField()

    class Meta:
        table = "social_worker_history"
        indexes = [("worker_id", "id")]
