"""`union doctor`: the invariants that must hold in production and after every fault. Each is a query
whose rows are what is wrong; no rows, no findings."""

from datetime import timedelta

import msgspec

from backend.casework import catalogue
from backend.casework.flows import Flow
from backend.core import audit, clock, database, files, heartbeats, reference
from backend.home import invariants
from backend.home.doctor_payments import PAYMENTS

LATE = timedelta(minutes=10)
A_DAY = timedelta(days=1)
HORIZON = timedelta(days=400)


class Finding(msgspec.Struct, frozen=True):
    """What is wrong, and up to five examples."""

    check: str
    count: int
    examples: list[str]


# Each returns rows with one column `example`.
_INVARIANTS: dict[str, str] = {
    "a case is open without a desk": (
        "SELECT number AS example FROM case_file"
        " WHERE status IN ('submitted', 'in_review') AND (desk_union_id IS NULL OR desk_role IS NULL)"
    ),
    "a case's clock runs without a date": (
        "SELECT number AS example FROM case_file WHERE status IN ('submitted', 'in_review') AND due_on IS NULL"
    ),
    "a desk goes by the wrong last day": (
        "SELECT number AS example FROM case_file WHERE status IN ('submitted', 'in_review', 'returned', 'on_hold')"
        " AND COALESCE(next_due_on, '9999-12-31') <> CASE"
        " WHEN COALESCE(due_on, '9999-12-31') < COALESCE(calendar_due_on, '9999-12-31')"
        " THEN COALESCE(due_on, '9999-12-31') ELSE COALESCE(calendar_due_on, '9999-12-31') END"
    ),
    "a waiting case lost its remaining days": (
        "SELECT number AS example FROM case_file WHERE status IN ('returned', 'on_hold') AND days_left IS NULL"
    ),
    "a decision was made by the applicant": (
        "SELECT c.number AS example FROM step_decision d JOIN case_file c ON c.id = d.case_id"
        " WHERE d.actor_id = c.applicant_id"
    ),
    "a decision was made by somebody who had recused themselves": (
        "SELECT c.number AS example FROM case_recusal r JOIN step_decision d"
        " ON d.case_id = r.case_id AND d.actor_id = r.account_id AND d.at > r.at JOIN case_file c ON c.id = r.case_id"
    ),
    "a merged case has no case in which it goes on": (
        "SELECT c.number AS example FROM case_file c LEFT JOIN case_file k ON k.number = c.duplicate_of"
        " WHERE c.duplicate_of <> '' AND (k.id IS NULL OR c.status <> 'withdrawn')"
    ),
    "a closed case still counts as running": (
        "SELECT number AS example FROM case_file"
        " WHERE status IN ('approved', 'rejected', 'withdrawn') AND running_key IS NOT NULL"
    ),
    "a case has no first line in its timeline": (
        "SELECT c.number AS example FROM case_file c"
        " LEFT JOIN case_event e ON e.case_id = c.id AND e.action = 'submit' WHERE e.id IS NULL"
    ),
    "a union's path does not continue its parent's": (
        "SELECT u.name AS example FROM union_org u JOIN union_org p ON p.id = u.parent_id"
        " WHERE SUBSTR(u.path, 1, LENGTH(p.path)) <> p.path"
    ),
    "a member belongs to no union": (
        "SELECT m.member_no AS example FROM member m LEFT JOIN union_org u ON u.id = m.union_id WHERE u.id IS NULL"
    ),
    "an account is bound to a member that does not exist": (
        "SELECT a.id AS example FROM account a LEFT JOIN member m ON m.id = a.member_id"
        " WHERE a.member_id IS NOT NULL AND m.id IS NULL"
    ),
    "an invite was used more often than allowed": "SELECT code AS example FROM invite WHERE used > max_uses",
    "a case opened two entries of one kind": (
        "SELECT MIN(number) AS example FROM register_entry GROUP BY case_id, kind HAVING COUNT(*) > 1"
    ),
    "an entry of a register belongs to no approved case": (
        "SELECT e.number AS example FROM register_entry e LEFT JOIN case_file c ON c.id = e.case_id"
        " WHERE c.id IS NULL OR c.status IN ('rejected', 'withdrawn')"
    ),
    "an amount is due twice for one case and programme": (
        "SELECT MIN(case_number) AS example FROM payment_due WHERE case_id IS NOT NULL"
        " GROUP BY case_id, programme HAVING COUNT(*) > 1"
    ),
    "a closed case still holds an invoice": (
        "SELECT c.number AS example FROM case_invoice i JOIN case_file c ON c.id = i.case_id"
        " WHERE c.status IN ('rejected', 'withdrawn')"
    ),
    "a case waits for other answers than it counts": (
        "SELECT c.number AS example FROM case_file c LEFT JOIN case_question q ON q.case_id = c.id AND q.state = 'open'"
        " GROUP BY c.id, c.number, c.open_questions HAVING COUNT(q.id) <> c.open_questions"
    ),
    "a finished export has lost a piece": (
        "SELECT e.number AS example FROM desk_export e WHERE e.state = 'done' AND e.parts <>"
        " (SELECT COUNT(*) FROM desk_export_part p JOIN stored_file f ON f.id = p.file_id WHERE p.export_id = e.id)"
    ),
    "a pool counts other places than are taken": (
        "SELECT p.`key` AS example FROM pool p LEFT JOIN (SELECT pool_id, COUNT(*) AS claims FROM place_claim"
        " WHERE state IN ('held', 'offered') GROUP BY pool_id) c ON c.pool_id = p.id"
        " WHERE p.taken <> p.bulk + COALESCE(c.claims, 0)"
    ),
    "more places are taken than there are": "SELECT `key` AS example FROM pool WHERE taken > capacity OR bulk < 0",
    "a pool counts others than wait": (
        "SELECT p.`key` AS example FROM pool p LEFT JOIN (SELECT pool_id, COUNT(*) AS claims FROM place_claim"
        " WHERE state = 'waiting' GROUP BY pool_id) c ON c.pool_id = p.id WHERE p.waiters <> COALESCE(c.claims, 0)"
    ),
    "a pool is marked sold out and is not, or is and is not marked": (
        "SELECT p.`key` AS example FROM pool p LEFT JOIN pool_sold_out s ON s.id = p.id"
        " WHERE (s.id IS NULL) = (p.taken >= p.capacity OR p.waiters > 0)"
    ),
    "a claim counts for its person after its end, or not before": (
        "SELECT `key` AS example FROM place_claim WHERE (nth IS NULL) = (state IN"
        " ('held', 'offered', 'waiting', 'entered'))"
    ),
    "an entry and its draw do not agree": (
        "SELECT c.`key` AS example FROM place_claim c LEFT JOIN pool_draw d ON d.id = c.pool_id WHERE (c.state ="
        " 'entered' AND COALESCE(d.state, '') <> 'open') OR (c.state = 'lost' AND COALESCE(d.state, '') <> 'drawn')"
        " OR c.entry_no > d.entered"
    ),
    "a balance is not what was posted": (
        "SELECT a.`key` AS example FROM ledger_account a LEFT JOIN (SELECT account_id, SUM(amount_fen) AS posted"
        " FROM ledger_entry GROUP BY account_id) e ON e.account_id = a.id WHERE a.balance_fen <> COALESCE(e.posted, 0)"
    ),
    "a posting does not sum to zero": (
        "SELECT MIN(p.`key`) AS example FROM ledger_posting p LEFT JOIN ledger_entry e ON e.posting_id = p.id"
        " GROUP BY p.id HAVING COUNT(e.id) < 2 OR SUM(e.amount_fen) <> 0"
    ),
    "an account is overdrawn": "SELECT `key` AS example FROM ledger_account WHERE balance_fen < 0 AND kind <> 'source'",
    "a budget is not what was drawn for it": (
        "SELECT b.name AS example FROM budget b LEFT JOIN ledger_entry e ON e.account_id = b.account_id"
        " AND e.posting_id IN (SELECT id FROM ledger_posting WHERE kind IN ('open', 'change'))"
        " GROUP BY b.id, b.name, b.amount_fen HAVING b.amount_fen <> COALESCE(SUM(e.amount_fen), 0)"
    ),
    "a campaign gave out other vouchers than its pool counts": (
        "SELECT c.name AS example FROM voucher_campaign c JOIN pool p ON p.id = c.pool_id LEFT JOIN"
        " (SELECT campaign_id, COUNT(*) AS vouchers FROM voucher GROUP BY campaign_id) v ON v.campaign_id = c.id"
        " WHERE p.taken <> COALESCE(v.vouchers, 0)"
    ),
    "a campaign's vouchers are not worth what its account says": (
        "SELECT c.name AS example FROM voucher_campaign c JOIN ledger_account a ON a.id = c.issued_account_id"
        " LEFT JOIN (SELECT campaign_id, COUNT(*) AS vouchers FROM voucher WHERE state IN ('issued',"
        " 'frozen', 'reserved')"
        " GROUP BY campaign_id) v ON v.campaign_id = c.id"
        " WHERE a.balance_fen <> c.face_value_fen * COALESCE(v.vouchers, 0)"
    ),
    "a distribution gave out other vouchers than it counts": (
        "SELECT c.name AS example FROM voucher_distribution d JOIN voucher_campaign c ON c.id = d.campaign_id LEFT JOIN"
        " (SELECT campaign_id, COUNT(*) AS vouchers FROM voucher GROUP BY campaign_id) v ON v.campaign_id = c.id"
        " WHERE d.done <> COALESCE(v.vouchers, 0) OR (d.state = 'done' AND d.done <> d.total)"
    ),
    "a voucher of a draw is with somebody who did not win it": (
        "SELECT c.name AS example FROM voucher v JOIN voucher_campaign c ON c.id = v.campaign_id LEFT JOIN"
        " place_claim p ON p.pool_id = c.draw_id AND p.person_id = v.member_id AND p.state = 'held'"
        " WHERE c.draw_id IS NOT NULL AND p.id IS NULL"
    ),
    "a voucher is used and nobody took it, or it was taken and is not used": (
        "SELECT v.id AS example FROM voucher v LEFT JOIN redemption r ON r.live = v.id LEFT JOIN voucher_use t"
        " ON t.live = v.id WHERE (v.state = 'redeemed') = (r.id IS NULL AND t.id IS NULL)"
        " OR (r.id IS NOT NULL AND t.id IS NOT NULL)"
    ),
    "a voucher is frozen and it is not known why, or it is known and it is not": (
        "SELECT v.id AS example FROM voucher v LEFT JOIN voucher_freeze f ON f.live = v.id"
        " WHERE (v.state = 'frozen') = (f.id IS NULL)"
    ),
    "a station counts other gifts than it promised": (
        "SELECT p.`key` AS example FROM gift_stock g JOIN pool p ON p.id = g.pool_id LEFT JOIN (SELECT stock_id,"
        " COUNT(*) AS picked FROM gift_pick GROUP BY stock_id) k ON k.stock_id = g.id"
        " WHERE p.taken <> COALESCE(k.picked, 0)"
    ),
    "a gift was handed over elsewhere than it was promised": (
        "SELECT t.`key` AS example FROM voucher_use t LEFT JOIN gift_pick k ON k.id = t.voucher_id LEFT JOIN"
        " gift_stock g ON g.id = k.stock_id WHERE t.kind = 'gift' AND t.live IS NOT NULL AND"
        " COALESCE(g.station_id, 0) <> t.station_id"
    ),
    "stations have more gifts than were approved": (
        "SELECT c.name AS example FROM voucher_campaign c JOIN gift_stock g ON g.campaign_id = c.id JOIN pool p"
        " ON p.id = g.pool_id GROUP BY c.id, c.name, c.total HAVING SUM(p.capacity) > c.total"
    ),
    "a gift was handed over and its worth is not spent": (
        "SELECT c.name AS example FROM (SELECT CAST(SUBSTR(`key`, 8) AS SIGNED) AS campaign_id, balance_fen"
        " FROM ledger_account WHERE kind = 'paid' AND SUBSTR(`key`, 1, 7) = 'handed:') a JOIN voucher_campaign c"
        " ON c.id = a.campaign_id LEFT JOIN (SELECT v.campaign_id, COUNT(*) AS handed FROM voucher_use t JOIN voucher v"
        " ON v.id = t.live"
        " WHERE t.kind = 'gift' GROUP BY v.campaign_id) h ON h.campaign_id = c.id"
        " WHERE a.balance_fen <> c.face_value_fen * COALESCE(h.handed, 0)"
    ),
    "a redemption moved no money, or money that was moved back": (
        "SELECT r.receipt_no AS example FROM redemption r LEFT JOIN (SELECT id, CAST(SUBSTR(`key`, 8) AS SIGNED)"
        " AS redemption_id FROM ledger_posting WHERE kind = 'redeem') p ON p.redemption_id = r.id"
        " LEFT JOIN ledger_posting b ON b.reverses_id = p.id"
        " WHERE p.id IS NULL OR (r.live IS NULL) = (b.id IS NULL)"
    ),
    "a shop is owed something else than its tills took": (
        "SELECT s.name AS example FROM shop s JOIN ledger_account a ON a.id = s.payable_account_id LEFT JOIN"
        " (SELECT shop_id, SUM(worth_fen) AS worth FROM redemption WHERE live IS NOT NULL AND settlement_id IS NULL"
        " GROUP BY shop_id) r ON r.shop_id = s.id WHERE a.balance_fen <> COALESCE(r.worth, 0)"
    ),
    "a settlement paid something else than its redemptions": (
        "SELECT s.id AS example FROM settlement s LEFT JOIN (SELECT settlement_id, COUNT(*) AS uses, COUNT(live)"
        " AS alive, SUM(worth_fen) AS worth FROM redemption GROUP BY settlement_id) r ON r.settlement_id = s.id"
        " WHERE (s.reversed_at IS NULL AND (s.amount_fen <> COALESCE(r.worth, 0) OR s.count <> COALESCE(r.uses, 0)"
        " OR r.uses <> r.alive)) OR (s.reversed_at IS NOT NULL AND r.uses > 0)"
    ),
    "a settlement moved other money, or money that was moved back": (
        "SELECT s.id AS example FROM settlement s JOIN shop h ON h.id = s.shop_id LEFT JOIN ledger_entry e"
        " ON e.posting_id = s.posting_id AND e.account_id = h.payable_account_id LEFT JOIN ledger_posting b"
        " ON b.reverses_id = s.posting_id WHERE COALESCE(e.amount_fen, 0) <> -s.amount_fen"
        " OR (s.reversed_at IS NULL) <> (b.id IS NULL)"
    ),
    "a redemption is in a settlement that is not its shop's": (
        "SELECT r.receipt_no AS example FROM redemption r LEFT JOIN settlement s ON s.id = r.settlement_id"
        " AND s.shop_id = r.shop_id AND r.day BETWEEN s.from_on AND s.to_on"
        " WHERE r.settlement_id IS NOT NULL AND s.id IS NULL"
    ),
    "goods count other pieces than their orders have": (
        "SELECT g.name AS example FROM mall_goods g JOIN pool p ON p.id = g.pool_id LEFT JOIN (SELECT goods_id,"
        " SUM(quantity) AS pieces FROM mall_order WHERE restocked = 0 GROUP BY goods_id) o ON o.goods_id = g.id"
        " WHERE p.bulk <> COALESCE(o.pieces, 0) OR p.taken <> p.bulk"
    ),
    "an order that is over keeps its pieces, or one that is not has lost them": (
        "SELECT id AS example FROM mall_order WHERE (state IN ('pending', 'paid', 'handed') AND restocked <> 0)"
        " OR (state IN ('cancelled', 'lapsed') AND restocked = 0) OR (state = 'pending') = (pending_key IS NULL)"
    ),
    "a voucher is kept for no order, or an order waits without its voucher": (
        "SELECT v.id AS example FROM voucher v LEFT JOIN mall_order o ON o.voucher_id = v.id AND o.state = 'pending'"
        " WHERE v.state = 'reserved' AND o.id IS NULL UNION ALL SELECT o.id FROM mall_order o JOIN voucher v"
        " ON v.id = o.voucher_id WHERE o.state = 'pending' AND v.state NOT IN ('reserved', 'expired')"
    ),
    "an order moved no money, or money that was moved back": (
        "SELECT o.id AS example FROM mall_order o LEFT JOIN (SELECT id, CAST(SUBSTR(`key`, 7) AS SIGNED) AS order_id"
        " FROM ledger_posting WHERE kind = 'sell') p ON p.order_id = o.id LEFT JOIN ledger_posting b"
        " ON b.reverses_id = p.id WHERE (o.state IN ('paid', 'handed', 'refunded')) = (p.id IS NULL)"
        " OR (o.state = 'refunded') = (b.id IS NULL)"
    ),
    "the mall took something else than its orders cost": (
        "SELECT a.`key` AS example FROM ledger_account a LEFT JOIN (SELECT union_id, SUM(total_fen) AS total"
        " FROM mall_order WHERE state IN ('paid', 'handed') GROUP BY union_id) o"
        " ON o.union_id = CAST(SUBSTR(a.`key`, 6) AS SIGNED) WHERE a.kind = 'income'"
        " AND a.balance_fen <> COALESCE(o.total, 0)"
    ),
    "a mass notice is done, but not all on its list were told": (
        "SELECT id AS example FROM mass_notice WHERE state = 'done' AND (next_part <> parts OR done <> total)"
    ),
    **PAYMENTS,
    "an attachment points to no file": (
        "SELECT c.id AS example FROM case_attachment c LEFT JOIN stored_file f ON f.id = c.file_id WHERE f.id IS NULL"
    ),
    **invariants.DOMAINS,
}


# By kind of outcome, what every approved case of a flow with it must have left behind. Where a choice of the form
# may mean that nothing changes, the case's own answer says whether something did.
_EFFECTS: dict[str, tuple[str, str, str]] = {
    "create_member": ("an approved joining has no member", "membership_change x ON x.reference = c.number", ""),
    "create_members": ("nobody was looked at of an approved list", "roster_row x ON x.case_id = c.id", "joined"),
    "create_union": ("an approved founding has no union", "union_change x ON x.reference = c.number", ""),
    "change_union": ("a union was not changed as approved", "union_change x ON x.reference = c.number", "union_change"),
    "change_member": (
        "a membership was not changed as approved",
        "membership_change x ON x.reference = c.number",
        "member_status",
    ),
    "open_record": ("an approved case has no entry in its register", "register_entry x ON x.case_id = c.id", ""),
    "change_record": (
        "an entry was not changed as approved",
        "register_change x ON x.reference = c.number",
        "record_state",
    ),
    "open_campaign": ("an approved campaign is not there", "voucher_campaign x ON x.case_id = c.id", ""),
    "write_worker": ("an approved case changed no worker", "social_worker_history x ON x.reference = c.number", ""),
    "open_shop": ("an approved merchant has no shop", "shop x ON x.case_id = c.id", ""),
    "open_hardship": ("an approved hardship case has no file", "hardship_change x ON x.reference = c.number", ""),
    "grant_benefit": ("an approved claim was granted nothing, not even zero", "aid_benefit x ON x.case_id = c.id", ""),
    "open_policies": ("an approved enrolment has no policy", "aid_policy x ON x.case_id = c.id", ""),
    "record_due": ("an approved amount is not due to anybody", "payment_due x ON x.case_id = c.id", ""),
}


async def examine() -> list[Finding]:
    """Run every check; the findings, empty when all holds."""
    findings = [found for name, sql in _INVARIANTS.items() if (found := await _rows(name, sql))]
    findings += await _without_effect()
    findings += await _alone()
    findings += await _late()
    findings += await _worked_out()
    broken = await audit.verify(reference.settings().audit_anchor)
    findings += [Finding(f"audit: {one.problem}", 1, [str(one.seal_id)]) for one in broken]
    missing = await files.missing_blobs()
    if missing:
        findings.append(Finding("a stored file is not on disk", len(missing), missing[:5]))
    return findings


async def _rows(name: str, sql: str, *params: object) -> Finding | None:
    found = [str(row["example"]) for row in await database.patient_rows(sql, *params)]
    return Finding(name, len(found), found[:5]) if found else None


async def _without_effect() -> list[Finding]:
    """Approved cases, under the flow that they began with, whose outcome is not there."""
    flows: dict[str, list[Flow]] = {}
    for flow in catalogue.current().versions():
        for spec in flow.outcomes:
            flows.setdefault(spec.kind, []).append(flow)
    found = [await _lacking(kind, having) for kind, having in flows.items() if kind in _EFFECTS]
    return [one for one in found if one]


async def _lacking(kind: str, flows: list[Flow]) -> Finding | None:
    name, table, word = _EFFECTS[kind]
    condition = " OR ".join(["(c.flow = %s AND c.flow_version = %s)"] * len(flows))
    return await _rows(
        name,
        f"SELECT c.number AS example FROM case_file c LEFT JOIN {table}"  # noqa: S608 - from the table above
        f" WHERE ({condition}) AND c.status = 'approved' AND x.id IS NULL AND COALESCE(c.outcome, '') LIKE %s",
        *(part for flow in flows for part in (flow.slug, flow.version)),
        f'%"{word}"%' if word else "%",
    )


async def _alone() -> list[Finding]:
    """Steps that need two people, approved without the signature of somebody else in that round."""
    steps = [
        (flow.slug, flow.version, index)
        for flow in catalogue.current().versions()
        for index, step in enumerate(flow.steps)
        if step.four_eyes
    ]
    if not steps:
        return []
    one_of = " OR ".join(["(c.flow = %s AND c.flow_version = %s AND d.step_index = %s)"] * len(steps))
    found = await _rows(
        "a step that needs two people was approved by one",
        "SELECT c.number AS example FROM case_file c JOIN step_decision d ON d.case_id = c.id AND d.action = 'approve'"  # noqa: S608
        f" WHERE ({one_of}) AND NOT EXISTS (SELECT 1 FROM case_event e WHERE e.case_id = d.case_id"
        " AND e.step_index = d.step_index AND e.round = d.round AND e.action = 'sign' AND e.actor_id <> d.actor_id)",
        *(part for step in steps for part in step),
    )
    return [found] if found else []


async def _late() -> list[Finding]:
    """What the worker should have done by now."""
    before = clock.now() - LATE
    late = [
        await _rows(
            "an event waits too long",
            "SELECT topic AS example FROM outbox WHERE state = 'waiting' AND created_at < %s",
            before,
        ),
        await _rows("an event was given up", "SELECT topic AS example FROM outbox WHERE state = 'dead'"),
        await _rows(
            "an entry is past its last day",
            "SELECT number AS example FROM register_entry WHERE state <> 'ended' AND valid_until < %s",
            (clock.local(before) - A_DAY).date(),
        ),
        await _rows(
            "an offered place was not handed on in time",
            "SELECT `key` AS example FROM place_claim WHERE state = 'offered' AND offered_until < %s",
            before,
        ),
        await _rows(
            "a message waits too long",
            "SELECT template AS example FROM delivery WHERE state IN ('waiting', 'sending') AND next_at < %s",
            before,
        ),
    ]
    return [one for one in late if one]


async def _worked_out() -> list[Finding]:
    """What is kept beside that of which it was worked out."""
    return [Finding(name, len(wrong), wrong[:5]) for name, wrong in (await invariants.differing()).items() if wrong]


async def warnings() -> list[str]:
    """What is no fault of the data but should be known."""
    return await _silence() + _mute() + _provisional()


async def _silence() -> list[str]:
    """A stopped place is silent too, so this is no finding."""
    age = await heartbeats.age(heartbeats.WORKER)
    if age is None:
        return ["no worker has ever given a sign of life: nothing follows from what is submitted"]
    if age > heartbeats.SILENT:
        return [f"no worker has given a sign of life for {_spoken(age)}"]
    return []


def _spoken(age: timedelta) -> str:
    minutes = int(age.total_seconds()) // 60
    hours, days = minutes // 60, minutes // 1440
    return f"{days} days" if days > 1 else f"{hours} hours" if hours > 1 else f"{minutes} minutes"


def _mute() -> list[str]:
    none = reference.settings().sms_provider == "none"
    return ["sms_provider is none: no short message is sent, nobody can sign in by phone"] if none else []


def _provisional() -> list[str]:
    today = clock.today()
    years = reference.calendar().provisional_years(today, today + HORIZON)
    return [f"{year}: official holidays unknown, Monday to Friday assumed" for year in years]
