from tortoise import fields
from tortoise.models import Model


class Pool(Model):
    """So many places of one kind. `taken` never passes `capacity`: every change of either is conditional.

    What it was opened with besides its capacity never changes, so every process may remember it.
    """

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(100, unique=True)
    kind = fields.CharField(20)
    capacity = fields.IntField()
    per_person = fields.SmallIntField(default=1)
    waiting = fields.BooleanField(default=False)  # whether it keeps a waiting list
    offer_minutes = fields.IntField()
    opens_at = fields.DatetimeField(null=True)
    closes_at = fields.DatetimeField(null=True)
    state = fields.CharField(10)  # PoolState
    taken = fields.IntField(default=0)  # live claims that hold a place, and `bulk`
    bulk = fields.IntField(default=0)  # taken without a claim of their own
    waiters = fields.IntField(default=0)
    queued = fields.IntField(default=0)  # the last number given out on the waiting list
    turns = fields.IntField(default=0)  # rises whenever a command takes the row for itself
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField()

    class Meta:
        table = "pool"


class PoolSoldOut(Model):
    """There is a row for as long as nobody can take a place at once: what a sold-out answer reads."""

    id = fields.BigIntField(primary_key=True, generated=False)  # of the pool

    class Meta:
        table = "pool_sold_out"


class PoolDraw(Model):
    """The draw by which a pool's places are given. The seed is sealed until it is published with the result."""

    id = fields.BigIntField(primary_key=True, generated=False)  # of the pool
    state = fields.CharField(10)  # DrawState
    opens_at = fields.DatetimeField(null=True)
    closes_at = fields.DatetimeField()
    commitment = fields.CharField(64)  # SHA-256 of the seed, public from the beginning
    seed_sealed = fields.CharField(200)
    seed = fields.CharField(64, default="")
    entered = fields.IntField(default=0)  # the last number given out
    # Of the draw: how many took part, and for how many places.
    entries = fields.IntField(default=0)
    places = fields.IntField(default=0)
    drawn_at = fields.DatetimeField(null=True)

    class Meta:
        table = "pool_draw"
        indexes = [("state", "closes_at")]


class PlaceClaim(Model):
    """One person's claim on a place. `nth` counts their live ones, and is null once the claim is over.

    `entry_no` is the public number in a draw. `queue_no` is the place on the waiting list, or in the drawn order.
    """

    id = fields.BigIntField(primary_key=True, generated=False)
    pool_id = fields.BigIntField()
    person_id = fields.BigIntField()
    key = fields.CharField(100, unique=True)
    nth = fields.SmallIntField(null=True)
    state = fields.CharField(10)  # ClaimState
    entry_no = fields.IntField(null=True)
    queue_no = fields.IntField(null=True)
    offered_until = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()

    class Meta:
        table = "place_claim"
        unique_together = (("pool_id", "person_id", "nth"), ("pool_id", "entry_no"))
        indexes = [("pool_id", "state", "queue_no"), ("state", "offered_until")]
