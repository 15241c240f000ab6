from backend.core import crypto, ids
from backend.notifications.schemas import Recipient

CASE = {
    "number": "GH20260310000123",
    "service": "职工医疗互助",
    "desk": "高桥街道总工会",
    "subject": "李*",
    "due_on": "3月27日",
    "until": "3月20日",
    "comment": "发票照片看不清",
}


def recipient(account_id: int | None, phone: str = "") -> Recipient:
    if not phone:
        return Recipient(account_id=account_id)
    context = f"case_file/phone/{ids.new_id()}"
    return Recipient(account_id=account_id, phone_sealed=crypto.seal(phone, context=context), phone_context=context)
