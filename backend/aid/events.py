"""What happened in aid."""

import msgspec


class PolicyNearEnd(msgspec.Struct, frozen=True):
    policy_id: int
