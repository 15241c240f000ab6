"""Every sealed column of every domain, for key rotation. A test compares this list with the models."""

from backend.core.rotation import SealedColumn

SEALED_COLUMNS = [
    SealedColumn("pay_item", "card_sealed", "pay_item/card_sealed/{id}"),
    SealedColumn("payment_due", "card_sealed", "payment_due/card_sealed/{id}"),
    SealedColumn("account", "phone_sealed", "account/phone/{id}"),
    SealedColumn("account", "totp_sealed", "account/totp/{id}"),
    SealedColumn("pool_draw", "seed_sealed", "pool_draw/seed_sealed/{id}"),
    SealedColumn("relative", "sealed", "relative/sealed/{id}"),
    SealedColumn("social_worker", "id_no_sealed", "social_worker/id_no/{id}"),
    SealedColumn("member", "id_no_sealed", "member/id_no/{id}"),
    SealedColumn("member", "phone_sealed", "member/phone/{id}"),
    SealedColumn("roll_import_chunk", "sealed", "roll_import_chunk/sealed/{id}"),
    SealedColumn("delivery", "recipient_sealed", "delivery/recipient/{id}"),
    SealedColumn("draft", "sealed", "draft/sealed/{id}"),
    SealedColumn("table_sheet", "sealed", "table_sheet/sealed/{id}"),
    SealedColumn("case_file", "sealed", "case_file/sealed/{id}"),
    SealedColumn("case_round", "sealed", "case_round/sealed/{id}"),
    SealedColumn("case_message", "sealed", "case_message/sealed/{id}"),
    SealedColumn("proxy_filing", "sealed", "proxy_filing/sealed/{id}"),
    SealedColumn("proxy_filing", "phone_sealed", "proxy_filing/phone/{id}"),
    SealedColumn("case_act", "sealed", "case_act/sealed/{id}"),
    SealedColumn("grading_candidate", "card_sealed", "grading_candidate/card/{id}"),
]
