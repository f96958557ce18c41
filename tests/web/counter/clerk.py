"""A clerk at the counter, with a browser."""

import re
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.test import Client

from lianban.cases.models import DraftRecord, JointCaseRecord
from lianban.cases.services import drafts, hand_in
from tests.services.cast import CONSCRIPT, FIELDS, City


class Clerk:
    """What a clerk does, request by request."""

    def __init__(self, city: City, *, district: str = "439901") -> None:
        self.city = city
        self.actor = city.officer("counter_clerk", "veterans_affairs", district)
        self.client = Client()
        self.client.force_login(city.people[f"counter_clerk@veterans_affairs.{district}"])

    def get(self, address: str) -> HttpResponse:
        return self.client.get(address)

    def text(self, address: str) -> str:
        return self.get(address).content.decode()

    def post(self, address: str, data: dict[str, Any] | None = None, **more: Any) -> HttpResponse:
        return self.client.post(address, data or {}, **more)

    def begin(self, text: str = "") -> str:
        """Start a form and return its address."""
        answer = self.post("/counter/start/", {"text": text, "district": self.actor.district})
        assert answer.status_code == 302, answer.content.decode()
        return answer.url

    def draft(self, address: str) -> drafts.Draft:
        return drafts.get(draft_id=UUID(address.split("/")[3]), actor=self.actor)

    def page(self, address: str, **changes: Any) -> dict[str, Any]:
        """What the filled-in page of the conscript posts: all originals seen."""
        edition = self.draft(address).edition
        answers = {**CONSCRIPT, **changes.pop("answers", {})}
        codes = needed(edition, answers)
        seen = set(changes.pop("seen", codes)) - set(changes.pop("not_seen", ()))
        fields = {**FIELDS, **changes.pop("fields", {})}
        return {
            **{f"q_{key}": value for key, value in answers.items()},
            **{key: value for key, value in fields.items() if value is not None},
            "material": codes,
            "seen": sorted(seen),
            **changes,
        }

    def fill(self, address: str, **changes: Any) -> HttpResponse:
        return self.post(address, self.page(address, **changes))

    def finish(self, address: str, how: str, **changes: Any) -> HttpResponse:
        return self.post(f"{address}finish/{how}/", self.page(address, **changes))

    def take_in(self, how: str = "accept", **changes: Any) -> JointCaseRecord:
        """A case that went the given way."""
        answer = self.finish(self.begin(), how, **changes)
        assert answer.status_code == 302, errors(answer)
        return JointCaseRecord.objects.get(id=answer.url.split("/")[3])


def needed(edition: Any, answers: dict[str, str]) -> list[str]:
    from lianban.cases.content import Content

    plan = Content(answers=drafts.pruned(edition, answers)).plan(edition)
    return hand_in.needed_codes(plan)


def errors(answer: HttpResponse) -> list[str]:
    """What an answered page says is wrong."""
    text = answer.content.decode()
    found = re.findall(r'error-message">(?:<span[^>]*>错误：</span>)?([^<]+)', text)
    return found + re.findall(r"没有办成.*?<p[^>]*>([^<]+)", text, re.DOTALL)


def drafts_left() -> int:
    return DraftRecord.objects.count()
