"""Pure policy: what a campaign may be, what it costs, and how long its vouchers live."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import msgspec

from backend.core import clock
from backend.core.errors import FieldError, sentence
from backend.core.money import MAX_FEN, yuan
from backend.vouchers.enums import CampaignKind, CampaignMode
from backend.vouchers.schemas import CampaignInput

MOST_VOUCHERS = 1_000_000
MOST_EACH = 20
MOST_SHOPS = 200
LONGEST_SHOP = 60
LONGEST_WINDOW = timedelta(days=366)
LONGEST_LIFE = timedelta(days=366)
NAME = (2, 60)
LONGEST_TEXT = 500
HIGHEST_VALUE = 100_000_00  # a hundred thousand yuan: whatever is more is no voucher


def tidy(data: CampaignInput) -> CampaignInput:
    """Without spaces at the ends, and with times that say where they are meant: those without an offset in China."""
    return msgspec.structs.replace(
        data,
        name=" ".join(data.name.split()),
        text=data.text.strip(),
        target_rule=data.target_rule.strip(),
        shops=list(dict.fromkeys(shop.strip() for shop in data.shops if shop.strip())),
        opens_at=_moment(data.opens_at),
        closes_at=_moment(data.closes_at),
    )


def _moment(given: datetime) -> datetime:
    aware = given if given.tzinfo else given.replace(tzinfo=clock.CHINA)
    return aware.astimezone(UTC).replace(microsecond=0)


def cost_fen(data: CampaignInput) -> int:
    return data.face_value_fen * data.total


def problems(data: CampaignInput, now: datetime) -> list[FieldError]:
    """Everything about a tidy proposal that cannot be."""
    return [*_words(data), *_amounts(data), *_window(data, now)]


def _words(data: CampaignInput) -> Iterator[FieldError]:
    if not NAME[0] <= len(data.name) <= NAME[1] or not data.name.isprintable():
        yield _wrong("name", "campaign_name", least=NAME[0], most=NAME[1])
    if len(data.text) > LONGEST_TEXT:
        yield _wrong("text", "campaign_text", most=LONGEST_TEXT)
    if len(data.shops) > MOST_SHOPS or any(len(shop) > LONGEST_SHOP for shop in data.shops):
        yield _wrong("shops", "campaign_shops", most=MOST_SHOPS, longest=LONGEST_SHOP)


def _amounts(data: CampaignInput) -> Iterator[FieldError]:
    if not 0 < data.face_value_fen <= HIGHEST_VALUE:
        yield _wrong("face_value_fen", "campaign_face_value", most=yuan(HIGHEST_VALUE))
    if not 0 <= data.threshold_fen <= MAX_FEN:
        yield _wrong("threshold_fen", "campaign_threshold")
    if not 0 < data.total <= MOST_VOUCHERS:
        yield _wrong("total", "campaign_total", most=MOST_VOUCHERS)
    if not 0 < data.per_member <= MOST_EACH:
        yield _wrong("per_member", "campaign_per_member", most=MOST_EACH)
    elif data.per_member > 1 and data.mode is not CampaignMode.CLAIM:
        yield _wrong("per_member", "campaign_one_each")
    if data.kind is CampaignKind.WELCOME and data.mode is not CampaignMode.TARGETED:
        yield _wrong("mode", "campaign_welcome_mode")


def _window(data: CampaignInput, now: datetime) -> Iterator[FieldError]:
    if data.closes_at <= data.opens_at:
        yield _wrong("closes_at", "campaign_ends_early")
    elif data.closes_at <= now:
        yield _wrong("closes_at", "campaign_over")
    elif data.closes_at - data.opens_at > LONGEST_WINDOW:
        yield _wrong("closes_at", "campaign_too_long", days=LONGEST_WINDOW.days)
    opens, closes = clock.local(data.opens_at).date(), clock.local(data.closes_at).date()
    if data.valid_until < closes:
        yield _wrong("valid_until", "campaign_valid_early")
    elif data.valid_until > opens + LONGEST_WINDOW + LONGEST_LIFE:
        yield _wrong("valid_until", "campaign_valid_long")


def _wrong(field: str, code: str, **params: object) -> FieldError:
    return FieldError(field, sentence(code, **params))


def dies_at(valid_until: date) -> datetime:
    """The first instant at which a voucher of this last day is worth nothing."""
    return clock.start_of(valid_until + timedelta(days=1))


def valid_days(data: CampaignInput) -> int:
    return (data.valid_until - clock.local(data.opens_at).date()).days + 1
