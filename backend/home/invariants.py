"""Invariants of `union doctor` by domain: each a query with one column `example`, whose rows are what is wrong."""

AID: dict[str, str] = {
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
