"""核定表: what a person is paid for an item, how it came about, and who computed and approved it."""

from contextlib import suppress
from datetime import date

from lianban.cases import payment_lists
from lianban.catalogue.calendar import day_of
from lianban.documents import amount_words
from lianban.documents import content as paper
from lianban.documents.occasion import Occasion
from lianban.engine.refusal import Refused


def amount_assessment(on: Occasion) -> paper.Document:
    """核定表 of the amount that was approved at this moment. Raises `Refused('unknown_paper')`."""
    assert on.moment.item is not None
    found = payment_lists.by_digest(on.view.id, on.moment.event.digest)
    payment = payment_lists.payment_of(on.view, on.moment.item)
    if found is None or payment is None:
        raise Refused("unknown_paper", "没有这份文书，或者还没有出")
    fen = int(found.amount.replace(",", "").replace(".", ""))
    return paper.AmountAssessment(
        **on.notice("amount_basis"),
        subject=payment.name,
        item=on.view.edition.item(on.moment.item).name,
        enlisted_date=_day(on, payment.service_from),
        discharged_date=_day(on, payment.service_until),
        established=tuple(f"{label}：{value}" for label, value in found.facts.items()),
        not_counted=f"{payment.not_counted}：{found.days_not_counted} 天（{found.reason}）"
        if found.days_not_counted
        else "",
        steps=tuple(
            paper.AmountStep(
                label=step["label"],
                value=step["value"],
                source=step["source"],
                is_verified=step["verified"],
            )
            for step in found.steps
        ),
        amount=found.amount,
        amount_in_words=amount_words.capitals(fen),
        unverified="" if found.verified else on.head.word("amount_unverified"),
        account=f"本人账户，尾号 {found.account_tail}",
        computed_by=paper.Signature(name=found.computed_by, signed_date=day_of(found.computed_at)),
        approved_by=paper.Signature(name=on.moment.officer, signed_date=on.moment.at.date()),
    )


def _day(on: Occasion, code: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(on.content.fields.get(code, ""))
    return None
