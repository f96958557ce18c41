"""From the first page to the receipt."""

import re

from tests.services.cast import FIELDS
from tests.web.applicant.people import Person

SIGNED = {k: FIELDS[k] for k in ("self_employment_signature", "commitment_signature")}


def test_a_person_gets_from_the_first_page_to_the_receipt(person: Person) -> None:
    assert "退役回来要办的事" in person.text("/")
    person.answer()
    assert "您要办 13 件事" in person.text("/guide/result/")
    person.sign_in()
    assert person.post("/start/", {"district": "439901"}).status_code == 302
    for page in ("basic", "service", "contact", "account", "licence", "delivery"):
        answer = person.fill(page)
        assert answer.status_code == 302, (page, answer.content.decode())
    assert "没选怎么交" in person.text("/form/check/")
    assert person.post("/form/materials/rest/").status_code == 302
    assert "签名并提交" in person.text("/form/check/")
    answer = person.post("/form/submit/", SIGNED)
    assert answer.status_code == 302, answer.content.decode()
    page = person.text(answer["Location"])
    assert re.search(r'id="receipt-secret">[0-9A-Z]{8}<', page)
    person.client.logout()
    person.sign_in()
    assert "receipt-secret" not in person.text(answer["Location"])
