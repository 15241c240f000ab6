"""Claims of mutual aid in the demo county: one just in, one to be worked out, one granted, one below the deductible."""

import struct
import zlib
from datetime import date, timedelta
from typing import Any

from backend.aid import queries as policies
from backend.casework import commands as casework
from backend.casework.schemas import ActInput, SubmitInput
from backend.core import clock, crypto, files, ids
from backend.core.actor import Actor
from backend.demo import places
from backend.demo.aid import decide, insured
from backend.demo.tree import County
from backend.membership import queries as roll
from backend.membership.schemas import OwnRecord

CLAIM = "mutual-aid-claim"
# Which of the unit's people, what they paid of their own in yuan, and how far the claim is.
_STORIES = ((1, 12_300, "granted"), (2, 300, "granted"), (3, 45_000, "calculated"), (4, 6_800, "submitted"))


async def claim(county: County) -> None:
    """Filed by the officer of the unit. Whoever may try the demo has claimed nothing yet."""
    members = await insured()
    for place, self_paid, state in _STORIES:
        record = await roll.own_record(Actor(kind="person", member_id=members[place]))
        assert record is not None, "a member has a record"
        number = await _filed(county, record, self_paid)
        if state == "submitted":
            continue
        await decide(number, county.staff["demo-unit"])
        await decide(number, county.staff["demo-town"])
        if state == "granted":
            await _granted(county, number)


async def _granted(county: County, number: str) -> None:
    """As it was worked out."""
    aid = county.staff["demo-county"]
    await casework.perform(number=number, action="calc-confirm", data=ActInput(form={}), actor=aid)
    await decide(number, aid)
    await decide(number, aid)  # nobody of the demo is a cashier, and the desk stands in


async def _filed(county: County, record: OwnRecord, self_paid: int) -> str:
    officer = county.staff["demo-unit"]
    [policy, *_] = await policies.best_of_person(crypto.blind_index("id_no", record.id_no), clock.today())
    admitted = policy.wait_end + timedelta(days=1)
    total = self_paid * 3
    form = {
        "policy_no": policy.number,
        "claim_kind": "hospital",
        "hospital": "星城示例医院",
        "admit_date": admitted.isoformat(),
        "discharge_date": clock.today().isoformat(),
        "diagnosis": "示例诊断",
        "total_fee": str(total),
        "insurance_paid": str(total - self_paid),
        "self_pay_fund": str(self_paid),
        "invoices": [_invoice(policy.number, self_paid)],
        "real_name": record.name,
        "id_no": record.id_no,
        "mobile": record.mobile,
        "org_ref": county.unions[places.TOWNS[0].units[0]],
        "account_name": record.name,
        "bank_name": "示例银行星城支行",
        "bank_card": "6222020000000000003",
    }
    slots = ("invoice_photos", "settlement", "discharge_note")
    held = {slot: [await _slip(officer)] for slot in slots}
    return await casework.file_at_window(slug=CLAIM, data=SubmitInput(form=form, attachments=held), actor=officer)


def _invoice(policy: str, self_paid: int) -> dict[str, Any]:
    day: date = clock.today()
    return {"invoice_no": f"25{policy[-6:]}{self_paid:08d}", "date": day.isoformat(), "amount": str(self_paid)}


async def _slip(owner: Actor) -> str:
    """A sheet of paper with nothing on it."""
    kept = await files.keep(
        _blank_sheet(),
        name="结算单.png",
        media_type="image/png",
        owner_id=owner.account_id,
        width=_WIDTH,
        height=_HEIGHT,
    )
    return ids.public(kept.id)


_WIDTH, _HEIGHT = 210, 297


def _blank_sheet() -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 0, 0, 0, 0)
    rows = (b"\x00" + b"\xf4" * _WIDTH) * _HEIGHT
    drawn = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + drawn
