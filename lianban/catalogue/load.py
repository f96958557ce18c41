"""Turn a policy folder into an `Edition`, or say in Chinese what is wrong on which line."""

import hashlib
import json
from pathlib import Path
from typing import Any

from lianban.catalogue import agent, dossier, model, partner, payment, presence, schema, source
from lianban.catalogue.condition import ALWAYS, NEVER, Condition, ConditionError, parse
from lianban.catalogue.finding import Finding, PolicyRefused

#: Where the editions of this repository lie.
POLICY_FOLDER = Path(__file__).resolve().parents[2] / "policy"

#: What a field of the form says in plain words.
FIELD_WORDS = (
    "code",
    "label",
    "type",
    "section",
    "derived_from",
    "question",
    "for_delivery",
    "help",
    "not_before",
)


def find(policy: str, *, folder: Path | None = None) -> Path:
    """Return the folder of an edition id (looked up in `folder`) or of a path.

    Raises `FileNotFoundError` when there is neither.
    """
    for candidate in ((folder or POLICY_FOLDER) / policy, Path(policy)):
        if (candidate / "plan.yaml").is_file():
            return candidate
    raise FileNotFoundError(
        f"找不到方案 {policy}：既不是方案目录下的版本号，也不是含 plan.yaml 的目录"
    )


def load(folder: Path) -> model.Edition:
    """Load an edition for use. Raises `PolicyRefused` with every finding that forbids it."""
    from lianban.catalogue import check

    read = source.read(folder)
    findings = schema.findings(read)
    if findings:
        raise PolicyRefused(findings)
    edition = build(read)
    findings = check.structural(read, edition)
    if findings:
        raise PolicyRefused(findings)
    return edition


def build(read: source.Source) -> model.Edition:
    """Build the edition from documents that the schema accepts. References are not checked here.

    Raises `PolicyRefused` for conditions that cannot be parsed.
    """
    builder = _Builder(read)
    edition = builder.edition()
    if builder.findings:
        raise PolicyRefused(builder.findings)
    return edition


def content_hash(read: source.Source) -> str:
    """The edition's identity: SHA-256 over the canonical JSON of all its data."""
    data = {name: document.data for name, document in sorted(read.documents.items())}
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


#: Words of a material that are taken over as they stand.
_MATERIAL_WORDS = ("may_arrive_with", "issuer", "help", "source", "grade", "verified_by")


class _Builder:
    def __init__(self, read: source.Source) -> None:
        self.read = read
        self.findings: list[Finding] = []

    def edition(self) -> model.Edition:
        plan, form = self.read["plan.yaml"].data, self.read["form.yaml"].data
        departments = self.read["departments.yaml"].data
        return model.Edition(
            id=plan["id"],
            hash=content_hash(self.read),
            name=plan["name"],
            source=plan["source"],
            entry=plan["entry"],
            lead_department=plan["lead_department"],
            eligible=self.when(plan["eligible"], "plan.yaml", "eligible"),
            not_eligible=plan["eligible"]["otherwise"],
            items=tuple(sorted(map(self.item, self.read.items()), key=lambda item: item.number)),
            materials=tuple(
                self.material(m, i) for i, m in enumerate(self.read["materials.yaml"].data)
            ),
            questions=tuple(
                self.question(q, i) for i, q in enumerate(self.read["situations.yaml"].data)
            ),
            sections=tuple(model.Section(**section) for section in form["sections"]),
            fields=tuple(self.field(f, i) for i, f in enumerate(form["fields"])),
            departments=tuple(model.Department(**d) for d in departments["departments"]),
            milestones=tuple(map(_milestone, plan["milestones"])),
            enquiries=tuple(
                self.enquiry(e, i) for i, e in enumerate(departments.get("enquiries", ()))
            ),
            places=tuple(presence.Place(**place) for place in plan["places"]),
            reasons=plan["reasons"],
            channels={name: _channel(data) for name, data in plan["channels"].items()},
            rules=_rules(plan["rules"]),
            wording=_wording(self.read),
            notes=self.texts(plan.get("notes"), "plan.yaml", "notes"),
            agent=agent.rules(self.read.documents.get("agent.yaml")),
            dossier=dossier.rules(self.read.documents.get(dossier.FILE), self.when),
            partners=partner.rules(plan),
            approvals=frozenset(plan.get("approvals", ())),
        )

    def condition(
        self, text: str | None, file: str, *place: str | int, default: Condition = ALWAYS
    ) -> Condition:
        if text is None:
            return default
        try:
            return parse(text)
        except ConditionError as error:
            line = self.read[file].line(*place)
            message = (
                f"条件「{text}」写错了：{error}。条件只用 ==、!=、in、&&、||、! 和括号，值要加引号"
            )
            self.findings.append(Finding("condition_syntax", message, file=file, line=line))
            return NEVER

    def when(self, data: dict[str, Any], file: str, *place: str | int) -> Condition:
        return self.condition(data.get("when"), file, *place, "when")

    def texts(
        self, data: list[dict[str, Any]] | None, file: str, *place: str | int
    ) -> tuple[presence.Text, ...]:
        return tuple(
            presence.Text(text["text"], self.when(text, file, *place, i), text.get("advice", ""))
            for i, text in enumerate(data or ())
        )

    def limit(
        self, data: dict[str, Any] | None, file: str, *place: str | int
    ) -> model.TimeLimit | None:
        if data is None:
            return None
        known = {
            key: data[key] for key in ("counts", "source", "starts", "since", "text") if key in data
        }
        return model.TimeLimit(
            days=int(data["days"]),
            verified=data["verified"] == "true",
            when=self.when(data, file, *place),
            **known,
        )

    def item(self, document: source.Document) -> model.Item:
        data, file = document.data, document.file
        limits = data.get("time_limit", {})
        personal = (
            self.limit(p, file, "time_limit", "personal", i)
            for i, p in enumerate(limits.get("personal", ()))
        )
        return model.Item(
            number=int(data["number"]),
            code=data["code"],
            name=data["name"],
            short_name=data["short_name"],
            owners=self.owners(data["department"], file),
            requires=tuple(data.get("requires", ())),
            opens=self.condition(data.get("opens"), file, "opens"),
            external=self.external(data.get("external"), file),
            satisfied=self.satisfied(data.get("satisfied"), file),
            why=data.get("why", ""),
            why_not=self.texts(data.get("why_not"), file, "why_not"),
            presence=tuple(
                self.presence(p, file, i) for i, p in enumerate(data.get("presence", ()))
            ),
            pledged=self.limit(limits.get("pledged"), file, "time_limit", "pledged"),
            statutory=self.limit(limits.get("statutory"), file, "time_limit", "statutory"),
            personal=tuple(limit for limit in personal if limit),
            review_days=int(data.get("review_days", 20)),
            result=_result(data.get("result")),
            entrusted_to_counter=data.get("entrusted_to_counter") == "true",
            may_split_off=data.get("may_split_off") == "true",
            national=int(data.get("national", 0)),
            notes=self.texts(data.get("notes"), file, "notes"),
            payment=payment.build(data.get("payment"), self.when, file),
        )

    def external(self, data: dict[str, Any] | None, file: str) -> model.External | None:
        if data is None:
            return None
        when = self.when(data, file, "external")
        return model.External(when, data["event"], data["actor"], tuple(data.get("also", ())))

    def satisfied(self, data: dict[str, Any] | None, file: str) -> model.Satisfied | None:
        if data is None:
            return None
        return model.Satisfied(self.when(data, file, "satisfied"), data["evidence"])

    def owners(self, data: str | list[dict[str, str]], file: str) -> tuple[model.Owner, ...]:
        if isinstance(data, str):
            return (model.Owner(data),)
        return tuple(
            model.Owner(o["code"], self.when(o, file, "department", i)) for i, o in enumerate(data)
        )

    def presence(self, data: dict[str, Any], file: str, index: int) -> presence.Presence:
        when = self.when(data, file, "presence", index)
        return presence.Presence(
            data["place"],
            data["why"],
            when,
            counted=data.get("counted", "true") == "true",
            note=data.get("note", ""),
            same_day=data.get("same_day", "true") == "true",
            bring=self.texts(data.get("bring"), file, "presence", index, "bring"),
        )

    def material(self, data: dict[str, Any], index: int) -> model.Material:
        words = {key: data[key] for key in _MATERIAL_WORDS if key in data}
        return model.Material(
            code=data["code"],
            name=data["name"],
            form=data["form"],
            copies=int(data["copies"]),
            items=tuple(data["items"]),
            when=self.when(data, "materials.yaml", index),
            deferrable=data.get("deferrable") == "true",
            any_of=tuple(map(tuple, data.get("any_of", ()))),
            pieces=self.pieces(data, index),
            may_be_mailed=data.get("may_be_mailed") == "true",
            grades=data.get("grades", {}),
            reusable_days=int(data.get("reusable_days", 0)),
            valid_days=int(data.get("valid_days", 0)),
            **words,
        )

    def pieces(self, data: dict[str, Any], index: int) -> tuple[model.Piece, ...]:
        return tuple(
            model.Piece(p["code"], p["name"], self.when(p, "materials.yaml", index, "pieces", i))
            for i, p in enumerate(data.get("pieces", ()))
        )

    def choices(
        self, data: dict[str, Any], file: str, *place: str | int
    ) -> tuple[model.Choice, ...]:
        return tuple(
            model.Choice(c["value"], c["label"], self.when(c, file, *place, "choices", i))
            for i, c in enumerate(data.get("choices", ()))
        )

    def question(self, data: dict[str, Any], index: int) -> model.Question:
        file = "situations.yaml"
        return model.Question(
            data["key"],
            data["label"],
            self.choices(data, file, index),
            data.get("help", ""),
            self.when(data, file, index),
        )

    def field(self, data: dict[str, Any], index: int) -> model.Field:
        file = "form.yaml"
        words = {key: data[key] for key in FIELD_WORDS if key in data}
        return model.Field(
            items=tuple(data["items"]),
            when=self.when(data, file, "fields", index),
            required=data.get("required", "true") == "true",
            sensitive=data.get("sensitive") == "true",
            choices=self.choices(data, file, "fields", index),
            full_element=data.get("full_element") == "true",
            delivers=tuple(data.get("delivers", ())),
            max_length=int(data.get("max_length", 0)),
            not_in_future=data.get("not_in_future") == "true",
            **words,
        )

    def enquiry(self, data: dict[str, str], index: int) -> model.Enquiry:
        when = self.when(data, "departments.yaml", "enquiries", index)
        return model.Enquiry(
            data["code"],
            data["name"],
            data["department"],
            int(data["days"]),
            when,
            data.get("text", ""),
        )


def _wording(read: source.Source) -> dict[str, dict[str, str]]:
    return {
        Path(name).stem: document.data
        for name, document in read.documents.items()
        if name.startswith("wording/")
    }


def _milestone(data: dict[str, Any]) -> model.Milestone:
    command, requires = data.get("command", ""), tuple(data.get("requires", ()))
    return model.Milestone(data["code"], data["name"], command, requires)


def _channel(data: dict[str, str]) -> model.Channel:
    return model.Channel(data["enabled"] == "true", data["pre_review"] == "true", data["dispatch"])


def _rules(data: dict[str, str]) -> model.Rules:
    days = {key: int(value) for key, value in data.items() if key.endswith("_days")}
    return model.Rules(
        silence=data["silence"], natural_days_roll=data["natural_days_roll"] == "true", **days
    )


def _result(data: dict[str, Any] | None) -> model.Result | None:
    if data is None:
        return None
    words = {key: data[key] for key in ("pick_up_note", "code", "verified_by") if key in data}
    return model.Result(
        data["name"], tuple(data["delivery"]), serves=tuple(data.get("serves", ())), **words
    )
