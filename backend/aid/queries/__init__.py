from backend.aid.queries.hardship import (
    desk_file,
    desk_files,
    file_by_number,
    is_of_file,
    is_on_file,
    newest_file,
    own_files,
)
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
    "desk_file",
    "desk_files",
    "desk_policies",
    "desk_policy",
    "file_by_number",
    "is_of_file",
    "is_on_file",
    "newest_file",
    "newest_policy",
    "own_files",
    "own_policies",
    "own_policy",
    "plan_taken",
    "policy_by_id",
    "policy_by_number",
]
