"""Aliyun and Tencent Cloud: signatures, what is sent, what their answers mean, and what nobody knows the end of."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from backend.channels import sms
from backend.channels.plan import read_plan
from backend.channels.signing import acs3, tc3
from backend.core.settings import CONFIG_DIR, Settings, SettingsError
from backend.notifications import templates
from backend.notifications.enums import Channel
from tests.fakes.sms import APP_ID, KEY_ID, SECRET, SIGN_NAME, Gateway, sms_gateway

PHONE = "15400000001"
CODES = """
price_per_thousand_fen: 4500
rates:
  aliyun: {per_second: 1000, at_once: 1000}
  tencent: {per_second: 1000, at_once: 1000}
texts:
  sign_in_code:
    - {code: SMS_1, params: [code, minutes]}
  case.overdue:
    - {code: SMS_2, params: [service]}
    - {code: SMS_3, params: [desk, service]}
"""


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with sms_gateway() as served:
        yield served


@pytest.fixture(params=["aliyun", "tencent"])
def contract(request: pytest.FixtureRequest, settings: Settings, gateway: Gateway, tmp_path: Path) -> Settings:
    (tmp_path / "sms.yaml").write_text(CODES, "utf-8")
    return msgspec.structs.replace(
        settings,
        config_dir=tmp_path,
        sms_provider=request.param,
        sms_key_id=KEY_ID,
        sms_secret=SECRET,
        sms_sign_name=SIGN_NAME,
        sms_app_id=APP_ID,
        sms_endpoint=gateway.address,
    )


@pytest.fixture
async def provider(contract: Settings, settings: Settings) -> AsyncIterator[str]:
    sms.configure(contract)
    yield contract.sms_provider
    await sms.close()
    sms.configure(settings)


async def send(*, key: str = "k1", again: bool = False) -> str:
    params = {"minutes": "5", "code": "123456"}
    return await sms.send(recipient=PHONE, template="sign_in_code", text="验证码", params=params, key=key, again=again)


def test_signatures_are_those_of_the_documentation() -> None:
    """The published examples of both."""
    query = {"ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd", "RegionId": "cn-shanghai"}
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    signed = acs3(key_id="YourAccessKeyId", secret="YourAccessKeySecret", query=query, headers=headers)
    assert signed.endswith("Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")
    body = b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'
    signed = tc3(
        key_id="AKIDz8krbsJ5yKBZQpn74WFkmLPx3*******",
        secret="Gu5t9xGARNpq86cd98joQYCN3*******",
        service="cvm",
        headers={"content-type": "application/json; charset=utf-8", "host": "cvm.tencentcloudapi.com"},
        body=body,
        at=datetime.fromtimestamp(1551113065, UTC),
    )
    assert signed.endswith("Signature=2230eefd229f582d8b1b891af7107b91597240707d778ab3738f756258d7652c")


async def test_a_message_is_signed_and_filled_in(provider: str, gateway: Gateway) -> None:
    assert await send() == "biz-1"
    [taken] = gateway.taken
    assert (taken["phone"], taken["sign"], taken["code"], taken["key"]) == (PHONE, SIGN_NAME, "SMS_1", "k1")
    expected = {"aliyun": {"code": "123456", "minutes": "5"}, "tencent": ["123456", "5"]}
    assert taken["params"] == expected[provider]
    assert gateway.refused == []


async def test_texts_to_several_audiences_are_told_apart_by_their_blanks(provider: str, gateway: Gateway) -> None:
    for params in ({"service": "入会"}, {"service": "入会", "desk": "黄枫镇"}):
        await sms.send(recipient=PHONE, template="case.overdue", text="逾期", params=params)
    assert [taken["code"] for taken in gateway.taken] == ["SMS_2", "SMS_3"]
    with pytest.raises(sms.ProviderError, match=r"case\.merged with service is not registered"):
        await sms.send(recipient=PHONE, template="case.merged", text="合并", params={"service": "入会"})


async def test_what_their_answers_mean(provider: str, gateway: Gateway) -> None:
    refusal = {"aliyun": "isv.MOBILE_NUMBER_ILLEGAL", "tencent": "InvalidParameterValue.IncorrectPhoneNumber"}
    busy = {"aliyun": "isv.BUSINESS_LIMIT_CONTROL", "tencent": "LimitExceeded.PhoneNumberDailyLimit"}
    gateway.troubles = [refusal[provider], busy[provider], "broken", "silent"]
    with pytest.raises(sms.RecipientRefused, match=refusal[provider]):
        await send()
    for _ in range(3):
        with pytest.raises(sms.ProviderError) as failed:
            await send()
        assert not isinstance(failed.value, sms.RecipientRefused)
    assert gateway.taken == []
    assert await send() == "biz-1"


async def test_a_message_whose_answer_was_lost_is_asked_for_first(provider: str, gateway: Gateway) -> None:
    """Where there is something to ask. Tencent Cloud knows no key of ours: there the message comes twice."""
    gateway.troubles = ["lost"]
    with pytest.raises(sms.ProviderError):
        await send()
    assert await send(again=True) == {"aliyun": "biz-1", "tencent": "biz-2"}[provider]
    assert len(gateway.taken) == {"aliyun": 1, "tencent": 2}[provider]
    assert await send(key="k2", again=True) == {"aliyun": "biz-2", "tencent": "biz-3"}[provider]


async def test_a_wrong_secret_is_no_fault_of_the_number(contract: Settings, settings: Settings) -> None:
    sms.configure(msgspec.structs.replace(contract, sms_secret="another-secret-9876"))
    with pytest.raises(sms.ProviderError, match="Signature"):
        await send()
    await sms.close()
    sms.configure(settings)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("sms_key_id", "", "needs sms_key_id"),
        ("sms_secret", "short", "needs sms_secret of 16 characters or more"),
        ("sms_sign_name", "", "needs sms_sign_name"),
        ("sms_endpoint", "http://sms.example", "needs sms_endpoint beginning with https://"),
    ],
)
def test_half_a_contract_stops_the_start(contract: Settings, name: str, value: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        sms.configure(msgspec.structs.replace(contract, **{name: value}))


def test_a_text_without_its_code_stops_the_start(contract: Settings) -> None:
    with pytest.raises(SettingsError, match=r"sms\.yaml: the provider's code is missing for case\.approved"):
        sms.configure(msgspec.structs.replace(contract, config_dir=CONFIG_DIR))


def test_every_short_message_has_its_blanks_written_down() -> None:
    templates.load(CONFIG_DIR)
    wanted: dict[str, set[frozenset[str]]] = {"sign_in_code": {frozenset({"code", "minutes"})}}
    for notice, audience, channel in templates.texts_in(CONFIG_DIR):
        if channel is Channel.SMS:
            blanks = frozenset(templates.names(templates.template(notice, audience), Channel.SMS))
            wanted.setdefault(notice.value, set()).add(blanks)
    written = {
        name: {frozenset(text.params) for text in several} for name, several in read_plan(CONFIG_DIR).texts.items()
    }
    assert written == wanted
