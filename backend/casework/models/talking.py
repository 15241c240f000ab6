"""What desks and applicants say to each other about a case."""

from tortoise import fields
from tortoise.models import Model


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
