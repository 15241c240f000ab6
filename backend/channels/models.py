from tortoise import fields
from tortoise.models import Model


class ConsoleMessage(Model):
    """What the console provider "sent": read by people trying the demo and by the acceptance checks."""

    id = fields.BigIntField(primary_key=True, generated=False)
    recipient_index = fields.CharField(32)
    channel = fields.CharField(20)
    template = fields.CharField(60)
    text = fields.CharField(500)
    sent_at = fields.DatetimeField()

    class Meta:
        table = "console_message"
        indexes = [("recipient_index", "id")]
