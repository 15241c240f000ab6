"""The words of the notices: what the files say, and what stops the start."""

import shutil
from pathlib import Path

import pytest

from backend.core.settings import CONFIG_DIR
from backend.notifications import templates
from backend.notifications.enums import Audience, Channel, Notice
from tests.notifications.samples import CASE

RESULTS = (
    Notice.CASE_AWAITED,
    Notice.CASE_RETURNED,
    Notice.CASE_APPROVED,
    Notice.CASE_REJECTED,
    Notice.CASE_REOPENED,
    Notice.CASE_MERGED,
)
BY_SMS_TO_MEMBERS = (
    Notice.PROXY_ASKED,
    Notice.VOUCHER_ISSUED,
    Notice.DRAW_WON,
    Notice.UNION_NOTICE,
    Notice.PAYMENT_PAID,
    Notice.PAYMENT_RETURNED,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the real files, to spoil."""
    shutil.copytree(CONFIG_DIR / "notifications", tmp_path / "config" / "notifications")
    return tmp_path / "config"


def spoil(folder: Path, notice: str, text: str) -> str:
    """The message with which the start ends."""
    (folder / "notifications" / f"{notice}.yaml").write_text(text, "utf-8")
    with pytest.raises(templates.TemplateError) as caught:
        templates.load(folder)
    return str(caught.value)


def good(*, title: str = "办好了", link: str = "/cases/{number}", inbox: str = "办好了。", more: str = "") -> str:
    return applicant(f"title: {title}\nlink: {link}\n{more}channels:\n  inbox:\n    - {inbox}\n")


def applicant(text: str) -> str:
    """What a file says to one audience."""
    return "applicant:\n" + "".join(f"  {line}\n" for line in text.splitlines())


def test_a_sentence_without_its_value_is_left_out() -> None:
    template = templates.template(Notice.CASE_SUBMITTED, Audience.APPLICANT)
    full = templates.text(template, Channel.INBOX, CASE)
    assert full == (
        "您的“职工医疗互助”申请已经收到，办件号 GH20260310000123。现在由高桥街道总工会审核。预计 3月27日 前办结。"
        "不用再跑窗口，有结果会马上告诉您；想看进度，点开就能看到。"
    )
    without = templates.text(template, Channel.INBOX, {**CASE, "due_on": "", "desk": ""})
    assert without == (
        "您的“职工医疗互助”申请已经收到，办件号 GH20260310000123。"
        "不用再跑窗口，有结果会马上告诉您；想看进度，点开就能看到。"
    )


def test_the_members_results_come_by_sms_without_the_clerks_words() -> None:
    by_sms = {key[:2] for key in templates.texts_in(CONFIG_DIR) if key[2] is Channel.SMS}
    results = {(notice, Audience.APPLICANT) for notice in RESULTS}
    late = {(Notice.CASE_OVERDUE, Audience.HANDLER), (Notice.CASE_OVERDUE, Audience.LEADER)}
    to_members = {(notice, Audience.MEMBER) for notice in BY_SMS_TO_MEMBERS}
    assert by_sms == results | late | to_members
    for notice, audience in results | late:
        template = templates.template(notice, audience)
        said = templates.text(template, Channel.SMS, CASE)
        assert CASE["number"] in said
        assert CASE["comment"] not in said
        assert CASE["subject"] not in said
        assert template.own_result is (notice in RESULTS)
        assert templates.is_own_result(notice) is (notice in RESULTS)


def test_links_and_titles() -> None:
    approved, urged = (
        templates.template(Notice.CASE_APPROVED, Audience.APPLICANT),
        templates.template(Notice.CASE_URGED, Audience.HANDLER),
    )
    assert templates.title(approved, CASE) == "办好了"
    assert templates.link(approved, CASE) == "/cases/GH20260310000123"
    assert templates.link(urged, CASE) == "/desk/cases/GH20260310000123"


def test_long_words_are_cut_to_what_the_row_holds() -> None:
    said = templates.text(
        templates.template(Notice.CASE_RETURNED, Audience.APPLICANT), Channel.INBOX, {**CASE, "comment": "长" * 600}
    )
    assert len(said) == 500
    assert said.endswith("长…")


def test_braces_in_a_value_are_words() -> None:
    said = templates.text(
        templates.template(Notice.CASE_HELD, Audience.APPLICANT), Channel.INBOX, {**CASE, "comment": "{id_no} {0}"}
    )
    assert "窗口说明：{id_no} {0}。最晚 3月20日 恢复办理" in said


def test_quiet_hours_come_from_the_delivery_file(folder: Path) -> None:
    quiet = templates.quiet_hours()
    assert quiet is not None
    assert (quiet.start.isoformat(), quiet.end.isoformat()) == ("21:30:00", "08:00:00")
    (folder / "notifications" / "_delivery.yaml").write_text("# none\n{}\n", "utf-8")
    templates.load(folder)
    assert templates.quiet_hours() is None
    (folder / "notifications" / "_delivery.yaml").unlink()
    templates.load(folder)
    assert templates.quiet_hours() is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (good(inbox="证号 {id_no}"), ":6: {id_no} is sensitive and must not be in a message"),
        (good(inbox="您好 {phone}"), ":6: {phone} is sensitive and must not be in a message"),
        (
            good(inbox="您好 {name}"),
            ":6: unknown {name}; known: comment, desk, due_on, number, service, subject, until",
        ),
        (good(inbox="您好 {number.__class__}"), ":6: unknown {number.__class__}; known: "),
        (good(inbox="您好 {number!r}"), ":6: unknown {number}; known: "),
        (good(inbox="您好 {number:>9}"), ":6: unknown {number}; known: "),
        (good(inbox="您好 {0}"), ":6: unknown {0}; known: "),
        (good(inbox="您好 {number"), ":6: braces do not match: "),
        (good(title="'{comment}'"), ":2: {comment} may be used in the inbox text only"),
        (good(more="sms: x\n"), ":4: unknown 'sms' in applicant; known: channels, link, own_result, title"),
        (good(more="own_result: maybe\n"), ":4: must be true or false"),
        (good(more="title: again\n"), ":4: 'title' is there twice"),
        (good().replace("inbox:", "letter:"), ":5: unknown 'letter' in channels; known: inbox, sms"),
        (good().replace("inbox:", "sms:"), ":5: every notice is in the inbox; inbox is missing"),
        (good() + "    sms:\n      - 原因是 {comment}\n", ":8: {comment} may be used in the inbox text only"),
        (good() + "    sms: 办好了\n", ":7: a text is a list of sentences"),
        (good() + "    sms: []\n", ":7: a text is a list of sentences"),
        (good() + "    sms:\n      - ''\n", ":8: words are missing"),
        (applicant("title: 办好了"), ":2: channels is missing"),
        (applicant("channels:\n  inbox: [好]"), ":2: title is missing"),
        ("- a\n", ":1: the file must be keys with values"),
        (applicant("title: 办好了\nchannels: 好"), ":3: channels must be keys with values"),
        ("title: [\n", ":2: "),
        (good().replace("applicant:", "everybody:"), ":1: unknown 'everybody' in the file; known: applicant, handler"),
        (good() + good(), ":7: 'applicant' is there twice"),
        ("applicant: 好\n", ":1: applicant must be keys with values"),
        ("", ":1: the file must be keys with values"),
    ],
)
def test_what_stops_the_start(folder: Path, text: str, problem: str) -> None:
    message = spoil(folder, "case.approved", text)
    assert message.startswith("config/notifications/case.approved.yaml" + problem)
    # The words that were in force stay in force.
    assert templates.title(templates.template(Notice.CASE_APPROVED, Audience.APPLICANT), CASE) == "办好了"


def test_every_notice_needs_its_file_and_every_file_its_notice(folder: Path) -> None:
    assert spoil(folder, "case.celebrated", good()) == (
        "config/notifications/case.celebrated.yaml: there is no notice 'case.celebrated'"
    )
    (folder / "notifications" / "case.held.yaml").unlink()
    with pytest.raises(templates.TemplateError, match=r"case\.held\.yaml: is missing; every notice needs its words"):
        templates.load(folder)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("quiet_hours: {from: '21:00'}\n", ":1: quiet_hours needs from and until"),
        ("quiet_hours: {from: 'late', until: '08:00'}\n", ':1: a time is written "21:00"'),
        ("quiet: {}\n", ":1: unknown 'quiet' in the file; known: outside, quiet_hours"),
    ],
)
def test_a_wrong_delivery_file_stops_the_start(folder: Path, text: str, problem: str) -> None:
    assert spoil(folder, "_delivery", text) == f"config/notifications/_delivery.yaml{problem}"
