"""Invariants of `union doctor` by domain: each a query with one column `example`, whose rows are what is wrong.
What no query can tell is worked out anew."""

from backend.allocation import queries as allocation
from backend.grading import queries as grading

AID: dict[str, str] = {
    "a year of mutual aid counts other sums than its benefits": (
        "SELECT y.`key` AS example FROM aid_year y LEFT JOIN (SELECT year_id, SUM(amount_fen) AS amount,"
        " SUM(deductible_fen) AS deductible FROM aid_benefit GROUP BY year_id) b ON b.year_id = y.id"
        " WHERE y.amount_fen <> COALESCE(b.amount, 0) OR y.deductible_fen <> COALESCE(b.deductible, 0)"
    ),
    "a benefit was granted by a case that is not approved": (
        "SELECT b.case_number AS example FROM aid_benefit b LEFT JOIN case_file c ON c.id = b.case_id"
        " WHERE c.id IS NULL OR c.status <> 'approved'"
    ),
    "a benefit is due in another amount, or is nothing and due": (
        "SELECT b.case_number AS example FROM aid_benefit b LEFT JOIN (SELECT case_id, SUM(amount_fen) AS due"
        " FROM payment_due WHERE programme IN ('mutual-aid', 'mutual-aid-more') GROUP BY case_id) d"
        " ON d.case_id = b.case_id WHERE COALESCE(d.due, 0) <> b.amount_fen"
    ),
    "somebody has a plan of a year twice": (
        "SELECT MIN(number) AS example FROM aid_policy WHERE state = 'in_force' GROUP BY person_index, plan, year"
        " HAVING COUNT(*) > 1"
    ),
    "a policy is in force and holds no place, or is given back and holds one": (
        "SELECT number AS example FROM aid_policy WHERE (state = 'in_force') = (holds_key IS NULL)"
    ),
    "a policy belongs to no approved case": (
        "SELECT p.number AS example FROM aid_policy p LEFT JOIN case_file c ON c.id = p.case_id"
        " WHERE c.id IS NULL OR c.status IN ('rejected', 'withdrawn')"
    ),
    "the policies of a case cost something else than came in": (
        "SELECT p.case_number AS example FROM (SELECT case_id, MIN(case_number) AS case_number, SUM(fee_fen) AS cost,"
        " COUNT(*) AS people FROM aid_policy GROUP BY case_id) p LEFT JOIN aid_fee f ON f.case_id = p.case_id"
        " AND f.live IS NOT NULL WHERE p.cost <> COALESCE(f.amount_fen, 0) OR p.people <> COALESCE(f.people, 0)"
    ),
    "a fee went back of a policy that is in force, or did not of one that was given back": (
        "SELECT p.number AS example FROM aid_policy p LEFT JOIN (SELECT CAST(SUBSTR(`key`, 8) AS SIGNED) AS policy_id,"
        " amount_fen FROM aid_fee WHERE kind = 'refund') f ON f.policy_id = p.id"
        " WHERE (p.state = 'refunded') = (f.policy_id IS NULL) OR COALESCE(f.amount_fen, p.fee_fen) <> p.fee_fen"
    ),
    "a hardship file belongs to no approved case": (
        "SELECT f.number AS example FROM hardship_file f LEFT JOIN case_file c ON c.id = f.case_id"
        " WHERE c.id IS NULL OR c.status IN ('rejected', 'withdrawn')"
    ),
    "somebody is held by a closed hardship file, or not by an open one": (
        "SELECT f.number AS example FROM hardship_file f JOIN hardship_person p ON p.file_id = f.id"
        " WHERE (f.state = 'open') = (p.active_key IS NULL) OR p.active_key <> p.person_index"
    ),
    "a hardship file has no people, or no beginning": (
        "SELECT f.number AS example FROM hardship_file f LEFT JOIN hardship_person p ON p.file_id = f.id"
        " AND p.person_index = f.head_index LEFT JOIN hardship_change h ON h.file_id = f.id AND h.kind = 'opened'"
        " WHERE p.id IS NULL OR h.id IS NULL"
    ),
    "a hardship file has another class than its last change says": (
        "SELECT f.number AS example FROM hardship_file f JOIN (SELECT file_id, MAX(id) AS last FROM hardship_change"
        " WHERE kind <> 'linked' GROUP BY file_id) l ON l.file_id = f.id JOIN hardship_change h ON h.id = l.last"
        " WHERE h.grade <> f.grade OR (h.kind = 'closed') <> (f.state = 'closed')"
    ),
}
CONDOLENCES: dict[str, str] = {
    "a condolence was granted by a case that is not approved": (
        "SELECT g.case_number AS example FROM condolence_grant g LEFT JOIN case_file c ON c.id = g.case_id"
        " WHERE c.id IS NULL OR c.status <> 'approved'"
    ),
    "a condolence is due in another amount than was granted": (
        "SELECT g.case_number AS example FROM condolence_grant g LEFT JOIN (SELECT case_id, SUM(amount_fen) AS due"
        " FROM payment_due WHERE programme = 'member-condolence' GROUP BY case_id) d ON d.case_id = g.case_id"
        " WHERE COALESCE(d.due, 0) <> g.amount_fen"
    ),
    "a festival's goods went to more or fewer people than it says": (
        "SELECT i.id AS example FROM festival_issue i LEFT JOIN (SELECT issue_id, COUNT(*) AS people"
        " FROM festival_receipt GROUP BY issue_id) r ON r.issue_id = i.id WHERE COALESCE(r.people, 0) <> i.people"
    ),
    "somebody's year of festivals counts another sum than was given": (
        "SELECT y.`key` AS example FROM festival_year y LEFT JOIN (SELECT r.member_id, i.year,"
        " SUM(i.worth_fen) AS worth FROM festival_receipt r JOIN festival_issue i ON i.id = r.issue_id"
        " WHERE i.state = 'registered' GROUP BY r.member_id, i.year) g ON g.member_id = y.member_id AND g.year = y.year"
        " WHERE y.worth_fen <> COALESCE(g.worth, 0)"
    ),
    "somebody was given something at a festival that no year counts": (
        "SELECT r.id AS example FROM festival_receipt r JOIN festival_issue i ON i.id = r.issue_id"
        " LEFT JOIN festival_year y ON y.member_id = r.member_id AND y.year = i.year WHERE y.id IS NULL"
    ),
}
INTAKES: dict[str, str] = {
    "a batch counts other grants than its list": (
        "SELECT i.`key` AS example FROM aid_intake i LEFT JOIN (SELECT intake_id, COUNT(*) AS people,"
        " SUM(amount_fen) AS amount FROM aid_intake_entry WHERE student_key IS NOT NULL GROUP BY intake_id) e"
        " ON e.intake_id = i.id WHERE i.granted <> COALESCE(e.people, 0) OR i.granted_fen <> COALESCE(e.amount, 0)"
    ),
    "a batch has granted more than its quota or its budget": (
        "SELECT `key` AS example FROM aid_intake WHERE granted_fen > budget_fen OR granted > COALESCE(quota, granted)"
    ),
    "a grant of a batch is due in another amount, or its case is not approved": (
        "SELECT e.case_number AS example FROM aid_intake_entry e LEFT JOIN case_file c ON c.id = e.case_id"
        " LEFT JOIN (SELECT case_id, SUM(amount_fen) AS due FROM payment_due WHERE programme = 'student-aid'"
        " GROUP BY case_id) d ON d.case_id = e.case_id WHERE e.student_key IS NOT NULL"
        " AND (c.status IS NULL OR c.status <> 'approved' OR COALESCE(d.due, 0) <> e.amount_fen)"
    ),
}
VISITS: dict[str, str] = {
    "a list of visits has more or fewer people than it says": (
        "SELECT l.id AS example FROM visit_list l LEFT JOIN (SELECT list_id, COUNT(*) AS people FROM visit_person"
        " GROUP BY list_id) p ON p.list_id = l.id WHERE COALESCE(p.people, 0) <> l.people"
    ),
    "somebody is on two lists of a season and nobody confirmed it": (
        "SELECT MIN(v.id) AS example FROM visit_person v JOIN visit_list l ON l.id = v.list_id WHERE NOT v.again"
        " GROUP BY v.member_id, l.year, l.season HAVING COUNT(*) > 1"
    ),
    "goods for visits are counted otherwise than they moved": (
        "SELECT w.id AS example FROM visit_ware w JOIN pool q ON q.id = w.pool_id LEFT JOIN (SELECT ware_id,"
        " SUM(CASE kind WHEN 'in' THEN `count` ELSE 0 END) AS got, SUM(CASE kind WHEN 'out' THEN `count`"
        " WHEN 'back' THEN -`count` ELSE 0 END) AS gone FROM visit_move GROUP BY ware_id) m ON m.ware_id = w.id"
        " WHERE q.capacity <> COALESCE(m.got, 0) OR q.taken <> COALESCE(m.gone, 0)"
    ),
    "a list has other goods than moved to it, or gave back more than it had": (
        "SELECT i.`key` AS example FROM visit_issue i LEFT JOIN (SELECT ware_id, list_id, SUM(CASE kind WHEN 'out'"
        " THEN `count` ELSE 0 END) AS gone, SUM(CASE kind WHEN 'back' THEN `count` ELSE 0 END) AS returned"
        " FROM visit_move GROUP BY ware_id, list_id) m ON m.ware_id = i.ware_id AND m.list_id = i.list_id"
        " WHERE i.out_count <> COALESCE(m.gone, 0) OR i.back_count <> COALESCE(m.returned, 0)"
        " OR i.back_count > i.out_count"
    ),
}

GRADING: dict[str, str] = {
    "a proposed or published appraisal lacks a result": (
        "SELECT c.case_number AS example FROM grading_candidate c JOIN grading_period p ON p.id = c.period_id"
        " LEFT JOIN grading_result r ON r.candidate_id = c.id WHERE p.state <> 'scoring' AND r.id IS NULL"
        " AND c.withdrawn_on IS NULL"
    ),
    "a subsidy is not its months times its rate": (
        "SELECT c.case_number AS example FROM grading_result r JOIN grading_candidate c ON c.id = r.candidate_id"
        " WHERE r.subsidy_fen <> CASE WHEN r.monthly_fen = 0 THEN 0 ELSE r.monthly_fen * r.months END"
        " OR (r.vetoed AND r.subsidy_fen <> 0)"
    ),
    "a subsidy is due otherwise than it was published": (
        "SELECT c.case_number AS example FROM payment_due d JOIN grading_candidate c ON c.case_id = d.case_id"
        " LEFT JOIN grading_result r ON r.candidate_id = c.id LEFT JOIN grading_period p ON p.id = c.period_id"
        " WHERE d.programme = 'chair-grading' AND (r.id IS NULL OR d.amount_fen <> r.subsidy_fen"
        " OR p.state <> 'published')"
    ),
    "subsidies were written down and one is missing": (
        "SELECT c.case_number AS example FROM grading_period p JOIN grading_result r ON r.period_id = p.id"
        " JOIN grading_candidate c ON c.id = r.candidate_id LEFT JOIN payment_due d ON d.case_id = c.case_id"
        " AND d.programme = 'chair-grading' WHERE p.subsidies_at IS NOT NULL AND r.subsidy_fen > 0 AND d.id IS NULL"
    ),
    "somebody sits in the panel that assesses them": (
        "SELECT c.case_number AS example FROM grading_candidate c JOIN grading_panelist g"
        " ON g.period_id = c.period_id AND g.account_id = c.account_id"
    ),
    "an appraisal was published before its objections were answered": (
        "SELECT c.case_number AS example FROM grading_objection o JOIN grading_candidate c ON c.id = o.candidate_id"
        " JOIN grading_period p ON p.id = o.period_id WHERE o.state = 'open' AND p.state <> 'proposed'"
    ),
}

DOMAINS = {**AID, **CONDOLENCES, **INTAKES, **VISITS, **GRADING}


async def differing() -> dict[str, list[str]]:
    """Every draw, from the seed that was committed to; every social worker's grade, from the history of service."""
    return {
        "a draw cannot be recomputed from its seed": await allocation.draws_that_differ(),
        "a worker's kept grade is not what the history gives": await grading.reckoned_otherwise(),
    }
