"""The kinds of systems, one module each with its `KIND`."""

from importlib import import_module
from pkgutil import iter_modules

from simulators.plan import Kind


def names() -> list[str]:
    """All kinds there are."""
    return sorted(module.name for module in iter_modules(__path__))


def find(name: str) -> Kind:
    """A kind by its name. Raises `ValueError` with those that there are."""
    if name not in names():
        raise ValueError(
            f"no kind of system is called {name[:40]!r}; there are {', '.join(names())}"
        )
    kind: Kind = import_module(f"{__name__}.{name}").KIND
    return kind
