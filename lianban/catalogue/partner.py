"""What a plan says of partners that serve the whole case: who verifies (核验), who does what for all.

A paper that somebody verifies says so where it stands: `verified_by` of a material, or of a result.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lianban.catalogue.finding import Finding
from lianban.catalogue.source import Document, Source

#: What a partner can do for everybody; a plan names who does it.
SERVICES = ("text", "waybill", "payment")
#: Signs that a text message may have: it is read at a glance, and costs by its length.
MOST_SIGNS = 140
TEXTS = "wording/texts.yaml"


@dataclass(frozen=True)
class PartnerRules:
    """The plan's rules for partners; empty where it has none."""

    #: The department that says whether a person is who the form says; empty: nobody is asked.
    identity_by: str = ""
    #: The fields of the form that say who the person is; they go along with every paper.
    identity_fields: tuple[str, ...] = ()
    #: What is done for everybody, one of `SERVICES`, to the partner that does it.
    services: Mapping[str, str] = field(default_factory=dict)


def rules(plan: Mapping[str, Any]) -> PartnerRules:
    """The rules as plan.yaml says them."""
    identity = plan.get("identity", {})
    by, fields = identity.get("verified_by", ""), tuple(identity.get("fields", ()))
    return PartnerRules(by, fields, dict(plan.get("services", {})))


def findings(read: Source, edition: Any) -> Iterator[Finding]:
    """Departments and fields that are none, and text messages that would say too much."""
    known = set(edition.department_names)
    for file, place, code in _named(read, edition):
        if code not in known:
            message = f"没有部门「{code}」，请改正名字或在 departments.yaml 增加"
            yield Finding("unknown_department", message, file=file, line=read[file].line(*place))
    fields = {one.code for one in edition.fields}
    for i, code in enumerate(edition.partners.identity_fields):
        if code not in fields:
            line = read["plan.yaml"].line("identity", "fields", i)
            message = f"身份核验用到「{code}」，但表单里没有这一栏"
            yield Finding("unknown_field", message, file="plan.yaml", line=line)
    yield from _texts(read.documents.get(TEXTS))


def _named(read: Source, edition: Any) -> Iterator[tuple[str, tuple[str | int, ...], str]]:
    """Every department that is named as a partner, with the file and place where it is named."""
    if edition.partners.identity_by:
        yield "plan.yaml", ("identity", "verified_by"), edition.partners.identity_by
    for what, code in edition.partners.services.items():
        yield "plan.yaml", ("services", what), code
    for i, material in enumerate(edition.materials):
        if material.verified_by:
            yield "materials.yaml", (i, "verified_by"), material.verified_by
    for document in read.items():
        result = document.data.get("result", {})
        if result.get("verified_by"):
            yield document.file, ("result", "verified_by"), result["verified_by"]


def _texts(document: Document | None) -> Iterator[Finding]:
    for key, words in (document.data if document else {}).items():
        line = document.line(key) if document else 1
        if "{" in words:
            message = f"短信「{key}」里有要填进去的内容。短信谁都可能看到，请写成不用填的一句话"
            yield Finding("text_names_somebody", message, file=TEXTS, line=line)
        if len(words) > MOST_SIGNS:
            message = f"短信「{key}」有 {len(words)} 个字，最多 {MOST_SIGNS} 个，请写短些"
            yield Finding("text_too_long", message, file=TEXTS, line=line)
