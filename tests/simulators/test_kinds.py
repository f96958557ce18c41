"""Each kind of system on its main way, as the platform sees it."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from pypdf import PdfReader

from lianban.exchange import contract, signing
from tests.simulators import ground
from tests.simulators.ground import Platform, Said, dispatch

KINDS = ["armed_forces", "bank", "courier", "human_resources", "medical_insurance"]
KINDS += ["party_organisation", "public_security", "sms", "youth_league"]
_numbers = count(1)


@dataclass
class Streets:
    """All kinds of systems, running."""

    platform: Platform
    addresses: dict[str, str]

    def tell(self, code: str, word: str, subject: str, data: dict[str, object]) -> None:
        said = ground.tell(self.platform, self.addresses[code], word, subject, data)
        assert (said.status, said.content["outcome"]) == (200, "accepted")

    def ask(self, code: str, path: str) -> Said:
        return ground.call(self.platform, f"{self.addresses[code]}/{path}")


@pytest.fixture(scope="module")
def streets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Streets]:
    with ground.serving(Platform()) as platform:
        town = ground.Town(tmp_path_factory.mktemp("town"), platform)
        for kind in KINDS:
            town.add(kind, kind)
        with town.running() as process:
            yield Streets(platform, process.addresses)


def subject() -> str:
    return contract.sub_case(f"{ground.CASE}{next(_numbers) % 10}", next(_numbers))


@pytest.mark.parametrize(
    "code",
    ["armed_forces", "bank", "medical_insurance", "party_organisation", "youth_league"],
)
def test_a_department_decides_an_item_that_it_never_heard_of(streets: Streets, code: str) -> None:
    about = subject()
    streets.tell(code, "dispatch", about, dispatch())
    streets.platform.wait_for(about, "receive", "accept", "decide", "issue")
    assert streets.platform.data(about, "decide") == {"outcome": "granted"}
    assert [one.sequence for one in streets.platform.about(about)] == ["1", "2", "3", "4"]


def test_an_electronic_result_is_a_pdf_with_its_number(streets: Streets) -> None:
    about = subject()
    streets.tell("youth_league", "dispatch", about, dispatch())
    streets.platform.wait_for(about, "receive", "accept", "decide", "issue")
    issued = streets.platform.data(about, "issue")
    page = PdfReader(io.BytesIO(ground.file_of(issued)), strict=True).pages[0]
    assert issued["number"] in page.extract_text()


def test_the_police_take_fingerprints_before_they_decide_a_card(streets: Streets) -> None:
    about = subject()
    content = dispatch("identity_card", delivery_identity_card="自行领取（到派出所）")
    streets.tell("public_security", "dispatch", about, content)
    before = ["receive", "appoint", "arrived", "accept"]
    streets.platform.wait_for(about, *before, "decide", "issue", "deliver")
    given = contract.Appoint(**streets.platform.data(about, "appoint"))
    assert datetime.now(UTC) < given.starts_at < given.ends_at
    assert "file" not in streets.platform.data(about, "issue")


def test_a_posted_result_is_not_handed_over_by_the_department(streets: Streets) -> None:
    about = subject()
    content = dispatch("driving_licence", delivery_driving_licence="邮寄（到付）")
    streets.tell("public_security", "dispatch", about, content)
    streets.platform.wait_for(about, "receive", "accept", "decide", "issue")
    assert "file" not in streets.platform.data(about, "issue")


def test_a_pension_waits_for_the_funds(streets: Streets) -> None:
    about = subject()
    streets.tell("human_resources", "dispatch", about, dispatch("pension_transfer"))
    before = ["receive", "accept", "status", "external_event"]
    streets.platform.wait_for(about, *before, "decide", "issue")
    assert streets.platform.data(about, "external_event") == {"kind": "funds_arrived"}


@pytest.mark.parametrize(("address", "matches"), [("建设路 1 号", True), ("不符路 1 号", False)])
def test_the_police_verify_papers_and_person(streets: Streets, address: str, matches: bool) -> None:
    about = subject()
    said = {key: dispatch(home_address=address)[key] for key in ("fields", "materials")}
    streets.tell("public_security", "verify", about, said)
    streets.platform.wait_for(about, "verified")
    verified = contract.Verified(**streets.platform.data(about, "verified"))
    assert verified.identity_matches is matches
    assert {one.matches for one in verified.materials.values()} == {matches}


def test_a_correction_is_asked_for_and_work_goes_on_when_it_came(streets: Streets) -> None:
    about, content = subject(), dispatch(home_address="补正路 1 号")
    streets.tell("medical_insurance", "dispatch", about, content)
    streets.platform.wait_for(about, "receive", "request_correction")
    asked = streets.platform.data(about, "request_correction")
    assert asked == {"defects": ["settlement_notice"]}
    assert (
        streets.ask("medical_insurance", f"sub-cases/{about}").content["state"] == "correction_due"
    )
    rest = {key: content[key] for key in ("fields", "materials")}
    streets.tell(
        "medical_insurance", "correction_supplied", about, rest | {"supplied": asked["defects"]}
    )
    streets.platform.wait_for(about, "receive", "request_correction", "accept", "decide", "issue")


def test_what_does_not_match_is_denied_with_a_reason(streets: Streets) -> None:
    about = subject()
    streets.tell("armed_forces", "dispatch", about, dispatch(home_address="不符路 1 号"))
    streets.platform.wait_for(about, "receive", "accept", "decide")
    assert streets.platform.data(about, "decide")["outcome"] == "denied"
    assert contract.Decide(**streets.platform.data(about, "decide")).reason


def test_what_was_sent_back_is_decided_in_its_next_round(streets: Streets) -> None:
    about = subject()
    streets.tell("armed_forces", "dispatch", about, dispatch(home_address="退回路 1 号"))
    streets.platform.wait_for(about, "receive", "return")
    again = dispatch(round_=2, home_address="退回路 1 号")
    streets.tell("armed_forces", "dispatch", about, again)
    rest = ["receive", "accept", "decide", "issue"]
    streets.platform.wait_for(about, "receive", "return", *rest)
    line = contract.BookLine(**streets.ask("armed_forces", f"sub-cases/{about}").content)
    assert (line.round, line.outcome, line.state) == (2, "granted", "decided")
    assert line.result_number == streets.platform.data(about, "issue")["number"]


def test_files_are_fetched_before_acceptance(streets: Streets) -> None:
    about, content = subject(), dispatch()
    file = ground.link(streets.platform, b"%PDF-1.4 good", name="good")
    content["materials"]["photo"]["files"] = [file]
    streets.tell("armed_forces", "dispatch", about, content)
    streets.platform.wait_for(about, "receive", "accept", "decide", "issue")
    assert streets.platform.fetched.count("files/good") == 1


def test_a_file_that_is_not_what_was_said_sends_the_sub_case_back(streets: Streets) -> None:
    about, content = subject(), dispatch()
    file = ground.link(streets.platform, b"%PDF-1.4 other", name="other", digest="0" * 64)
    content["materials"]["photo"]["files"] = [file]
    streets.tell("armed_forces", "dispatch", about, content)
    streets.platform.wait_for(about, "return")
    assert streets.platform.data(about, "return")["reason_code"] == "incomplete"


def test_a_courier_collects_and_brings(streets: Streets) -> None:
    order = {"sender": "窗口", "recipient": "张三", "phone": "13900000001", "pieces": 2}
    streets.tell("courier", "order_waybill", "mail:1", order | {"address": "建设路 1 号"})
    streets.tell("courier", "order_waybill", "mail:2", order | {"address": "退回路 1 号"})
    streets.platform.wait_for("mail:1", "mail_event", "mail_event")
    streets.platform.wait_for("mail:2", "mail_event", "mail_event")
    events = [contract.MailEvent(**one.data) for one in streets.platform.about("mail:1")]
    assert [one.kind for one in events] == ["collected", "delivered"]
    assert len({one.tracking_number for one in events}) == 1
    assert streets.platform.about("mail:2")[1].data["kind"] == "returned"


def test_a_bank_pays_or_gives_the_money_back(streets: Streets) -> None:
    order = {"payee": "张三", "account": "6200", "amount_fen": 450000, "purpose": "补助"}
    streets.tell("bank", "order_payment", "payment:1", order | {"bank": "某银行"})
    streets.tell("bank", "order_payment", "payment:2", order | {"bank": "退回银行"})
    streets.platform.wait_for("payment:1", "payment_event")
    streets.platform.wait_for("payment:2", "payment_event")
    assert streets.platform.data("payment:1", "payment_event")["outcome"] == "paid"
    assert streets.platform.data("payment:2", "payment_event")["outcome"] == "returned"
    assert streets.ask("bank", "sub-cases/payment:1").content["state"] == "paid"


def test_a_text_is_delivered_or_fails(streets: Streets) -> None:
    streets.tell("sms", "send_text", "text:1", {"to": "13900000001", "text": "已受理"})
    streets.tell("sms", "send_text", "text:2", {"to": "13900000000", "text": "已受理"})
    streets.platform.wait_for("text:1", "text_delivered")
    streets.platform.wait_for("text:2", "text_delivered")
    assert streets.platform.data("text:1", "text_delivered") == {"outcome": "delivered"}
    assert streets.platform.data("text:2", "text_delivered") == {"outcome": "failed"}


def test_a_book_comes_in_pages_in_the_order_of_names(streets: Streets) -> None:
    names = [contract.sub_case(f"{ground.CASE}{sign}", 3) for sign in "X30"]
    for name in names:
        streets.tell("party_organisation", "dispatch", name, dispatch())
    lines: list[contract.BookLine] = []
    page = contract.BookPage(lines=[], next="LB")
    while page.next:
        said = streets.ask("party_organisation", f"book?after={page.next}&limit=2")
        page = contract.BookPage(**said.content)
        lines += page.lines
    listed = [one.sub_case for one in lines]
    assert listed == sorted(listed)
    assert set(names) <= set(listed)


@pytest.mark.parametrize(
    ("path", "status"),
    [("sub-cases/LB1-01", 404), ("book?limit=0", 400), ("else", 404), ("book?limit=x", 400)],
)
def test_a_bad_question_is_answered_with_what_is_wrong(
    streets: Streets, path: str, status: int
) -> None:
    said = streets.ask("sms", path)
    assert said.status == status
    assert contract.Complaint(**said.content).message


WRONG = {
    "another word": (ground.letter("send_text", "text:9", {"to": "1", "text": "x"}), {}, 422),
    "a withdrawal of what it never had": (
        ground.letter("withdraw", "LB9-01", {"why": "withdrawn"}),
        {},
        422,
    ),
    "no JSON": (b"<html>", {}, 400),
    "half a character": (b'{"specversion": "1.0", "id": "\\ud800"}', {}, 400),
    "no envelope": (b'{"id": "12345678"}', {}, 400),
    "another key of idempotency": (
        ground.letter("withdraw", "LB9-01", {"why": "withdrawn"}),
        {"Idempotency-Key": "something-else"},
        400,
    ),
    "half its content": (
        ground.letter("dispatch", "LB9-01", dispatch()).replace(b'"item_name"', b'"item_nome"'),
        {},
        422,
    ),
    "another type": (b"a=b", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_message_that_is_wrong_for_ever_is_refused_for_ever(streets: Streets, what: str) -> None:
    body, headers, status = WRONG[what]
    url = f"{streets.addresses['armed_forces']}/messages"
    headers = {"Content-Type": contract.MEDIA_TYPE} | headers
    assert ground.call(streets.platform, url, body=body, headers=headers).status == status


def test_forged_calls_are_refused(streets: Streets) -> None:
    platform, url = streets.platform, f"{streets.addresses['bank']}/book"
    now = datetime.now(UTC)
    stranger = signing.PrivateKey.from_seed(platform.key.key_id, b"x" * 32)
    unknown = signing.PrivateKey.from_seed("nobody", b"x" * 32)
    for forged in (
        ground.call(platform, url, key=stranger),
        ground.call(platform, url, key=unknown),
        ground.call(platform, url, at=now - timedelta(minutes=6)),
        ground.call(platform, url, at=now + timedelta(minutes=6)),
        ground.call(platform, url, signed_url=f"{url}?limit=2"),
    ):
        assert forged.status == 401


def test_a_call_without_a_signature_is_answered_without_one(streets: Streets) -> None:
    for path in ("book", "sub-cases/LB9-01"):
        assert ground.CLIENT.get(f"{streets.addresses['bank']}/{path}").status_code == 401
    got = ground.CLIENT.post(f"{streets.addresses['bank']}/messages", content=b"{}")
    assert got.status_code == 401


def test_a_nonce_is_good_once(streets: Streets) -> None:
    url = f"{streets.addresses['bank']}/book"
    answers = [ground.call(streets.platform, url, nonce="only-once-1").status for _ in range(2)]
    assert answers == [200, 401]
