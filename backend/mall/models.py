from tortoise import fields
from tortoise.models import Model


class Goods(Model):
    """Something that is sold. Its pool has as many places as pieces were ever put on sale."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(100, unique=True)
    union_id = fields.BigIntField(db_index=True)
    name = fields.CharField(60)
    text = fields.CharField(500, default="")
    pickup = fields.CharField(100)  # where and when it is fetched and paid
    price_fen = fields.BigIntField()  # for members
    list_price_fen = fields.BigIntField(default=0)  # for anybody elsewhere, 0 where nobody says
    pool_id = fields.BigIntField(unique=True)
    active = fields.BooleanField(default=True)
    created_at = fields.DatetimeField()
    version = fields.IntField(default=1)

    class Meta:
        table = "mall_goods"


class Order(Model):
    """One member's order of one kind of goods, at the price of its day. `pending_key` is there while it waits to be
    paid, so that nobody keeps the same goods twice."""

    id = fields.BigIntField(primary_key=True, generated=False)
    key = fields.CharField(100, unique=True)
    pending_key = fields.CharField(60, null=True, unique=True)
    goods_id = fields.BigIntField()
    union_id = fields.BigIntField()
    member_id = fields.BigIntField()
    goods_name = fields.CharField(60)
    price_fen = fields.BigIntField()
    quantity = fields.IntField()
    total_fen = fields.BigIntField()
    voucher_id = fields.BigIntField(null=True, db_index=True)
    voucher_fen = fields.BigIntField(default=0)
    code_hash = fields.CharField(32, unique=True)
    state = fields.CharField(10)  # OrderState
    restocked = fields.BooleanField(default=False)  # its pieces are for sale again
    placed_at = fields.DatetimeField()
    pay_until = fields.DatetimeField()
    paid_at = fields.DatetimeField(null=True)
    paid_by = fields.BigIntField(null=True)  # who of the counter took it
    pay_means = fields.CharField(10, default="")  # PayMeans, empty where a voucher paid for all of it
    receipt_no = fields.CharField(32, default="")
    receipt_key = fields.CharField(70, null=True, unique=True)  # "<union>:<year>:<receipt>": one receipt is one order
    handed_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    ended_by = fields.BigIntField(null=True)
    reason = fields.CharField(100, default="")  # of a refund

    class Meta:
        table = "mall_order"
        indexes = [("member_id", "id"), ("goods_id", "state"), ("union_id", "state", "id"), ("state", "pay_until")]
        # Of the statement of a day.
        indexes += [("union_id", "paid_at"), ("union_id", "ended_at")]
