"""Sixty cases at a desk of its own: what people of 星湖街道 brought before the office opened."""

import io
import re
from datetime import date, timedelta
from itertools import count
from typing import Any

import httpx
from PIL import Image, ImageDraw

from backend.core import clock
from backend.core.national import synthetic_id_no
from backend.demo.county import ON_ROLL
from backend.demo.places import FIRST_BIRTHDAY, GROUPS, PLATFORMS, TOWNS, person_name, phone_number
from tests.browser.people import sign_in_code

CLERK, COLLEAGUE = "town-02", "town-03"
TOWN, DIVISION = "星湖街道总工会", "990121002"
PASSWORD = "union-demo"

Form = dict[str, Any]
_people = count(1)


def photo(words: str) -> bytes:
    """A page with a few lines on it, upright, so that a turn can be seen."""
    image = Image.new("RGB", (640, 480), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((20, 20, 620, 460), outline="navy", width=4)
    draw.text((60, 60), words, fill="navy", font_size=48)
    for line in range(160, 420, 40):
        draw.line((60, line, 560, line), fill="gray", width=3)
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


class Api:
    """One caller of the JSON doors."""

    def __init__(self, product: str, token: str) -> None:
        self._http = httpx.Client(base_url=f"{product}/api/v1", timeout=60)
        self.authorization = self._http.headers["authorization"] = f"Bearer {token}"

    def ask(self, method: str, path: str, **sent: Any) -> Any:
        answer = self._http.request(method, path, **sent)
        assert answer.is_success, answer.text
        return answer.json()

    def __enter__(self) -> "Api":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()


def as_staff(product: str, username: str) -> Api:
    sent = {"username": username, "password": PASSWORD}
    answer = httpx.post(f"{product}/api/v1/auth/staff/sessions", json=sent, timeout=60)
    return Api(product, answer.json()["access_token"])


def as_person(product: str, phone: str) -> Api:
    httpx.post(f"{product}/api/v1/auth/sms-codes", json={"phone": phone}, timeout=60)
    sent = {"phone": phone, "code": sign_in_code(product, phone)}
    return Api(product, httpx.post(f"{product}/api/v1/auth/sessions", json=sent, timeout=60).json()["access_token"])


class Morning:
    """Files cases as the town's clerk, or as a member who has just joined."""

    def __init__(self, product: str) -> None:
        self.product = product
        self.clerk = as_staff(product, CLERK)
        units = [unit for town in TOWNS for unit in town.units]
        # The first of the roll have left or been suspended since.
        here = [n for n in range(len(units), ON_ROLL) if units[n % len(units)] in TOWNS[1].units[1:]]
        self._members = iter(here)
        self.town = self.clerk.ask("GET", f"/unions?q={TOWN}")["items"][0]["id"]

    def upload(self, words: str) -> str:
        file = {"file": (f"{words}.jpg", photo(words), "image/jpeg")}
        return self.clerk.ask("POST", "/attachments", files=file)["id"]

    def file(self, slug: str, form: Form, **files: list[str]) -> str:
        data = {"form": form, "attachments": files}
        return self.clerk.ask("POST", f"/desk/services/{slug}/cases", json=data)["number"]

    def case(self, number: str) -> Any:
        return self.clerk.ask("GET", f"/desk/cases/{number}")

    def waiting(self) -> list[str]:
        return [row["number"] for row in self.clerk.ask("GET", "/desk/cases?limit=100")["items"]]

    def colleague_approves(self, number: str) -> None:
        """Somebody whom the administration has given a post at the same desk."""
        with httpx.Client(base_url=self.product, headers={"origin": self.product}, timeout=60) as admin:
            with as_staff(self.product, "demo-admin") as administration:
                admin.headers["authorization"] = administration.authorization
            account = re.search(r"/desk/staff/(\w+)/posts", admin.get(f"/desk/staff?q={COLLEAGUE}").text)
            assert account
            admin.post(account[0], data={"union_id": self.town, "role": "desk"})
        data = {"action": "approve", "version": self.case(number)["version"]}
        with as_staff(self.product, COLLEAGUE) as colleague:
            colleague.ask("POST", f"/desk/cases/{number}/decisions", json=data)

    # ---- forms ------------------------------------------------------------------------------

    def person(self) -> Form:
        number = next(_people)
        born = date(1972, 2, 3) + timedelta(days=number * 97)
        return {
            "real_name": person_name(number),
            "id_no": synthetic_id_no(born, number),
            "mobile": f"1547{number:07d}",
        }

    def join(self, *, photos: int = 0, **changes: Any) -> str:
        who = self.person()
        number = int(who["mobile"][4:])
        form = who | {
            "join_channel": "self",
            "employ_form": "newform",
            "newform_group": GROUPS[number % len(GROUPS)],
            "employer": PLATFORMS[number % len(PLATFORMS)],
            "division": DIVISION,
            "target_org": self.town,
            "charter_ok": True,
            "privacy_ok": True,
            "sensitive_ok": True,
        }
        files = {"work_proof": [self.upload(f"page {place + 1}") for place in range(photos)]} if photos else {}
        return self.file("member-join", form | changes, **files)

    def work(self) -> str:
        """Somebody who looks for work."""
        who = self.person()
        form = {
            "apply_kind": "seek",
            "contact": who["real_name"],
            "contact_mobile": who["mobile"],
            "title": "叉车司机",
            "category": "logistics",
            "salary_min": 500_000,
            "salary_max": 700_000,
            "work_place": "星湖街道物流园",
            "division": DIVISION,
            "duties": "开叉车六年，有证，能上夜班。",
            "expire_date": (clock.today() + timedelta(days=60)).isoformat(),
            "truth_ok": True,
        }
        return self.file("job-recruitment", form)

    # ---- of members, each of whom has a phone of their own -------------------------------------

    def _by_member(self, slug: str, form: Form, **papers: str) -> str:
        number = next(self._members)
        born = FIRST_BIRTHDAY + timedelta(days=number * 37 % 13_000)
        with as_person(self.product, phone_number(10_000 + number)) as member:
            member.ask("POST", "/me/member/confirmation", json={"id_no": synthetic_id_no(born, number % 998 + 1)})
            service = member.ask("GET", f"/services/{slug}")
            own = {f["name"]: f["value"] for f in service["form"]["fields"] if f["value"]}
            if "bank_card" in form:
                own["account_name"] = own["real_name"]
            files = {}
            for slot, words in papers.items():
                file = {"file": (f"{words}.jpg", photo(words), "image/jpeg")}
                files[slot] = [member.ask("POST", "/attachments", files=file)["id"]]
            sent = {"form": own | form, "attachments": files}
            return member.ask("POST", f"/services/{slug}/cases", json=sent)["number"]

    def card(self) -> str:
        return self._by_member("member-card", {"card_kind": "physical", "biz_kind": "issue", "pickup": "town"})

    def loan(self) -> str:
        """Somebody who wants to open a shop."""
        form = {
            "borrower_kind": "person",
            "project": "社区早餐店",
            "industry": "catering",
            "amount": 8_000_000,
            "term_months": 24,
            "purpose": "租门面三万元，添置灶具和桌椅五万元。",
            "bank_name": "测试银行星湖支行",
            "bank_card": "9999990000000014",
            "credit_auth": True,
            "privacy_ok": True,
            "sensitive_ok": True,
        }
        return self._by_member("startup-loan", form, plan_doc="plan")

    def relief(self) -> str:
        """Somebody in need; the desk goes to see them first."""
        form = {
            "cause": "illness",
            "event_date": clock.today().isoformat(),
            "loss_amount": 900_000,
            "request_amount": 300_000,
            "statement": "住院花了不少钱，家里一时周转不开。",
            "family_size": 3,
            "family_income_month": 500_000,
            "bank_name": "测试银行星湖支行",
            "bank_card": "9999990000000014",
        }
        return self._by_member("temporary-aid", form, proof="discharge")

    def insurance(self) -> str:
        """Somebody who asks how to pay for their insurance; the desk notes down what it told them."""
        return self.file("social-insurance", {"region": DIVISION, "insured_kind": "flexible", "service": "pay"})
