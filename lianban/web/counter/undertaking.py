"""The undertaking of 容缺受理, signed at the window: by hand on the pad, typed, or on its paper."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lianban.cases import timeline
from lianban.cases.services.counter import UNDERTAKING, Pen
from lianban.catalogue.model import Edition
from lianban.web.components import signing
from lianban.web.components.forms import Form, TextField

SIGNED = "已容缺受理，承诺书已签，请打印一份交给本人"


class _Undertaking(Form):
    deferral_undertaking = TextField(label="签名人姓名", required=False, max_length=50)


@dataclass(frozen=True)
class Undertaking:
    """What `counter/undertaking.html` shows."""

    title: str
    statement: str
    bound: Any
    strokes: str
    name: str


def shown(edition: Edition, data: Mapping[str, Any], *, name: str) -> Undertaking:
    """The undertaking in the plan's words, with what was sent before."""
    typed = str(data.get(UNDERTAKING, ""))[:50]
    return Undertaking(
        title=timeline.purpose_words(edition, UNDERTAKING),
        statement=edition.wording.get("signatures", {}).get("deferral_statement", ""),
        bound=_Undertaking(initial={UNDERTAKING: typed})[UNDERTAKING],
        strokes=signing.strokes(data, [UNDERTAKING]).get(UNDERTAKING, ""),
        name=name,
    )


def pen(data: Mapping[str, Any]) -> Pen | None:
    """What was signed here; None where it is signed on the printed undertaking."""
    typed = str(data.get(UNDERTAKING, "")).strip()
    drawn = signing.strokes(data, [UNDERTAKING]).get(UNDERTAKING, "")
    return Pen(typed, drawn) if typed or drawn else None
