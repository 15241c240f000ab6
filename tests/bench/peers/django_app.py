"""The same list, page and submission with Django and its ORM under gunicorn: a peer for `make bench`."""

import base64
import hashlib
import json
import os
import re
import secrets
import time
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

url = urlsplit(os.environ["BENCH_DATABASE_URL"])
settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    SECRET_KEY=secrets.token_hex(32),
    USE_TZ=True,
    TIME_ZONE="UTC",
    MIDDLEWARE=[],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.mysql",
            "HOST": url.hostname,
            "PORT": url.port,
            "USER": url.username,
            "PASSWORD": url.password,
            "NAME": url.path.lstrip("/"),
            "CONN_MAX_AGE": None,
            "OPTIONS": {"charset": "utf8mb4", "isolation_level": "read committed"},
        }
    },
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402 - Django wants its settings first
from django.db import models, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from tests.bench import plain  # noqa: E402


class Account(models.Model):
    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=10)
    state = models.CharField(max_length=10)
    display = models.CharField(max_length=60)

    class Meta:
        app_label, managed, db_table = "bench", False, "account"


class Union(models.Model):
    id = models.BigIntegerField(primary_key=True)
    name = models.CharField(max_length=80)

    class Meta:
        app_label, managed, db_table = "bench", False, "union_org"


class SessionRow(models.Model):
    id = models.BigIntegerField(primary_key=True)
    account = models.ForeignKey(Account, models.DO_NOTHING, db_constraint=False)
    token_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField()

    class Meta:
        app_label, managed, db_table = "bench", False, "session_row"


class Case(models.Model):
    id = models.BigIntegerField(primary_key=True)
    number = models.CharField(max_length=24)
    flow = models.CharField(max_length=40)
    flow_version = models.IntegerField(default=1)
    status = models.CharField(max_length=12)
    step_index = models.IntegerField(default=0)
    plan = models.CharField(max_length=60)
    round = models.IntegerField(default=1)
    version = models.IntegerField(default=1)
    reopened = models.IntegerField(default=0)
    duplicate_of = models.CharField(max_length=24, default="")
    agent_label = models.CharField(max_length=50, default="")
    open_questions = models.IntegerField(default=0)
    desk_unread = models.IntegerField(default=0)
    applicant_unread = models.IntegerField(default=0)
    applicant_id = models.BigIntegerField(null=True)
    subject_name = models.CharField(max_length=50)
    subject_initials = models.CharField(max_length=25)
    id_no_index = models.CharField(max_length=32, null=True)
    phone_index = models.CharField(max_length=32, null=True)
    summary = models.CharField(max_length=80)
    division = models.CharField(max_length=12)
    target_union_id = models.BigIntegerField(null=True)
    desk_union = models.ForeignKey(Union, models.DO_NOTHING, null=True, db_constraint=False)
    desk_role = models.CharField(max_length=30, null=True)
    desk_flagged = models.BooleanField(default=False)
    passed = models.TextField(default="{}")
    form = models.TextField()
    sealed = models.TextField()
    attachments = models.TextField()
    submitted_at = models.DateTimeField()
    due_on = models.DateField(null=True)
    next_due_on = models.DateField(null=True)
    reminded = models.CharField(max_length=8)
    hold_message = models.CharField(max_length=200)
    urge_count = models.IntegerField(default=0)
    decision_comment = models.CharField(max_length=500)
    running_key = models.CharField(max_length=80, null=True)

    class Meta:
        app_label, managed, db_table = "bench", False, "case_file"


class CaseEvent(models.Model):
    id = models.BigIntegerField(primary_key=True)
    case_id = models.BigIntegerField()
    at = models.DateTimeField()
    action = models.CharField(max_length=20)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField()
    actor_label = models.CharField(max_length=80)
    comment = models.CharField(max_length=500)
    private = models.BooleanField(default=False)
    step_index = models.IntegerField(default=0)
    round = models.IntegerField(default=1)
    desk_union_id = models.BigIntegerField(null=True)
    desk_role = models.CharField(max_length=30, null=True)
    due_on = models.DateField(null=True)

    class Meta:
        app_label, managed, db_table = "bench", False, "case_event"


class CaseKey(models.Model):
    id = models.BigIntegerField(primary_key=True)
    case_id = models.BigIntegerField()
    kind = models.CharField(max_length=10)
    key_index = models.CharField(max_length=32)

    class Meta:
        app_label, managed, db_table = "bench", False, "case_key"


class Outbox(models.Model):
    id = models.BigIntegerField(primary_key=True)
    key = models.CharField(max_length=120)
    topic = models.CharField(max_length=80)
    payload = models.TextField()
    state = models.CharField(max_length=10)
    attempts = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField()
    lease = models.CharField(max_length=32)
    last_error = models.CharField(max_length=200)

    class Meta:
        app_label, managed, db_table = "bench", False, "outbox"


class Audit(models.Model):
    id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField()
    action = models.CharField(max_length=60)
    object_kind = models.CharField(max_length=30)
    object_id = models.BigIntegerField()
    detail = models.TextField()

    class Meta:
        app_label, managed, db_table = "bench", False, "audit"


class Notification(models.Model):
    id = models.BigIntegerField(primary_key=True)
    account_id = models.BigIntegerField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        app_label, managed, db_table = "bench", False, "notification"


class Draft(models.Model):
    id = models.BigIntegerField(primary_key=True)
    account_id = models.BigIntegerField()
    flow = models.CharField(max_length=40)
    saved_at = models.DateTimeField()

    class Meta:
        app_label, managed, db_table = "bench", False, "draft"


OPEN = ("submitted", "in_review", "returned", "on_hold")
PATTERNS = {"division": r"\d{9}", "real_name": r".{2,25}", "id_no": r"\d{17}[\dX]", "mobile": r"1[3-9]\d{9}"}


def account(request: HttpRequest) -> Account:
    digest = hashlib.sha256(request.headers["authorization"].removeprefix("Bearer ").encode()).hexdigest()
    row = SessionRow.objects.select_related("account").get(
        token_hash=digest, expires_at__gt=timezone.now(), account__state="active"
    )
    return row.account


def newest(owner: Account, **conditions: object) -> plain.CasePage:
    mine = Case.objects.filter(applicant_id=owner.id, **conditions)
    found = list(mine.select_related("desk_union").order_by("-id")[: plain.LIMIT + 1])
    return plain.case_page([line(case) for case in found], [case.id for case in found])


def line(case: Case) -> plain.CaseRow:
    return plain.case_row(
        number=case.number,
        status=case.status,
        step_index=case.step_index,
        plan=case.plan,
        submitted_at=case.submitted_at,
        due_on=case.due_on,
        desk_name=case.desk_union.name if case.desk_union else "",
        now=plain.today(),
    )


def cases(request: HttpRequest) -> HttpResponse:
    return JsonResponse(vars(newest(account(request))), json_dumps_params={"default": vars, "ensure_ascii": False})


def page(request: HttpRequest) -> HttpResponse:
    owner = account(request)
    found = newest(owner, status__in=OPEN)
    by_status = Case.objects.filter(applicant_id=owner.id).values_list("status").annotate(models.Count("id"))
    counts = plain.grouped(dict(by_status))
    unread = Notification.objects.filter(account_id=owner.id, read_at=None).count()
    list(Draft.objects.filter(account_id=owner.id).order_by("-saved_at"))
    return HttpResponse(plain.cases_html(found, display=owner.display, counts=counts, unread=unread))


def submit(request: HttpRequest) -> HttpResponse:
    owner, form = account(request), json.loads(request.body)["form"]
    if any(not re.fullmatch(pattern, form.get(name, "")) for name, pattern in PATTERNS.items()):
        return JsonResponse({}, status=422)
    now, due = timezone.now(), plain.due_on(plain.today())
    id_no_index = hashlib.sha256(form["id_no"].encode()).hexdigest()[:32]
    phone_index = hashlib.sha256(form["mobile"].encode()).hexdigest()[:32]
    case_id = time.time_ns() * 16 % 2**62 + secrets.randbelow(16)
    number = f"DJ{case_id}"[:24]
    with transaction.atomic():
        Case(
            id=case_id, number=number, flow="member-join", status="submitted", step_index=1, plan="1",
            applicant_id=owner.id, subject_name=form["real_name"], subject_initials="wxc", id_no_index=id_no_index,
            phone_index=phone_index, summary=form["employer"],
            division=form["division"], target_union_id=1, desk_union_id=1, desk_role="desk", form=json.dumps(form),
            sealed=base64.b64encode(os.urandom(130)).decode(), attachments="{}", submitted_at=now,
            due_on=due, next_due_on=due, reminded="", hold_message="", decision_comment="",
            running_key=f"django:{id_no_index}",
        ).save(force_insert=True)  # fmt: skip
        for offset, (kind, key) in enumerate((("id_no", id_no_index), ("phone", phone_index))):
            CaseKey(id=case_id + offset * 2**61, case_id=case_id, kind=kind, key_index=key).save(force_insert=True)
        CaseEvent(
            id=case_id, case_id=case_id, at=now, action="submit", actor_kind="person", actor_id=owner.id,
            actor_label="本人", comment="", step_index=1, desk_union_id=1, desk_role="desk", due_on=due,
        ).save(force_insert=True)  # fmt: skip
        Audit(
            id=case_id, at=now, actor_kind="person", actor_id=owner.id, action="case.submitted", object_kind="case",
            object_id=case_id, detail='{"desk_union":1,"flow":"member-join","step":1}',
        ).save(force_insert=True)  # fmt: skip
        for offset, name in enumerate(("submitted", "assigned")):
            Outbox(
                id=case_id + offset * 2**61, key=f"bench.django.{name}:{case_id}", topic="bench.django",
                payload=f'{{"case_id":{case_id}}}', state="waiting", created_at=now, next_at=now, lease="",
                last_error="",
            ).save(force_insert=True)  # fmt: skip
    return JsonResponse({"number": number}, status=201)


urlpatterns = [path("cases", cases), path("page", page), path("submit", submit)]
application = get_wsgi_application()
