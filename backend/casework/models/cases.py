"""A case, its rounds and decisions, and what it holds so that nothing is filed twice."""

from tortoise import fields
from tortoise.models import Model


class Case(Model):
    """One request of one person under one flow, from submission to its last word."""

    id = fields.BigIntField(primary_key=True, generated=False)
    number = fields.CharField(24, unique=True)
    flow = fields.CharField(40)
    flow_version = fields.IntField()
    status = fields.CharField(12)  # CaseStatus
    step_index = fields.IntField(default=0)
    plan = fields.CharField(60, default="")  # indexes of the steps that apply to it: "0,2,3"
    round = fields.IntField(default=1)
    reopened = fields.IntField(default=0)  # how many of the rounds began because a refusal was taken back
    version = fields.IntField(default=1)
    applicant_id = fields.BigIntField(null=True)  # account; null when filed at a window for a person without one
    filed_by = fields.BigIntField(null=True)  # staff account of a window filing
    agent_id = fields.BigIntField(null=True)  # account of whoever filled it in for the applicant, who consented
    agent_label = fields.CharField(50, default="")
    member_id = fields.BigIntField(null=True, db_index=True)
    subject_name = fields.CharField(50, db_index=True)
    subject_initials = fields.CharField(25, default="")
    id_no_index = fields.CharField(32, null=True, db_index=True)
    phone_index = fields.CharField(32, null=True, db_index=True)
    summary = fields.CharField(80, default="")
    division = fields.CharField(12, default="")
    target_union_id = fields.BigIntField(null=True)
    desk_union_id = fields.BigIntField(null=True)
    desk_role = fields.CharField(30, null=True)
    desk_flagged = fields.BooleanField(default=False)  # the step's own level had nobody in post
    passed = fields.TextField()  # JSON {step: name of the union that approved it}
    form = fields.TextField()
    sealed = fields.TextField()
    attachments = fields.TextField()
    submitted_at = fields.DatetimeField()
    due_on = fields.DateField(null=True)  # null while the clock stands still
    calendar_due_on = fields.DateField(null=True)  # of the flow's second clock, which never stops
    next_due_on = fields.DateField(null=True)  # the earlier of the two while the case is open: the desk goes by it
    days_left = fields.IntField(null=True)  # working days left when the clock stopped
    reminded = fields.CharField(8, default="")  # near, overdue: what the desk was told about this last day
    held_until = fields.DateField(null=True)
    hold_message = fields.CharField(200, default="")
    urged_at = fields.DatetimeField(null=True)
    urge_count = fields.IntField(default=0)
    decided_at = fields.DatetimeField(null=True)
    decision_action = fields.CharField(12, null=True)
    decision_comment = fields.CharField(500, default="")
    outcome = fields.TextField(null=True)
    open_questions = fields.IntField(default=0)  # to other desks, not answered yet
    desk_unread = fields.IntField(default=0)  # messages that the other side has written since
    applicant_unread = fields.IntField(default=0)
    signed_by = fields.BigIntField(null=True)  # who gave the first of two approvals of the present step
    # the batch that will decide it when its ten minutes end; until then nobody else does
    batch_id = fields.BigIntField(null=True, db_index=True)
    duplicate_of = fields.CharField(24, default="")  # number of the case in which it goes on
    submission_key = fields.CharField(64, null=True, unique=True)
    # "<flow>:<id_no_index>" while running where the flow allows one running case a person, else null
    running_key = fields.CharField(80, null=True, unique=True)

    class Meta:
        table = "case_file"
        indexes = [
            ("desk_union_id", "desk_role", "status", "next_due_on", "id"),
            ("desk_union_id", "desk_role", "status", "flow", "next_due_on", "id"),
            # who waits at a desk, by the start of the name
            ("desk_union_id", "desk_role", "status", "subject_initials"),
            ("desk_union_id", "desk_role", "status", "subject_name"),
            ("applicant_id", "id"),
            # the figures of what is open
            ("status", "next_due_on", "flow", "target_union_id", "submitted_at"),
            ("flow", "submitted_at"),
            ("flow", "decided_at"),
        ]


class CaseRound(Model):
    """What the form held before the corrections of the next round."""

    id = fields.BigIntField(primary_key=True, generated=False)
    case_id = fields.BigIntField()
    round = fields.IntField()
    form = fields.TextField()
    sealed = fields.TextField()
    attachments = fields.TextField()
    at = fields.DatetimeField()

    class Meta:
        table = "case_round"
        unique_together = (("case_id", "round"),)


class Correction(Model):
    """One field that the desk gave back, with its comment."""

    id = fields.BigIntField(primary_key=True, generated=False)
    case_id = fields.BigIntField()
    round = fields.IntField()
    field = fields.CharField(40)
    comment = fields.CharField(200)

    class Meta:
        table = "correction"
        unique_together = (("case_id", "round", "field"),)


class CaseEvent(Model):
    """A line of the timeline, with the desk that had the case when this was done, and the last day afterwards."""

    id = fields.BigIntField(primary_key=True, generated=False)
    case_id = fields.BigIntField(db_index=True)
    at = fields.DatetimeField()
    action = fields.CharField(48)  # CaseAction, or "act:<key>" of the flow's own actions
    actor_kind = fields.CharField(10)
    actor_id = fields.BigIntField()
    actor_label = fields.CharField(80)
    comment = fields.CharField(500, default="")
    private = fields.BooleanField(default=False)  # the comment stays among staff
    step_index = fields.IntField()
    round = fields.IntField()
    desk_union_id = fields.BigIntField(null=True)
    desk_role = fields.CharField(30, null=True)
    due_on = fields.DateField(null=True)
    held_until = fields.DateField(null=True)

    class Meta:
        table = "case_event"


class StepDecision(Model):
    """A step is decided once a round: the last line against two decisions at once."""

    id = fields.BigIntField(primary_key=True, generated=False)
    case_id = fields.BigIntField()
    step_index = fields.IntField()
    round = fields.IntField()
    action = fields.CharField(12)
    actor_id = fields.BigIntField()
    at = fields.DatetimeField()

    class Meta:
        table = "step_decision"
        unique_together = (("case_id", "step_index", "round"),)
        indexes = [("actor_id", "at")]


class CaseFile(Model):
    """A file that belongs to a case, by slot and by the round that brought it."""

    id = fields.BigIntField(primary_key=True, generated=False)
    case_id = fields.BigIntField(db_index=True)
    slot = fields.CharField(40)
    file_id = fields.BigIntField(unique=True)
    round = fields.IntField()

    class Meta:
        table = "case_attachment"


class CaseAct(Model):
    """One of the flow's own actions, done: what its form held, and when and by whom."""

    id = fields.BigIntField(primary_key=True, generated=False)
    case_id = fields.BigIntField()
    action = fields.CharField(40)
    at = fields.DatetimeField()
    actor_kind = fields.CharField(10)
    actor_id = fields.BigIntField()
    actor_label = fields.CharField(80)
    form = fields.TextField()
    sealed = fields.TextField()
    attachments = fields.TextField()
    result = fields.TextField(null=True)  # JSON: what its effects answered
    submission_key = fields.CharField(64, null=True, unique=True)
    # "<case>:<action>" of an action that is done once, else null
    once_key = fields.CharField(64, null=True, unique=True)

    class Meta:
        table = "case_act"
        indexes = [("case_id", "action")]


class CaseKey(Model):
    """By what a case can be recognised: blind indexes of every identity number, phone, bank card and invoice in it, and
    of the photos of invoices."""

    id = fields.BigIntField(primary_key=True, generated=False)
    case_id = fields.BigIntField()
    kind = fields.CharField(10)  # KeyKind
    key_index = fields.CharField(32)

    class Meta:
        table = "case_key"
        unique_together = (("case_id", "key_index"),)
        indexes = [("key_index", "case_id")]


class CasePair(Model):
    """What a desk said of two cases that look alike, once."""

    id = fields.BigIntField(primary_key=True, generated=False)
    low_id = fields.BigIntField()  # the smaller of the two case ids
    high_id = fields.BigIntField(db_index=True)
    verdict = fields.CharField(10)  # Verdict
    reason = fields.CharField(200)
    actor_id = fields.BigIntField()
    actor_label = fields.CharField(80)
    at = fields.DatetimeField()

    class Meta:
        table = "case_pair"
        unique_together = (("low_id", "high_id"),)


class CaseRecusal(Model):
    """A member of staff asked to have nothing to do with this case."""

    id = fields.BigIntField(primary_key=True, generated=False)
    case_id = fields.BigIntField()
    account_id = fields.BigIntField()
    actor_label = fields.CharField(80)
    reason = fields.CharField(200)
    at = fields.DatetimeField()

    class Meta:
        table = "case_recusal"
        unique_together = (("case_id", "account_id"),)


class CaseInvoice(Model):
    """An invoice that a case counts on. While it does, no other case may: `number` is unique over all services."""

    id = fields.BigIntField(primary_key=True, generated=False)
    number = fields.CharField(60, unique=True)
    case_id = fields.BigIntField(db_index=True)

    class Meta:
        table = "case_invoice"


class RosterRow(Model):
    """What became of one row of a list of people who were to join together."""

    id = fields.BigIntField(primary_key=True, generated=False)
    case_id = fields.BigIntField()
    row_no = fields.IntField()
    member_id = fields.BigIntField(null=True)
    problem = fields.CharField(200, default="")  # why nobody joined by this row

    class Meta:
        table = "roster_row"
        unique_together = (("case_id", "row_no"),)


class StraightJudgement(Model):
    """What the rules of straight-through approval said of a new case. A case is judged once."""

    id = fields.BigIntField(primary_key=True, generated=False)
    case_id = fields.BigIntField(unique=True)
    flow = fields.CharField(40)
    verdict = fields.CharField(10)  # StraightVerdict
    failed = fields.TextField()  # JSON list of what does not hold, in words
    at = fields.DatetimeField()

    class Meta:
        table = "straight_judgement"
        indexes = [("flow", "at")]
