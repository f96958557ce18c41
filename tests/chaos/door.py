"""What the web server loads in the chaos test: our own application, in a process that may die."""

import os
from pathlib import Path

from lianban.config.wsgi import application
from lianban.exchange import inbound
from tests.chaos import fate
from tests.chaos.plan import Plan

__all__ = ["application"]


def _life(folder: Path) -> int:
    """How many lives were before this one."""
    with (folder / "web.lives").open("a") as lives:
        lives.write(".")
        return lives.tell() - 1


_PLAN = Plan.read(Path(os.environ["LIANBAN_CHAOS_PLAN"]))
_FATE = _PLAN.fate("web", _life(_PLAN.folder))
fate.after(inbound, "_take", lambda: _FATE.comes_to("after_effect_before_commit"))
fate.after(inbound, "receive", lambda: _FATE.comes_to("after_commit_before_answer"))
