"""Every kind of file that somebody might send, through the pages that take files in."""

import ctypes
import gc
import io
import re
import socketserver
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lianban.accounts.models import User
from lianban.cases.models import FileRecord, MessageRecord, ViewRecord
from lianban.cases.services import drafts, file_checks, hand_in, sealed_files
from lianban.journal.models import JournalEntry
from tests.hostile import corpus
from tests.hostile.corpus import SAMPLES, Sample
from tests.hostile.ground import body, changed, draft_of, someone, stored
from tests.hostile.ground import signed_in as browser
from tests.services import hostile
from tests.services.cast import City

pytestmark = pytest.mark.django_db(transaction=True)
MATERIAL = "discharge_certificate"
ADDRESS = f"/form/materials/{MATERIAL}/"
WORDS = {
    "empty": "是空的",
    "unknown_type": "只收 JPEG、PNG、HEIC 图片和 PDF",
    "wrong_extension": "文件名和内容对不上",
    "damaged": "打不开",
    "too_large": "最多 10 MB",
    "too_many_pixels": "万像素",
    "unfolds": "展开以后太大",
    "too_many_pages": "最多 50 页",
    "locked": "设了密码",
}
#: Megabytes that one process may have grown by, once it has seen every sample.
MOST_GROWTH = 50
AT_ONCE = 15
#: Bytes beyond which a sample is sent alone: the browser is in the same process here.
LARGE = 1_000_000


@pytest.fixture
def person(city: City) -> SimpleNamespace:
    """Somebody who fills a form in, signed in."""
    who = someone(301)
    actor = city.applicant(who.phone)
    draft = draft_of(actor, who, "439901", missing=(MATERIAL,))
    client = browser(User.objects.get(id=actor.user_id))
    return SimpleNamespace(actor=actor, draft=draft, client=client, city=city)


def sent(client: Client, *files: tuple[str, bytes], to: str = ADDRESS) -> Any:
    named = [SimpleUploadedFile("x", content) for _, content in files]
    for file, (name, _) in zip(named, files, strict=True):
        file.__dict__["name"] = file._name = name  # as a browser says it, unclean
    return client.post(to, {"file": named})


def memory() -> float:
    """Megabytes that this process holds now, without what its allocator keeps to use again.

    The browser lives in this process too, and its large bodies leave such room behind; `lianban
    serve` tells the allocator of its workers to keep none.
    """
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def plain(content: bytes) -> bytes:
    """A kept file with nothing packed, to look into it."""
    if not content.startswith(b"%PDF"):
        return content
    with pikepdf.open(io.BytesIO(content)) as pdf:
        out = io.BytesIO()
        pdf.save(
            out,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            stream_decode_level=pikepdf.StreamDecodeLevel.all,
            compress_streams=False,
        )
    return out.getvalue()


TOLD = re.compile("「[^」]*」没传上：([^<]*)")


def refused_wrongly(client: Client, names: list[str]) -> dict[str, str]:
    """Samples that are sent together, and are not each refused in the words for it."""
    files = [(SAMPLES[name].sent_as, SAMPLES[name].made()) for name in names]
    answer = sent(client, *files)
    card = body(answer).split('id="e-')[1].split("</p>")[0]
    told = TOLD.findall(card)
    assert (answer.status_code, len(told)) == (422, len(names)), told
    said = zip(names, told, strict=True)
    return {name: words for name, words in said if WORDS[SAMPLES[name].refused] not in words}


def kept_wrongly(client: Client, sample: Sample) -> str:
    """What is not as it must be with a sample that is kept, or nothing."""
    content = sample.made()
    answer = sent(client, (sample.sent_as, content))
    record = FileRecord.objects.order_by("-created_at").first()
    if answer.status_code != 302 or record is None:
        return f"{answer.status_code} {TOLD.findall(body(answer))}"
    file = client.get(f"/files/{record.id}/")
    name = re.search(r"filename\*?=(?:utf-8'')?\"?([^\";]+)", file["Content-Disposition"])
    assert name is not None
    facts = {
        "type": file["Content-Type"] == sample.kept_as,
        "name": unquote(name[1]) == sample.shown == record.name,
        "download": file["Content-Disposition"].startswith("attachment"),
        "no guessing": file["X-Content-Type-Options"] == "nosniff",
        "closed": "sandbox" in file["Content-Security-Policy"],
        "clean": not any(word in plain(file.content) for word in sample.without),
        "original": sealed_files.original_of(record) == content,
    }
    FileRecord.objects.all().delete()
    return ", ".join(fact for fact, holds in facts.items() if not holds)


def test_every_kind_of_file_ends_as_it_must_and_the_process_stays_small(
    person: SimpleNamespace,
) -> None:
    assert len(SAMPLES) >= 60
    client, wrong = person.client, dict[str, str]()
    sent(client, ("a.jpg", hostile.image()), ("a.pdf", hostile.pdf()), ("a.gif", hostile.GIF))
    client.get(f"/files/{FileRecord.objects.first().id}/")
    FileRecord.objects.all().delete()
    before = memory()
    bad = [name for name, sample in SAMPLES.items() if sample.refused]
    large = [name for name in bad if len(SAMPLES[name].made()) > LARGE]
    small = [name for name in bad if name not in large]
    batches = [small[start : start + AT_ONCE] for start in range(0, len(small), AT_ONCE)]
    for names in [*([name] for name in large), *batches]:
        wrong |= refused_wrongly(client, names)
    assert not FileRecord.objects.exists()
    for name in SAMPLES.keys() - set(bad):
        problem = kept_wrongly(client, SAMPLES[name])
        wrong |= {name: problem} if problem else {}
    assert wrong == {}
    assert memory() - before < MOST_GROWTH


def test_a_bad_file_among_several_is_named_and_loses_nothing_of_the_others(
    person: SimpleNamespace,
) -> None:
    answer = sent(
        person.client,
        ("1.jpg", corpus.jpeg_with(b"1")),
        ("坏的.pdf", b"%PDF-1.7"),
        ("3.heic", corpus.heic()),
        ("4.gif", hostile.GIF),
        ("5.pdf", hostile.pdf(3)),
    )
    assert answer.status_code == 422
    told = body(answer)
    assert "「坏的.pdf」没传上：PDF 打不开" in told and "「4.gif」没传上：只收" in told
    kept = FileRecord.objects.order_by("place")
    assert [(f.name, f.pages) for f in kept] == [("1.jpg", 1), ("3.jpg", 1), ("5.pdf", 3)]


def test_pages_keep_their_order_and_can_be_put_into_another(person: SimpleNamespace) -> None:
    files = [(f"{n}.jpg", hostile.image(size=(20 + n, 20))) for n in (1, 2, 3)]
    assert sent(person.client, *files).status_code == 302
    second = FileRecord.objects.get(name="2.jpg").id
    assert person.client.post(f"/files/{second}/move/", {"to": "earlier"}).status_code == 302
    assert _order() == ["2.jpg", "1.jpg", "3.jpg"]
    person.client.post(f"/files/{second}/move/", {"to": "earlier"})
    person.client.post(f"/files/{second}/move/", {"to": "later"})
    person.client.post(f"/files/{second}/move/", {"to": "later"})
    assert _order() == ["1.jpg", "3.jpg", "2.jpg"]
    assert person.client.post(f"/files/{second}/remove/").status_code == 302
    assert _order() == ["1.jpg", "3.jpg"]
    page = body(person.client.get("/form/materials/"))
    assert page.index("1.jpg") < page.index("3.jpg") and "1 页" in page


def _order() -> list[str]:
    return list(FileRecord.objects.order_by("place").values_list("name", flat=True))


def test_nobody_moves_removes_or_opens_a_strangers_file(person: SimpleNamespace) -> None:
    sent(person.client, ("a.jpg", hostile.image()))
    file_id = FileRecord.objects.get().id
    other = person.city.applicant("13900000099")
    before = stored()
    officer = person.city.officer("counter_clerk", "veterans_affairs", "439901")
    for actor in (other, officer):
        client = browser(User.objects.get(id=actor.user_id))
        assert client.post(f"/files/{file_id}/move/", {"to": "later"}).status_code == 404
        assert client.post(f"/files/{file_id}/remove/").status_code == 404
        assert client.get(f"/files/{file_id}/").status_code == 404
    assert changed(before, stored()) == []


def test_a_name_with_a_nul_and_a_body_beyond_all_forms_are_turned_away_unread(
    person: SimpleNamespace, settings: Any
) -> None:
    raw = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a\x00.jpg"\r\n\r\nx\r\n--b--'
    form = "multipart/form-data; boundary=b"
    assert person.client.post(ADDRESS, raw, content_type=form).status_code in (400, 422)
    settings.MOST_BODY = 1000
    answer = sent(person.client, ("a.jpg", bytes(2000)))
    assert answer.status_code == 413 and "10 MB" in body(answer)
    for length in ("-1", "1e9", "x", "9" * 30):
        answer = person.client.post(ADDRESS, b"", content_type=form, CONTENT_LENGTH=length)
        assert answer.status_code in (400, 413)
    settings.MOST_BODY = 10_000_000
    cut = raw.replace(b"\x00", b"").split(b"x\r\n--b")[0] + hostile.image(size=(400, 400))[:900]
    assert person.client.post(ADDRESS, cut, content_type=form).status_code in (400, 422)
    assert not FileRecord.objects.exists()


def test_a_person_and_a_case_hold_so_many_files_and_no_more(
    person: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed_files, "MOST_FILES", 3)
    files = [(f"{n}.jpg", hostile.image(size=(20 + n, 20))) for n in range(5)]
    answer = sent(person.client, *files)
    assert answer.status_code == 422 and body(answer).count("最多 3 个文件") == 4
    assert FileRecord.objects.count() == 3
    monkeypatch.setattr(sealed_files, "MOST_FILES", 4)
    monkeypatch.setattr(sealed_files, "MOST_OF_A_PERSON", 0.75)
    assert sent(person.client, files[3]).status_code == 422
    monkeypatch.setattr(sealed_files, "MOST_OF_A_PERSON", 2)
    assert sent(person.client, files[3]).status_code == 302


# The scanner ------------------------------------------------------------------------------------


class Clamd(socketserver.ThreadingTCPServer):
    """A scanner that speaks as ClamAV's does (clamd(8), INSTREAM), and knows one virus."""

    allow_reuse_address = daemon_threads = True
    says = ""

    class RequestHandlerClass(socketserver.StreamRequestHandler):  # type: ignore[assignment]
        def handle(self) -> None:
            assert self.rfile.read(10) == b"zINSTREAM\0"
            content = b""
            while size := struct.unpack(">I", self.rfile.read(4))[0]:
                content += self.rfile.read(size)
            found = "stream: Eicar-Signature FOUND" if corpus.EICAR in content else "stream: OK"
            said = self.server.says or found  # type: ignore[attr-defined]
            self.wfile.write(said.encode() + b"\0")

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), self.RequestHandlerClass)


@pytest.fixture
def clamd(settings: Any) -> Iterator[Clamd]:
    """A scanner beside us."""
    with Clamd() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        settings.CLAMD = f"127.0.0.1:{server.server_address[1]}"
        yield server
        server.shutdown()


INFECTED = ("eicar.pdf", hostile.pdf() + b"\n%" + corpus.EICAR)
AWAY = "127.0.0.1:1"


def test_a_harmful_file_is_told_at_once_kept_from_all_and_counts_for_nothing(
    person: SimpleNamespace, clamd: Clamd
) -> None:
    answer = sent(person.client, INFECTED, ("good.jpg", hostile.image()))
    assert answer.status_code == 422
    assert "「eicar.pdf」没传上：这个文件没有通过安全检查" in body(answer)
    bad, good = (FileRecord.objects.get(name=name) for name in ("eicar.pdf", "good.jpg"))
    assert (bad.state, good.state) == ("refused", "clean")
    assert person.client.get(f"/files/{bad.id}/").status_code == 404
    assert person.client.get(f"/files/{good.id}/").status_code == 200
    person.client.post(f"/files/{good.id}/remove/")
    assert MATERIAL not in _ways(person)


@pytest.mark.parametrize("says", ["", "INSTREAM size limit exceeded. ERROR", "x" * 9000])
def test_what_the_scanner_did_not_see_is_never_released(
    person: SimpleNamespace, clamd: Clamd, settings: Any, says: str
) -> None:
    here, clamd.says = settings.CLAMD, says
    settings.CLAMD = settings.CLAMD if says else AWAY
    assert sent(person.client, ("good.jpg", hostile.image())).status_code == 302
    file = FileRecord.objects.get()
    assert file.state == "checking" and _ways(person)[MATERIAL] == "uploaded"
    answer = person.client.get(f"/files/{file.id}/")
    assert answer.status_code == 409 and "还在做安全检查" in body(answer)
    assert "正在检查" in body(person.client.get("/form/materials/"))
    assert file_checks.again(at=person.draft.updated_at) == 0
    settings.CLAMD, clamd.says = here, ""
    assert file_checks.again(at=person.draft.updated_at) == 1
    assert person.client.get(f"/files/{file.id}/").status_code == 200


def test_a_file_found_harmful_later_goes_from_the_form_and_the_person_sees_why(
    person: SimpleNamespace, clamd: Clamd, settings: Any
) -> None:
    here, settings.CLAMD = settings.CLAMD, AWAY
    assert sent(person.client, INFECTED).status_code == 302
    settings.CLAMD = here
    file_checks.again(at=person.draft.updated_at)
    assert MATERIAL not in _ways(person)
    assert "没有通过安全检查" in body(person.client.get("/form/materials/"))


def test_a_case_goes_on_without_a_harmful_file_and_the_person_is_told(
    person: SimpleNamespace, clamd: Clamd, settings: Any
) -> None:
    here, settings.CLAMD = settings.CLAMD, "unix:/nowhere/clamd.socket"
    sent(person.client, INFECTED)
    at = person.draft.updated_at
    case_id = hand_in.submit(draft_id=person.draft.id, actor=person.actor, at=at).case_id
    settings.CLAMD = here
    file_checks.again(at=at)
    assert JournalEntry.objects.filter(case_id=case_id, event="FileRefused").count() == 1
    assert MessageRecord.objects.filter(case_id=case_id, kind="file_refused").count() == 1
    assert "没有通过安全检查，我们没有收" in body(person.client.get(f"/my/{case_id}/messages/"))
    file = FileRecord.objects.get()
    assert person.client.get(f"/files/{file.id}/").status_code == 404
    bureau = person.city.officer("bureau_officer", "veterans_affairs", "439901")
    client = browser(User.objects.get(id=bureau.user_id))
    assert client.get(f"/files/{file.id}/").status_code == 404


def _ways(person: SimpleNamespace) -> dict[str, str]:
    return drafts.get(draft_id=person.draft.id, actor=person.actor).content.materials


# Originals --------------------------------------------------------------------------------------


def test_the_original_is_opened_by_the_head_alone_with_a_trace_that_the_person_sees(
    person: SimpleNamespace,
) -> None:
    photo = hostile.photo_with_place()
    sent(person.client, ("照片.jpg", photo))
    at = person.draft.updated_at
    case_id = hand_in.submit(draft_id=person.draft.id, actor=person.actor, at=at).case_id
    file = FileRecord.objects.get()
    address = f"/files/{file.id}/original/"
    assert person.client.get(address).status_code in (302, 403, 404)
    for role, district in (("bureau_officer", "439901"), ("bureau_head", "439902")):
        actor = person.city.officer(role, "veterans_affairs", district)
        client = browser(User.objects.get(id=actor.user_id))
        assert {client.get(address).status_code, client.post(address).status_code} <= {403, 404}
    head = person.city.officer("bureau_head", "veterans_affairs", "439901")
    client = browser(User.objects.get(id=head.user_id))
    assert address in body(client.get(f"/bureau/cases/{case_id}/"))
    page = body(client.get(address))
    assert file.original_digest in page and not _opened(case_id)
    answer = client.post(address)
    assert answer.content == photo and answer["Content-Type"] == "application/octet-stream"
    assert _opened(case_id) == 1
    assert ViewRecord.objects.filter(case_id=case_id, what=f"original:{file.id}").count() == 1
    assert "退出现役证件的原始文件" in body(person.client.get(f"/my/{case_id}/history/"))


def _opened(case_id: UUID) -> int:
    return JournalEntry.objects.filter(case_id=case_id, event="OriginalOpened").count()
