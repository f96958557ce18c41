"""A person with a browser, who comes to the city's pages."""

from django.http import HttpResponse
from django.test import Client

from lianban.accounts.models import User
from tests.services.cast import CONSCRIPT, FIELDS

PHONE = "13800000001"


class Person:
    """A browser in somebody's hand."""

    def __init__(self) -> None:
        self.client = Client()

    def get(self, address: str) -> HttpResponse:
        return self.client.get(address)

    def post(self, address: str, data: dict[str, object] | None = None) -> HttpResponse:
        return self.client.post(address, data or {})

    def text(self, address: str) -> str:
        return self.client.get(address, follow=True).content.decode()

    def answer(self, answers: dict[str, str] = CONSCRIPT) -> None:
        for key, value in answers.items():
            assert self.post(f"/guide/{key}/", {"answer": value}).status_code == 302, key

    def sign_in(self, phone: str = PHONE) -> User:
        user = User.objects.filter(kind="applicant").first()
        if user is None or user.read_phone() != phone:
            user = User(kind="applicant")
            user.set_phone(phone)
            user.save()
        guide = self.client.session.get("guide")
        self.client.force_login(user)
        if guide:
            session = self.client.session
            session["guide"] = guide
            session.save()
        return user

    def begin(self) -> None:
        """Answer as the conscript, sign in, settle in the first county."""
        self.answer()
        self.sign_in()
        assert self.post("/start/", {"district": "439901"}).status_code == 302

    def fill(self, page: str, **changes: str) -> HttpResponse:
        """Send one page of the form with the conscript's values."""
        return self.post(f"/form/{page}/", {**FIELDS, **changes, "go": "next"})

    def fill_everything(self) -> None:
        self.begin()
        for page in ("basic", "service", "contact", "account", "licence", "delivery"):
            assert self.fill(page).status_code == 302, page
        self.post("/form/materials/rest/")
