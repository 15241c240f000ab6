import msgspec


class CampaignOpened(msgspec.Struct, frozen=True):
    """Approved: its money is held and, where it is claimed, its pool is open."""

    campaign_id: int


class DistributionStarted(msgspec.Struct, frozen=True):
    """Begun, or gone on with; `run` counts."""

    distribution_id: int
    run: int


class VouchersIssued(msgspec.Struct, frozen=True):
    """One part of the frozen list has its vouchers."""

    campaign_id: int
    distribution_id: int
    part: int


class EntriesLost(msgspec.Struct, frozen=True):
    """A draw was held; those on the ranks behind `after`, up to `until`, won nothing."""

    campaign_id: int
    draw_id: int
    after: int
    until: int


class VoucherIssued(msgspec.Struct, frozen=True):
    """Somebody took one."""

    campaign_id: int
    voucher_id: int
    member_id: int
