"""The words of the notices: what the files say, and what stops the start."""

import shutil
from pathlib import Path

import pytest

from backend.core.settings import CONFIG_DIR
from backend.notifications import templates
from backend.notifications.enums import Channel, Notice
from tests.notifications.samples import CASE


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
    return f"title: {title}\nlink: {link}\n{more}channels:\n  inbox:\n    - {inbox}\n"


def test_a_sentence_without_its_value_is_left_out() -> None:
    template = templates.template(Notice.CASE_SUBMITTED)
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
    by_sms = {notice for notice in Notice if Channel.SMS in templates.template(notice).texts}
    assert by_sms == {Notice.CASE_RETURNED, Notice.CASE_APPROVED, Notice.CASE_REJECTED}
    for notice in by_sms:
        said = templates.text(templates.template(notice), Channel.SMS, CASE)
        assert CASE["number"] in said
        assert CASE["comment"] not in said
        assert CASE["subject"] not in said
        assert templates.template(notice).own_result


def test_links_and_titles() -> None:
    approved, urged = templates.template(Notice.CASE_APPROVED), templates.template(Notice.CASE_URGED)
    assert templates.title(approved, CASE) == "办好了"
    assert templates.link(approved, CASE) == "/cases/GH20260310000123"
    assert templates.link(urged, CASE) == "/desk/cases/GH20260310000123"


def test_long_words_are_cut_to_what_the_row_holds() -> None:
    said = templates.text(templates.template(Notice.CASE_RETURNED), Channel.INBOX, {**CASE, "comment": "长" * 600})
    assert len(said) == 500
    assert said.endswith("长…")


def test_braces_in_a_value_are_words() -> None:
    said = templates.text(templates.template(Notice.CASE_HELD), Channel.INBOX, {**CASE, "comment": "{id_no} {0}"})
    assert "窗口说明：{id_no} {0}。" in said


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
        (good(inbox="证号 {id_no}"), ":5: {id_no} is sensitive and must not be in a message"),
        (good(inbox="您好 {phone}"), ":5: {phone} is sensitive and must not be in a message"),
        (good(inbox="您好 {name}"), ":5: unknown {name}; known: comment, desk, due_on, number, service, subject"),
        (good(inbox="您好 {number.__class__}"), ":5: unknown {number.__class__}; known: "),
        (good(inbox="您好 {number!r}"), ":5: unknown {number}; known: "),
        (good(inbox="您好 {number:>9}"), ":5: unknown {number}; known: "),
        (good(inbox="您好 {0}"), ":5: unknown {0}; known: "),
        (good(inbox="您好 {number"), ":5: braces do not match: "),
        (good(title="'{comment}'"), ":1: {comment} may be used in the inbox text only"),
        (good(more="sms: x\n"), ":3: unknown 'sms' in the file; known: channels, link, own_result, title"),
        (good(more="own_result: maybe\n"), ":3: must be true or false"),
        (good(more="title: again\n"), ":3: 'title' is there twice"),
        (good().replace("inbox:", "letter:"), ":4: unknown 'letter' in channels; known: inbox, sms"),
        (good().replace("inbox:", "sms:"), ":4: every notice is in the inbox; inbox is missing"),
        (good() + "  sms:\n    - 原因是 {comment}\n", ":7: {comment} may be used in the inbox text only"),
        (good() + "  sms: 办好了\n", ":6: a text is a list of sentences"),
        (good() + "  sms: []\n", ":6: a text is a list of sentences"),
        (good() + "  sms:\n    - ''\n", ":7: words are missing"),
        ("title: 办好了\n", ":1: channels is missing"),
        ("channels:\n  inbox: [好]\n", ":1: title is missing"),
        ("- a\n", ":1: the file must be keys with values"),
        ("title: 办好了\nchannels: 好\n", ":2: channels must be keys with values"),
        ("title: [\n", ":2: "),
        ("", ":1: the file must be keys with values"),
    ],
)
def test_what_stops_the_start(folder: Path, text: str, problem: str) -> None:
    message = spoil(folder, "case.approved", text)
    assert message.startswith("config/notifications/case.approved.yaml" + problem)
    # The words that were in force stay in force.
    assert templates.title(templates.template(Notice.CASE_APPROVED), CASE) == "办好了"


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
        ("quiet: {}\n", ":1: unknown 'quiet' in the file; known: quiet_hours"),
    ],
)
def test_a_wrong_delivery_file_stops_the_start(folder: Path, text: str, problem: str) -> None:
    assert spoil(folder, "_delivery", text) == f"config/notifications/_delivery.yaml{problem}"
