from backend.aid.queries.policies import (
    best_of_person,
    desk_policies,
    desk_policy,
    newest_policy,
    own_policies,
    own_policy,
    plan_taken,
    policy_by_id,
    policy_by_number,
)

__all__ = [
    "best_of_person",
    "desk_policies",
    "desk_policy",
    "newest_policy",
    "own_policies",
    "own_policy",
    "plan_taken",
    "policy_by_id",
    "policy_by_number",
]
