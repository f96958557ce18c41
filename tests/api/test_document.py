"""What vendors read is true: the OpenAPI document, the reference page, and the example to compute along."""

import json
from base64 import b64decode
from typing import Any

import jsonschema_rs
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from django.test import Client
from django.utils.html import escape

from lianban.exchange import complaints, contract, signing
from lianban.exchange.reference import described as reference
from lianban.exchange.reference import examples
from lianban.exchange.reference import words as reference_words
from lianban.exchange.reference.worked import worked


@pytest.fixture
def document(db: None) -> Any:
    answer = Client().get("/exchange/v1/openapi.json")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    return answer.json()


def bodies(document: Any) -> dict[str, Any]:
    """Our request bodies and theirs."""
    return {
        "heard": document["paths"]["/exchange/v1/messages"]["post"]["requestBody"],
        "told": document["webhooks"]["messages"]["post"]["requestBody"],
    }


def validator(document: Any, schema: Any) -> Any:
    """A validator that knows the document's own types."""
    whole = {**schema, "components": document["components"]}
    return jsonschema_rs.Draft202012Validator(whole)


def test_every_message_has_an_example_that_its_own_schema_admits(document: Any) -> None:
    for side, words in (("heard", contract.IN), ("told", contract.OUT)):
        content = bodies(document)[side]["content"][contract.MEDIA_TYPE]
        assert set(content["examples"]) == set(words)
        check = validator(document, content["schema"])
        for word, example in content["examples"].items():
            assert check.is_valid(example["value"]), word
            model = words[word]
            model.model_validate(example["value"]["data"])
            contract.Envelope.model_validate_json(json.dumps(example["value"]))
            wrong = {**example["value"], "data": {"nonsense": 1}}
            assert not check.is_valid(wrong), word


def test_every_answer_has_an_example_that_its_own_schema_admits(document: Any) -> None:
    operations = [
        *(each for path in document["paths"].values() for each in path.values()),
        *(each for path in document["webhooks"].values() for each in path.values()),
    ]
    seen = 0
    for operation in operations:
        for status, answer in operation["responses"].items():
            said = answer.get("content", {}).get("application/json")
            if said:
                assert validator(document, said["schema"]).is_valid(said["example"]), status
                seen += 1
    assert seen > 30
    assert all(operation["security"] == [{"Signature": []}] for operation in operations)


def test_every_name_that_the_document_refers_to_is_in_it(document: Any) -> None:
    text = json.dumps(document)
    names = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert names <= set(document["components"]["schemas"])
    assert "$defs" not in text


def test_a_name_that_the_contract_adds_has_an_example_and_plain_words() -> None:
    assert set(examples.OUT) == set(reference_words.OUT) == set(contract.OUT)
    assert set(examples.IN) == set(reference_words.IN) == set(contract.IN)
    assert all(isinstance(examples.OUT[word], model) for word, model in contract.OUT.items())
    assert all(isinstance(examples.IN[word], model) for word, model in contract.IN.items())
    fields = [
        field
        for part in (*reference.parts(), *reference.replies(), reference.part(contract.Envelope))
        for field in part.fields
    ]
    fields += [f for m in (*reference.told(), *reference.heard()) for f in m.body.fields]
    assert all(field.meaning and (field.kind or field.part) for field in fields)
    shown = {part.code for part in (*reference.parts(), *reference.replies())} | {"Envelope"}
    assert {field.part for field in fields if field.part} <= shown


def test_the_numbers_of_the_examples_have_good_check_digits() -> None:
    from lianban.accounts import identity_number
    from lianban.cases import case_number

    assert case_number.is_valid(examples.CASE_NUMBER)
    dispatch = examples.OUT["dispatch"]
    assert isinstance(dispatch, contract.Dispatch)
    number = dispatch.fields["identity_number"].value
    assert identity_number.parse(number, today=examples.AT.date()).number == number


def test_the_example_to_compute_along_is_computed_by_the_recipe_and_verifies() -> None:
    shown = worked()
    signature = b64decode(shown.signature.split(":")[1])
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(shown.seed))
    assert key.sign(shown.base.encode()) == signature
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(shown.public_key)).verify(
        signature, shown.base.encode()
    )
    assert shown.content_digest == signing.digest_header(shown.body.encode())
    message = signing.Message(
        shown.method, shown.url, body=shown.body.encode(),
        headers={
            "Content-Type": shown.content_type, "Content-Digest": shown.content_digest,
            "Signature-Input": shown.signature_input, "Signature": shown.signature,
        },
    )  # fmt: skip
    public = bytes.fromhex(shown.public_key)
    signed = signing.verify(message, keys=lambda _: public, at=examples.AT)
    assert signed.key_id == "example-2026"


def test_the_page_shows_every_message_every_complaint_and_the_bytes_of_the_example(
    db: None,
) -> None:
    answer = Client().get("/exchange/")
    assert answer.status_code == 200
    page = answer.content.decode()
    for message in (*reference.told(), *reference.heard()):
        assert message.type in page and escape(message.example) in page, message.word
        assert escape(message.body.law) in page and message.use in page
    for code, (_, said, what_to_do) in complaints.KNOWN.items():
        assert f"<code>{code}</code>" in page and escape(said) in page
        assert escape(what_to_do) in page
    for text in (worked().base, worked().signature, worked().body, worked().seed):
        assert escape(text) in page


def test_only_reading_is_answered_by_what_is_only_read(db: None) -> None:
    client = Client()
    answer = client.post("/exchange/v1/openapi.json", b"{}", content_type="application/json")
    assert (answer.status_code, answer["Allow"]) == (405, "GET")
    assert contract.Complaint.model_validate_json(answer.content).code == "wrong_method"
    assert client.post("/exchange/").status_code == 405
