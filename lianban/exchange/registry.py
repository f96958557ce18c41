"""The adapters that there are: each folder under `adapters`, by its name."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

from lianban.engine.refusal import Refused
from lianban.exchange.adapter import Adapter

_ROOM = "lianban.exchange.adapters"


@cache
def codes() -> tuple[str, ...]:
    """The codes of all adapters."""
    spec = find_spec(_ROOM)
    assert spec is not None
    return tuple(sorted(m.name for m in iter_modules(spec.submodule_search_locations) if m.ispkg))


@cache
def adapter(code: str) -> Adapter:
    """An adapter by its code. Raises `Refused('unknown_adapter')`."""
    if code not in codes():
        raise Refused("unknown_adapter", f"没有这个适配器：{code[:40]}。现有：{'、'.join(codes())}")
    found = import_module(f"{_ROOM}.{code}").ADAPTER
    assert isinstance(found, Adapter)
    return found
