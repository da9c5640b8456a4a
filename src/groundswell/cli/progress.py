"""A progress bar on standard error, for anything longer than two seconds; silent when nobody watches."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def bar(title: str) -> Iterator[Callable[[int, int, str], None]]:
    """Lend a function to call with steps done, steps in all, and what was just done."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        """Steps a minute, of late; nothing until two are done."""

        def render(self, task: Task) -> Text:
            return Text(f"{60 * task.speed:,.0f}/min" if task.speed else "", style="progress.data.speed")

    console = Console(stderr=True)
    left = TimeRemainingColumn(elapsed_when_finished=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeElapsedColumn(), left)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=None)

        def step(done: int, total: int, what: str) -> None:
            progress.update(task, completed=done, total=total, description=f"{title}: {what}")

        yield step
