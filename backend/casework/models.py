from tortoise import fields
from tortoise.models import Model


class Draft(Model):
    """The one live draft a person has of a form. Sensitive values are sealed, the rest is plain."""

    id = fields.BigIntField(primary_key=True, generated=False)
    account_id = fields.BigIntField()
    flow = fields.CharField(40)
    form = fields.TextField()  # JSON object, non-sensitive values as typed
    sealed = fields.TextField()  # sealed JSON object of the sensitive ones
    attachments = fields.TextField()  # JSON {slot: [public file id]}
    sources = fields.TextField(null=True)  # JSON {field: words} of what an earlier application said; "" was cleared
    version = fields.IntField(default=1)
    saved_at = fields.DatetimeField()

    class Meta:
        table = "draft"
        unique_together = (("account_id", "flow"),)


class TableSheet(Model):
    """A sheet that somebody sent for a table of a form, read and not yet taken over: one for each table."""

    id = fields.BigIntField(primary_key=True, generated=False)
    account_id = fields.BigIntField()
    flow = fields.CharField(40)
    field = fields.CharField(40)
    name = fields.CharField(120)  # of the file
    taken = fields.BooleanField(default=False)  # its good rows are in the draft
    sealed = fields.TextField()  # sealed JSON: rows, and what is wrong with others
    made_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "table_sheet"
        unique_together = (("account_id", "flow", "field"),)


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


class CaseQuestion(Model):
    """What the desk that has a case asks another one, and its one answer. The case stays where it is."""

    id = fields.BigIntField(primary_key=True, generated=False)
    case_id = fields.BigIntField(db_index=True)
    union_id = fields.BigIntField()  # the desk that is asked
    role = fields.CharField(30)
    state = fields.CharField(10)  # QuestionState
    text = fields.CharField(400)
    shared = fields.BooleanField(default=False)  # the applicant may read question and answer
    asked_by = fields.BigIntField()
    asker_label = fields.CharField(80)
    asked_at = fields.DatetimeField()
    due_on = fields.DateField()
    reminded = fields.BooleanField(default=False)  # that it is past its day
    verdict = fields.CharField(16, null=True)  # Verdict
    answer = fields.CharField(400, default="")
    answered_by = fields.BigIntField(null=True)
    answerer_label = fields.CharField(80, default="")
    answered_at = fields.DatetimeField(null=True)
    # "<case>:<union>:<role>" while it is open, else null: a desk is not asked twice at a time
    open_key = fields.CharField(64, null=True, unique=True)

    class Meta:
        table = "case_question"
        indexes = [("union_id", "role", "state", "due_on", "id"), ("state", "reminded", "due_on")]


class CaseMessage(Model):
    """One message of the talk between the applicant and the desk that has the case."""

    id = fields.BigIntField(primary_key=True, generated=False)
    case_id = fields.BigIntField()
    from_desk = fields.BooleanField()
    author_id = fields.BigIntField()
    author_label = fields.CharField(80)
    sealed = fields.TextField()  # its words: people write about their health, too
    at = fields.DatetimeField()
    submission_key = fields.CharField(64, null=True, unique=True)  # of the page that sent it: twice is once

    class Meta:
        table = "case_message"
        indexes = [("case_id", "id")]


class CasePresence(Model):
    """Who has a case open at its desk now. Kept alive by the open page, forgotten a few minutes after it is gone."""

    id = fields.CharField(44, primary_key=True)  # case and account
    case_id = fields.BigIntField(db_index=True)
    account_id = fields.BigIntField()
    display = fields.CharField(50)
    opened_at = fields.DatetimeField()
    seen_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "case_presence"


class Phrase(Model):
    """What a clerk often writes. Nobody else reads it."""

    id = fields.BigIntField(primary_key=True, generated=False)
    account_id = fields.BigIntField()
    text = fields.CharField(200)

    class Meta:
        table = "phrase"
        unique_together = (("account_id", "text"),)


class PublicNotice(Model):
    """A 公示 of a case: masked when it is put up, so that what hangs there never shows more than it may."""

    id = fields.BigIntField(primary_key=True, generated=False)
    case_id = fields.BigIntField(db_index=True)
    act_id = fields.BigIntField(unique=True)
    flow = fields.CharField(40)
    union_id = fields.BigIntField()
    union_name = fields.CharField(60)
    title = fields.CharField(120)
    body = fields.TextField()  # JSON list of paragraphs
    opens_on = fields.DateField()
    closes_on = fields.DateField(db_index=True)  # the last day for objections
    open_objections = fields.IntField(default=0)

    class Meta:
        table = "public_notice"


class Objection(Model):
    """What somebody has against a public notice, and what the desk found."""

    id = fields.BigIntField(primary_key=True, generated=False)
    notice_id = fields.BigIntField()
    account_id = fields.BigIntField()
    text = fields.CharField(500)
    at = fields.DatetimeField()
    upheld = fields.BooleanField(null=True)  # null while nobody has looked into it
    finding = fields.CharField(500, default="")
    settled_at = fields.DatetimeField(null=True)
    settled_by = fields.BigIntField(null=True)

    class Meta:
        table = "objection"
        unique_together = (("notice_id", "account_id"),)


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


class Offer(Model):
    """What came to an entitled member without their asking. `key` is rule, member and period: once, whoever looks."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(120, unique=True)
    flow = fields.CharField(40)
    rule = fields.CharField(40)
    period = fields.CharField(7)  # "2026" or "2026-03"
    member_id = fields.BigIntField(db_index=True)
    account_id = fields.BigIntField()
    state = fields.CharField(10)  # OfferState
    offered_at = fields.DatetimeField()
    closes_on = fields.DateField()
    case_number = fields.CharField(24, null=True)

    class Meta:
        table = "offer"
        indexes = [("account_id", "id")]


class OfferRefusal(Model):
    """Somebody does not want to be offered this any more, until they say otherwise. `key` is rule and member."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(120, unique=True)
    member_id = fields.BigIntField(db_index=True)
    at = fields.DatetimeField()

    class Meta:
        table = "offer_refusal"


class ProxyFiling(Model):
    """A form that somebody filled in for another person, until that person has said yes or no to it. Whatever the
    answer, what was filled in is wiped from here."""

    id = fields.BigIntField(primary_key=True, generated=False)
    flow = fields.CharField(40)
    filer_id = fields.BigIntField()
    filer_label = fields.CharField(50)
    subject_name = fields.CharField(50)
    phone_index = fields.CharField(32)
    phone_sealed = fields.CharField(200)
    state = fields.CharField(10)  # ProxyState
    form = fields.TextField()
    sealed = fields.TextField()
    attachments = fields.TextField()
    made_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    answered_at = fields.DatetimeField(null=True)
    case_number = fields.CharField(24, null=True)
    submission_key = fields.CharField(64, null=True, unique=True)

    class Meta:
        table = "proxy_filing"
        indexes = [("filer_id", "id"), ("phone_index", "state"), ("state", "expires_at")]


class Batch(Model):
    """Decisions taken together: the cases are locked at once, and decided when the time to undo is over."""

    id = fields.BigIntField(primary_key=True, generated=False)
    actor_id = fields.BigIntField()
    action = fields.CharField(12)
    comment = fields.CharField(500, default="")
    state = fields.CharField(10)  # BatchState
    made_at = fields.DatetimeField()
    due_at = fields.DatetimeField()

    class Meta:
        table = "batch"
        indexes = [("actor_id", "id")]


class BatchCase(Model):
    """One case of a batch, refused ones included. `version` is that of the lock."""

    id = fields.BigIntField(primary_key=True, generated=False)
    batch_id = fields.BigIntField()
    case_id = fields.BigIntField(null=True)  # null: there is no such case for this actor
    number = fields.CharField(24)
    version = fields.IntField()
    comment = fields.CharField(500, default="")
    state = fields.CharField(10)  # BatchRowState
    code = fields.CharField(40, default="")
    said = fields.CharField(200, default="")  # why not, in words

    class Meta:
        table = "batch_case"
        unique_together = (("batch_id", "number"),)
        indexes = [("batch_id", "state", "id")]


class CaseTally(Model):
    """Counts of one flow at one union and in one month, made anew whenever a case of theirs changed."""

    id = fields.BigIntField(primary_key=True, generated=False)
    month = fields.CharField(7)  # "2026-03"
    flow = fields.CharField(40)
    union_id = fields.BigIntField()  # to which the cases were sent, 0 for none
    submitted = fields.IntField(default=0)
    returned = fields.IntField(default=0)  # of those submitted in the month
    withdrawn = fields.IntField(default=0)  # of those submitted in the month
    approved = fields.IntField(default=0)  # decided in the month
    rejected = fields.IntField(default=0)
    pace = fields.TextField()  # JSON {days: cases} of those decided in the month

    class Meta:
        table = "case_tally"
        unique_together = (("month", "flow", "union_id"),)


class TallyDue(Model):
    """A slice whose counts have to be made anew."""

    id = fields.CharField(70, primary_key=True)  # month, flow and union
    month = fields.CharField(7)
    flow = fields.CharField(40)
    union_id = fields.BigIntField()
    at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "tally_due"


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


class RegisterEntry(Model):
    """What a case left behind: a certificate, a file, a policy. `number` is what people quote."""

    id = fields.BigIntField(primary_key=True, generated=False)
    number = fields.CharField(24, unique=True)
    # "<case>:<kind>": one case opens one entry of a kind.
    key = fields.CharField(64, unique=True)
    kind = fields.CharField(40)
    name = fields.CharField(40)
    flow = fields.CharField(40)
    case_id = fields.BigIntField(db_index=True)
    account_id = fields.BigIntField(null=True, db_index=True)
    member_id = fields.BigIntField(null=True, db_index=True)
    id_no_index = fields.CharField(32, null=True, db_index=True)
    union_id = fields.BigIntField(null=True)
    subject_name = fields.CharField(50, db_index=True)
    state = fields.CharField(10)  # RecordState
    opened_on = fields.DateField()
    valid_until = fields.DateField(null=True)
    # The last day that its holder was reminded of.
    reminded_of = fields.DateField(null=True)
    data = fields.TextField()  # JSON, nothing sensitive
    version = fields.IntField(default=1)

    class Meta:
        table = "register_entry"
        indexes = [("kind", "id"), ("union_id", "kind", "id"), ("state", "valid_until")]


class RegisterChange(Model):
    """A line of an entry's history. `key` is made of what caused it, so that it happens once."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(80, unique=True)
    entry_id = fields.BigIntField(db_index=True)
    from_state = fields.CharField(10)
    to_state = fields.CharField(10)
    reference = fields.CharField(40)  # case number, or what the schedule did
    actor_id = fields.BigIntField()
    at = fields.DatetimeField()

    class Meta:
        table = "register_change"


class Export(Model):
    """A table or an archive that staff asked for, and how far the worker is with it.

    `cursor` is the last key written and `parts` how many pieces are kept: both move together, from where they stand.
    """

    id = fields.BigIntField(primary_key=True, generated=False)
    number = fields.CharField(24, unique=True)
    kind = fields.CharField(20)
    format = fields.CharField(4)  # ExportFormat
    filters = fields.TextField()  # JSON {name: value}
    said = fields.CharField(200)  # the same in words
    reveal = fields.BooleanField()
    reason = fields.CharField(200)
    created_by = fields.BigIntField()
    union_id = fields.BigIntField()  # of the post by which it was asked for: its auditors read of it
    actor_label = fields.CharField(80)
    state = fields.CharField(10)  # ExportState
    problem = fields.CharField(200, default="")
    attempt = fields.IntField(default=1)  # started again, it begins anew
    tries = fields.IntField(default=0)  # of the piece that is being made
    total = fields.IntField(default=0)
    done = fields.IntField(default=0)
    parts = fields.IntField(default=0)
    cursor = fields.BigIntField(default=0)
    size = fields.BigIntField(default=0)
    archive = fields.TextField()  # JSON: what the archive is so far
    created_at = fields.DatetimeField()
    asked_at = fields.DatetimeField()  # the last time it was started
    finished_at = fields.DatetimeField(null=True)
    expires_at = fields.DatetimeField(null=True, db_index=True)

    class Meta:
        table = "desk_export"
        indexes = [("created_by", "id"), ("union_id", "id")]


class ExportPart(Model):
    """A piece of the file of an export, in order. The piece itself is a stored file that belongs to the export."""

    id = fields.BigIntField(primary_key=True, generated=False)
    export_id = fields.BigIntField()
    number = fields.IntField()
    file_id = fields.BigIntField()
    entries = fields.TextField()  # JSON: members of the archive that this piece completed

    class Meta:
        table = "desk_export_part"
        unique_together = (("export_id", "number"),)
