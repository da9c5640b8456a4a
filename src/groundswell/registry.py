"""Finds the plug-ins of a room; built-ins register exactly as a stranger's package would, by entry points."""

import importlib
import pkgutil
from importlib.metadata import entry_points
from types import ModuleType

from groundswell.errors import PluginError
from groundswell.model.measure import Measure
from groundswell.model.source import Source

ROOMS: dict[str, tuple[str, type]] = {"sources": ("SOURCE", Source), "measures": ("MEASURE", Measure)}
"""room -> name of the constant a plug-in exports, and its type."""


def sources() -> dict[str, Source]:
    """Every source there is, by name, in order of name."""
    return {name: plug_in for name, plug_in in _find("sources").items() if isinstance(plug_in, Source)}


def measures() -> dict[str, Measure]:
    """Every measure there is, by name, in the order of the page."""
    found = [plug_in for plug_in in _find("measures").values() if isinstance(plug_in, Measure)]
    return {m.name: m for m in sorted(found, key=lambda m: (m.order, m.name))}


def _find(room: str) -> dict[str, object]:
    constant, kind = ROOMS[room]
    found: dict[str, object] = {}
    for point in entry_points(group=f"groundswell.{room}"):
        for module in _modules(_load(point.value)):
            plug_in = getattr(module, constant, None)
            if plug_in is None:
                continue
            name = module.__name__.rpartition(".")[2]
            if not isinstance(plug_in, kind) or getattr(plug_in, "name", None) != name:
                raise PluginError(module.__name__, f"{constant} is not a {kind.__name__} called {name!r}")
            if name in found:
                raise PluginError(module.__name__, f"a second plug-in is called {name!r}", remedy="Rename one of them")
            found[name] = plug_in
    return dict(sorted(found.items()))


def _modules(module: ModuleType) -> list[ModuleType]:
    if not hasattr(module, "__path__"):
        return [module]
    names = [m.name for m in pkgutil.iter_modules(module.__path__) if not m.name.startswith("_")]
    return [_load(f"{module.__name__}.{name}") for name in names]


def _load(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise PluginError(name, f"it cannot be imported ({error})", remedy="Install what it needs, or uninstall it") from error
