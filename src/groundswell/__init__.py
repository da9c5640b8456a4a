"""Groundswell says what was said, done and lasted about AI at work, from the traces work already leaves.

In a notebook: `import groundswell as gs`, then `gs.report(paths)`, `gs.doctor(paths)`, `gs.simulate(folder)`, `gs.demo(folder)`.
Nothing heavy is imported before one of them is called.
"""

from types import ModuleType
from typing import TYPE_CHECKING, Any

from groundswell import report as _room

if TYPE_CHECKING:
    from groundswell.runs.notebook import demo, doctor, simulate

__version__ = "0.1.0"
__all__ = ["__version__", "demo", "doctor", "report", "simulate"]


class _Verb(ModuleType):
    """The room `groundswell.report`, which can be called too: `report` is a folder and a verb, and both keep their name."""

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Read what lies at the paths and report it: `groundswell.runs.notebook.report`."""
        from groundswell.runs.notebook import report as verb

        return verb(*args, **options)


_room.__class__ = _Verb
report = _room


def __getattr__(name: str) -> Any:
    """The other verbs, imported when they are first asked for."""
    if name in ("demo", "doctor", "simulate"):
        from groundswell.runs import notebook

        return getattr(notebook, name)
    raise AttributeError(f"module 'groundswell' has no attribute {name!r}")
