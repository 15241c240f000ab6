"""What must hold of pay runs, their items and their postings: a part of `doctor`, as queries of what is wrong."""

PAYMENTS: dict[str, str] = {
    "a paid item moved no money, or money that was moved back": (
        "SELECT i.`key` AS example FROM pay_item i LEFT JOIN (SELECT id, CAST(SUBSTR(`key`, 10) AS SIGNED) AS item_id"
        " FROM ledger_posting WHERE kind = 'pay' AND SUBSTR(`key`, 1, 9) = 'pay-item:') p ON p.item_id = i.id"
        " LEFT JOIN ledger_posting b ON b.reverses_id = p.id"
        " WHERE (i.state = 'paid') <> (p.id IS NOT NULL AND b.id IS NULL)"
    ),
    "what was paid from a budget is not the sum of its items": (
        "SELECT b.name AS example FROM budget b LEFT JOIN (SELECT CAST(SUBSTR(`key`, 13) AS SIGNED) AS budget_id,"
        " balance_fen FROM ledger_account WHERE SUBSTR(`key`, 1, 12) = 'paid:budget:') a ON a.budget_id = b.id"
        " LEFT JOIN (SELECT r.budget_id, SUM(i.amount_fen) AS paid FROM pay_item i JOIN pay_run r ON r.id = i.run_id"
        " WHERE i.state = 'paid' GROUP BY r.budget_id) s ON s.budget_id = b.id"
        " WHERE COALESCE(a.balance_fen, 0) <> COALESCE(s.paid, 0)"
    ),
    "a run owes something else than its items": (
        "SELECT r.number AS example FROM pay_run r LEFT JOIN (SELECT CAST(SUBSTR(`key`, 5) AS SIGNED) AS run_id,"
        " balance_fen FROM ledger_account WHERE SUBSTR(`key`, 1, 4) = 'run:') a ON a.run_id = r.id LEFT JOIN"
        " (SELECT run_id, SUM(amount_fen) AS owed FROM pay_item WHERE state IN ('waiting', 'sent') GROUP BY run_id) i"
        " ON i.run_id = r.id WHERE COALESCE(a.balance_fen, 0) <>"
        " CASE WHEN r.state = 'draft' THEN 0 ELSE COALESCE(i.owed, 0) END"
    ),
    "a draft does not hold its total, or another run still holds some": (
        "SELECT r.number AS example FROM pay_run r JOIN budget_hold h ON h.id = r.hold_id JOIN ledger_account a"
        " ON a.id = h.account_id WHERE a.balance_fen <> CASE WHEN r.state = 'draft' THEN r.total_fen ELSE 0 END"
    ),
    "an amount is in two live runs": (
        "SELECT MIN(`key`) AS example FROM pay_item WHERE state IN ('waiting', 'sent', 'paid')"
        " GROUP BY due_id HAVING COUNT(*) > 1"
    ),
    "an item is live after its end, or not before": (
        "SELECT `key` AS example FROM pay_item WHERE COALESCE(live, 0) <>"
        " CASE WHEN state IN ('waiting', 'sent', 'paid') THEN due_id ELSE 0 END"
    ),
    "a run's total is not that of its items": (
        "SELECT r.number AS example FROM pay_run r LEFT JOIN (SELECT run_id, COUNT(*) AS items, SUM(amount_fen) AS total"  # noqa: E501
        " FROM pay_item GROUP BY run_id) i ON i.run_id = r.id"
        " WHERE r.count <> COALESCE(i.items, 0) OR r.total_fen <> COALESCE(i.total, 0)"
    ),
    "an amount and its item do not agree": (
        "SELECT d.`key` AS example FROM payment_due d LEFT JOIN pay_item i ON i.live = d.id WHERE d.state <>"
        " CASE WHEN i.state = 'paid' THEN 'paid' WHEN i.state IN ('waiting', 'sent') THEN 'in_run'"
        " WHEN d.state = 'returned' THEN 'returned' ELSE 'waiting' END OR i.amount_fen <> d.amount_fen"
    ),
    "a settled run has items that nobody answered": (
        "SELECT r.number AS example FROM pay_run r JOIN pay_item i ON i.run_id = r.id"
        " WHERE r.state = 'settled' AND i.state IN ('waiting', 'sent')"
    ),
    "a run was checked by its maker": "SELECT number AS example FROM pay_run WHERE checker_id = maker_id",
    "a returned amount has no way on": (
        "SELECT d.`key` AS example FROM payment_due d LEFT JOIN union_org u ON u.id = d.union_id"
        " WHERE d.state = 'returned' AND d.account_id IS NULL AND d.member_id IS NULL AND u.id IS NULL"
    ),
}
