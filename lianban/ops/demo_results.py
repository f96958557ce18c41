"""Results of the demonstration at every stage: fetched, posted, returned, electronic with a file."""

import io
from datetime import datetime
from uuid import UUID

from django.db import transaction
from PIL import Image

from lianban.accounts.actor import Actor
from lianban.cases import result_lists
from lianban.cases.result_lists import ResultView
from lianban.cases.services import postings, results
from lianban.engine.refusal import Refused

_CARRIER = "柳城快递"


def show_results(clerk: Actor, *, at: datetime) -> None:
    """Let a counter's results go on: some are fetched, some posted, one comes back, one has a file."""
    to_fetch = result_lists.listed(actor=clerk, show="pick_up").rows
    for one in to_fetch[:2]:
        _fetched(one, clerk, at)
    to_post = [one.id for one in result_lists.listed(actor=clerk, show="to_post").rows]
    numbers = _posted(to_post[:3], clerk, at)
    _posted(to_post[3:5], clerk, at, is_sent=False)
    if numbers:
        reason, _ = postings.reasons(clerk)[0]
        postings.returned(text=numbers[0], reason=reason, actor=clerk, at=at)
    if numbers[1:]:
        envelopes, _ = postings.on_the_way(numbers[1:2], actor=clerk)
        results.received_many(envelopes, actor=clerk, at=at)


def _fetched(one: ResultView, clerk: Actor, at: datetime) -> None:
    try:
        with transaction.atomic():
            results.hand_over(
                result_id=one.id,
                is_checked=True,
                name=one.person_name,
                strokes="",
                actor=clerk,
                at=at,
            )
    except Refused:
        return


def _posted(ids: list[UUID], clerk: Actor, at: datetime, *, is_sent: bool = True) -> list[str]:
    if not ids:
        return []
    posting = postings.make(result_ids=ids, actor=clerk, at=at).posting
    serial = posting.number.replace("-", "")[-10:]
    numbers = {
        one.mail.id: f"LC{serial}{place:02d}"
        for place, one in enumerate(postings.envelopes(posting), 1)
    }
    if is_sent:
        postings.post(posting_id=posting.id, carrier=_CARRIER, numbers=numbers, actor=clerk, at=at)
    return list(numbers.values())


def add_one_file(officer: Actor, *, at: datetime) -> bool:
    """Give one electronic result of an office its file; whether there was one."""
    done = result_lists.listed(actor=officer, show="done").rows
    one = next((row for row in done if row.state == "electronic" and not row.has_file), None)
    if one is None:
        return False
    page = io.BytesIO()
    Image.new("RGB", (600, 800), "#f6f3ea").save(page, "PNG")
    page.seek(0)
    results.add_file(result_id=one.id, upload=page, name=f"{one.name}.png", actor=officer, at=at)
    return True
