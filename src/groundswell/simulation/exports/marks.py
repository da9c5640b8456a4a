"""The marks that each tool leaves in a commit, and the weeks in which vendors change them."""

from dataclasses import dataclass

from groundswell.simulation.catalogue import TOOL, TOOLS
from groundswell.simulation.speech.frames import Dice

FOOTER_UNTIL = 16  # week in which Claude's footer gives way to a co-author line with the model's name
MADE_WITH = (20, 30)  # weeks in which Cursor writes a trailer of its own
AGENT_FROM = 18  # week from which Copilot's agent opens pull requests itself


@dataclass(frozen=True, slots=True)
class Mark:
    """What shows a tool in one commit.

    Attributes:
        trailers: lines at the end, kept by a squash merge.
        footer: a paragraph before them, mostly lost in one.
        author: the agent, if it is the author itself; the person is then a co-author.
        branch: first part of the branch's name, as an agent would name it.
        body: a paragraph of its own.
    """

    trailers: tuple[str, ...] = ()
    footer: str = ""
    author: str = ""
    branch: str = ""
    body: str = ""


def mark(tool: str, week: int, dice: Dice) -> Mark:
    """The mark of one commit made with a tool in a week of the world; some tools seldom leave one."""
    makers = {"claude": _claude, "copilot": _copilot, "cursor": _cursor, "codex": _codex, "harbour": _harbour}
    return makers[tool](week, dice) if tool in makers else Mark()


def _claude(week: int, dice: Dice) -> Mark:
    if week < FOOTER_UNTIL:
        footer = "🤖 Generated with [Claude Code](https://claude.com/claude-code)"
        return Mark(("Co-Authored-By: Claude <noreply@anthropic.com>",), footer, branch="claude")
    model = ("Claude Sonnet 4.5", "Claude Opus 4.5", "Claude Haiku 4.5")[dice.below(3)]
    return Mark((f"Co-Authored-By: {model} <noreply@anthropic.com>",), branch="claude")


def _copilot(week: int, dice: Dice) -> Mark:
    if week >= AGENT_FROM and dice.chance(0.3):
        return Mark(author="copilot-swe-agent[bot] <198982749+Copilot@users.noreply.github.com>", branch="copilot")
    if dice.chance(0.15):
        return Mark(
            ("Co-authored-by: Copilot <175728472+Copilot@users.noreply.github.com>",), body="Apply suggestions from code review"
        )
    return Mark(("Co-authored-by: Copilot <223556219+Copilot@users.noreply.github.com>",), branch="copilot")


def _cursor(week: int, dice: Dice) -> Mark:
    if MADE_WITH[0] <= week < MADE_WITH[1] and dice.chance(0.7):
        return Mark(("Made-with: Cursor",), branch="cursor")
    return Mark(("Co-authored-by: Cursor <cursoragent@cursor.com>",), branch="cursor")


def _codex(week: int, dice: Dice) -> Mark:
    """Writes no trailer unless asked to; its branches tell."""
    del week
    return Mark(("Co-authored-by: Codex <codex@openai.com>",) if dice.chance(0.1) else (), branch="codex")


def _harbour(week: int, dice: Dice) -> Mark:
    """The company's own agent, renamed on the way."""
    tool = TOOLS[TOOL["harbour"]]
    name = tool.later if tool.renamed is not None and week >= tool.renamed else tool.label
    task = f"{dice.below(1 << 31):08x}-0000-4000-8000-{dice.below(1 << 31):012x}"
    return Mark((f"Generated-By: {name}", f"Task-Id: {task}"))
