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

DOMAINS = {**AID, **GRADING}


async def differing() -> dict[str, list[str]]:
    """Every draw, from the seed that was committed to; every social worker's grade, from the history of service."""
    return {
        "a draw cannot be recomputed from its seed": await allocation.draws_that_differ(),
        "a worker's kept grade is not what the history gives": await grading.reckoned_otherwise(),
    }
