"""People who act for others: what they may do, and that both identities are kept."""

import json
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from lianban.accounts.actor import Actor
from lianban.cases import agents as rules
from lianban.cases import queries
from lianban.cases.agents import Agent
from lianban.cases.content import Content
from lianban.cases.models import AgentRecord
from lianban.cases.services import agents, drafts, hand_in, signatures, visits
from lianban.catalogue import load
from lianban.engine.refusal import Refused
from lianban.journal.models import JournalEntry
from tests.services.cast import CONSCRIPT, FIELDS, City, identity_number, moment, ways

AT = moment("2026-10-19 10:00")
TODAY = AT.date()
COMMITMENT = "commitment_signature"
NUMBER = identity_number(born="19980412", sequence="022")
WIFE = Agent("王芳", NUMBER, "13800000009", "spouse")
WITH_LETTER = replace(WIFE, authority="seen", valid_until=date(2026, 12, 31))


@pytest.fixture
def city() -> City:
    return City().build()


def form(city: City, *, agent: Agent | None, signer: str = FIELDS["name"]) -> drafts.Draft:
    """The conscript's form at the counter, signed by this name, with an agent or none."""
    signed = {COMMITMENT: signer}
    content = Content(answers=CONSCRIPT, fields={**FIELDS, **signed})
    draft = drafts.start(district="439901", actor=city.clerk, at=AT)
    codes = hand_in.needed_codes(content.plan(draft.edition))
    content = replace(content, materials=ways(city.clerk, codes))
    drafts.save(draft_id=draft.id, content=content, actor=city.clerk, at=AT)
    return agents.keep_in_draft(draft_id=draft.id, agent=agent, actor=city.clerk, at=AT)


def handed_in(city: City, *, agent: Agent | None = None) -> UUID:
    draft = form(city, agent=agent)
    return hand_in.register(draft_id=draft.id, actor=city.clerk, at=AT).case_id


def told(case_id: UUID) -> list[str]:
    """The names of what the journal says about agents."""
    entries = JournalEntry.objects.filter(case_id=case_id, event__startswith="Agent")
    return list(entries.order_by("sequence").values_list("event", flat=True))


# The plan's limits ------------------------------------------------------------------------------


@pytest.mark.parametrize("edition_id", ["retirement-2022", "retirement-2024"])
def test_an_agent_never_gives_the_persons_fingerprints(edition_id: str) -> None:
    edition = load.load(load.find(edition_id))
    answer = rules.may(edition=edition, agent=WITH_LETTER, act="fingerprints", on=TODAY)
    assert not answer and answer.reason == "代办人不能替您按指纹，要本人来"
    assert rules.may(edition=edition, agent=WIFE, act="originals", on=TODAY)


def test_the_self_employment_signature_needs_the_letter_and_the_letter_its_time() -> None:
    edition = load.load(load.find("retirement-2022"))

    def may(agent: Agent, on: date = TODAY) -> rules.Answer:
        return rules.may(edition=edition, agent=agent, act="self_employment_signature", on=on)

    assert not may(WIFE) and "没有委托书" in may(WIFE).reason
    assert may(WITH_LETTER) and may(WITH_LETTER, date(2026, 12, 31))
    assert "过期" in may(WITH_LETTER, date(2027, 1, 1)).reason


def test_what_the_plan_does_not_name_an_agent_may_not_do() -> None:
    edition = load.load(load.find("retirement-2022"))
    assert not rules.may(edition=edition, agent=WITH_LETTER, act="adopt_a_child", on=TODAY)


def test_an_agent_survives_being_stored_in_a_form() -> None:
    assert rules.of_data(WITH_LETTER.to_data()) == WITH_LETTER
    assert rules.of_data(WIFE.to_data()) == WIFE
    assert rules.of_data({}) is None


# In forms ---------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"name": "王1芳"}, "name"),
        ({"name": ""}, "name"),
        ({"identity_number": NUMBER[:-1] + "5"}, "identity_number"),
        ({"identity_number": FIELDS["identity_number"]}, "identity_number"),
        ({"phone": "1380000"}, "phone"),
        ({"relation": "stranger"}, "relation"),
        ({"authority": "sworn"}, "authority"),
        ({"valid_until": None}, "valid_until"),
        ({"valid_until": date(2026, 10, 18)}, "valid_until"),
        ({"valid_until": date(9999, 1, 1)}, "valid_until"),
    ],
)
def test_what_is_wrong_with_an_agent_is_said_where_it_is(
    city: City, change: dict[str, object], where: str
) -> None:
    with pytest.raises(Refused) as refused:
        form(city, agent=replace(WITH_LETTER, **change))  # type: ignore[arg-type]
    assert list(refused.value.details["complaints"]) == [where]  # type: ignore[call-overload]


@pytest.mark.django_db
def test_nobody_online_says_that_the_original_was_seen(city: City) -> None:
    person = city.applicant()
    draft = drafts.start(district="439901", actor=person, at=AT)
    with pytest.raises(Refused) as refused:
        agents.keep_in_draft(draft_id=draft.id, agent=WITH_LETTER, actor=person, at=AT)
    assert "authority" in refused.value.details["complaints"]  # type: ignore[operator]
    uploaded = replace(WITH_LETTER, authority="uploaded")
    with pytest.raises(Refused) as refused:
        agents.keep_in_draft(draft_id=draft.id, agent=uploaded, actor=person, at=AT)
    assert refused.value.code == "missing_file"


@pytest.mark.django_db
def test_an_agent_with_a_letter_signs_and_both_identities_are_kept(city: City) -> None:
    draft = form(city, agent=WITH_LETTER, signer="王芳")
    case_id = hand_in.register(draft_id=draft.id, actor=city.clerk, at=AT).case_id
    signed = {one.purpose: one for one in signatures.of_case(case_id=case_id)}
    assert (signed[COMMITMENT].role, signed[COMMITMENT].name) == ("agent", "王芳")
    assert signed["self_employment_signature"].role == "person"
    row = AgentRecord.objects.get(case_id=case_id)
    assert agents.opened(row) == WITH_LETTER and row.seen_by_id == city.clerk.user_id
    assert b"13800000009" not in bytes(row.phone) and NUMBER.encode() not in bytes(
        row.identity_number
    )
    view = queries.get(case_id=case_id, actor=city.clerk, at=AT)
    assert view.person_name == FIELDS["name"]
    assert "委托书" in [one.material.name for one in queries.materials(view)]
    assert "由代办人（配偶）代办" in [line.text for line in queries.history(view)]


@pytest.mark.django_db
def test_an_agent_without_a_letter_cannot_sign(city: City) -> None:
    draft = form(city, agent=WIFE, signer="王芳")
    with pytest.raises(Refused) as refused:
        hand_in.register(draft_id=draft.id, actor=city.clerk, at=AT)
    complaints = refused.value.details["complaints"]
    assert complaints == {COMMITMENT: "没有委托书，代办人不能替您签承诺"}


# Of cases ---------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_journal_holds_no_value_of_the_agent(city: City) -> None:
    case_id = handed_in(city, agent=WITH_LETTER)
    body = JournalEntry.objects.get(case_id=case_id, event="AgentAppointed").body
    assert set(json.loads(body)) == {"agent_id", "relation", "authority"}
    assert "王芳" not in body and NUMBER not in body and "13800000009" not in body


@pytest.mark.django_db
def test_a_new_agent_takes_the_place_of_the_old_one_and_a_repeat_changes_nothing(
    city: City,
) -> None:
    case_id = handed_in(city)
    for agent in (WIFE, WIFE, WITH_LETTER):
        agents.appoint(case_id=case_id, agent=agent, actor=city.clerk, at=AT)
    assert told(case_id) == ["AgentAppointed", "AgentRevoked", "AgentAppointed"]
    assert agents.acting(case_id=case_id) == WITH_LETTER


@pytest.mark.django_db
def test_a_revoked_agent_signs_and_takes_nothing_any_more(city: City) -> None:
    case_id = handed_in(city, agent=WITH_LETTER)
    edition = queries.get(case_id=case_id, actor=city.clerk, at=AT).edition

    def take(actor: Actor = city.clerk) -> None:
        agents.require_may(edition=edition, case_id=case_id, act="hand_over", at=AT)
        signatures.sign(
            purpose="hand_over:12",
            name="王芳",
            strokes="",
            witness=actor,
            case_id=case_id,
            actor=actor,
            at=AT,
        )

    take()
    for _ in range(2):
        agents.revoke(case_id=case_id, actor=city.clerk, at=AT)
    assert told(case_id) == ["AgentAppointed", "AgentRevoked"]
    with pytest.raises(Refused) as refused:
        take()
    assert refused.value.code == "agent_may_not"


@pytest.mark.django_db
def test_another_countys_clerk_appoints_nobody(city: City) -> None:
    case_id = handed_in(city)
    stranger = city.officer("counter_clerk", "veterans_affairs", "439902")
    with pytest.raises(Refused) as refused:
        agents.appoint(case_id=case_id, agent=WIFE, actor=stranger, at=AT)
    assert refused.value.code == "unknown_case"
    with pytest.raises(Refused):
        agents.appoint(case_id=case_id, agent=WIFE, actor=city.bureau, at=AT)


@pytest.mark.django_db
def test_an_agent_comes_with_originals_but_not_for_fingerprints(city: City) -> None:
    case_id = handed_in(city, agent=WITH_LETTER)
    edition = queries.get(case_id=case_id, actor=city.clerk, at=AT).edition
    prints = [
        (item.number, presence.place)
        for item in edition.items
        for presence in item.presence
        if presence.why == "fingerprints"
    ]
    number, place = prints[0]

    def comes(*, by_agent: bool) -> None:
        visits.came(
            case_id=case_id,
            place=place,
            items=[number],
            actor=city.clerk,
            at=AT + timedelta(days=1),
            by_agent=by_agent,
        )

    with pytest.raises(Refused) as refused:
        comes(by_agent=True)
    assert refused.value.message == "代办人不能替您按指纹，要本人来"
    comes(by_agent=False)
