"""The archive pack: everything of a case, with hashes that fit and a history that holds."""

import hashlib
import io
import json
import zipfile
from typing import Any

import pytest
from django.test import Client

from lianban.cases import anchors, packs
from lianban.cases.models import FormVersionRecord, PackRecord, ViewRecord
from lianban.cases.services import packs as service
from lianban.documents import pack, papers
from lianban.engine.refusal import Refused
from tests.documents import carried
from tests.services.cast import FIELDS

pytestmark = pytest.mark.django_db(transaction=True)


def opened(content: bytes) -> tuple[zipfile.ZipFile, dict[str, Any]]:
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    return archive, json.loads(archive.read("manifest.json"))


def test_a_concluded_case_goes_into_one_zip_with_a_manifest_that_fits() -> None:
    city = carried.with_offices()
    case_id = carried.carried_to_its_end(city)
    view = carried.view_of(case_id, city.bureau)
    content = pack.build(view, actor=city.bureau, at=carried.day(60), base_url=carried.BASE)
    archive, manifest = opened(content)
    listed = {file["path"]: file for file in manifest["files"]}
    assert set(archive.namelist()) == {"manifest.json", *listed}
    for path, file in listed.items():
        assert hashlib.sha256(archive.read(path)).hexdigest() == file["sha256"]
    anchor = anchors.read(manifest["history"])
    assert anchor and anchors.disagreements(anchor) == []
    lines = archive.read("journal.jsonl").decode().splitlines()
    assert json.loads(lines[-1])["sha256"] == anchor.digest
    assert len(lines) == anchor.sequence == view.sequence
    form = json.loads(archive.read("form/version-1.json"))
    assert form["fields"]["name"] == FIELDS["name"]
    kinds = {path.split("-")[1] for path in listed if path.startswith("papers/")}
    assert {"receipt", "acceptance_notice", "denial_decision", "conclusion_notice"} <= kinds
    assert any(path.startswith("results/") for path in listed)
    again = pack.build(
        carried.view_of(case_id, city.bureau),
        actor=city.bureau, at=carried.day(60), base_url=carried.BASE,
    )  # fmt: skip
    assert again == content


def test_a_pack_is_made_once_by_the_bureau_and_every_taking_is_kept(client: Client) -> None:
    city = carried.with_offices()
    case_id = carried.carried_to_its_end(city)
    with pytest.raises(Refused):
        service.authorise(case_id=case_id, actor=city.clerk)
    client.force_login(city.people["bureau_officer@veterans_affairs.439901"])
    address = f"/bureau/cases/{case_id}/pack/"
    assert client.get(f"{address}file.zip").status_code == 404
    assert client.post(address).status_code == 302
    assert client.post(address).status_code == 302
    row = PackRecord.objects.get()
    answer = client.get(f"{address}file.zip")
    assert hashlib.sha256(answer.content).hexdigest() == row.digest
    assert "小川" not in bytes(row.content).decode(errors="ignore")
    assert ViewRecord.objects.filter(case_id=case_id, what="pack").count() == 1
    assert row.digest in client.get(address).content.decode()
    opened(answer.content)


def test_what_lacks_is_named_before_the_case_is_concluded() -> None:
    city = carried.with_offices()
    case_id = carried.carried_to_its_end(city)
    view = carried.view_of(case_id, city.bureau)
    parts = packs.parts(view, paper_count=len(papers.available(view)))
    assert [part.name for part in parts if part.is_needed and part.lacking] == []
    results = next(part for part in parts if part.name == "结果")
    assert "「户口登记」没有文号" in results.lacking


def test_a_case_that_goes_on_has_no_pack_yet() -> None:
    city = carried.with_offices()
    running = carried.registered(city)
    with pytest.raises(Refused, match="全部办结"):
        service.authorise(case_id=running, actor=city.bureau)


def test_a_case_whose_form_was_erased_is_not_packed_and_says_why(client: Client) -> None:
    city = carried.with_offices()
    case_id = carried.carried_to_its_end(city)
    FormVersionRecord.objects.filter(case_id=case_id).update(wrapped_key=None)
    client.force_login(city.people["bureau_officer@veterans_affairs.439901"])
    answer = client.post(f"/bureau/cases/{case_id}/pack/")
    assert answer.status_code == 400
    assert "登记表读不出来" in answer.content.decode()
    assert not PackRecord.objects.exists()
