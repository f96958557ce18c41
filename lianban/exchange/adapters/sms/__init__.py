"""The adapter to a text message service: words that name nobody, to the person's phone of today."""

from lianban.cases import texts
from lianban.exchange import contract, subjects
from lianban.exchange.adapter import Adapter, Heard, Telling, Told

TOPIC = "text"


def tell_text(telling: Telling) -> Told | None:
    """The text about one event; nothing where the form has no phone."""
    row = telling.row
    found = texts.of_event(case_id=row.case_id, sequence=row.sequence)
    if found is None:
        return None
    data = contract.SendText(to=found.to, text=found.words)
    return Told("send_text", subjects.name(TOPIC, row.message_id), data)


def hear_delivered(heard: Heard) -> str:
    """What became of a text that we sent: it is kept in the inbox, and changes nothing."""
    subjects.message(heard, TOPIC)
    return ""


ADAPTER = Adapter(
    code="sms",
    title="短信服务",
    tells={TOPIC: tell_text},
    hears={"text_delivered": hear_delivered},
)
