"""Which tools, kinds of work and reasons are read from words."""

import pyarrow as pa
import pytest

from groundswell.model.reading import DropKind, Job
from groundswell.reading import jobs, substance, tools, wording
from groundswell.reading.substance import Reasons


def named(text: str, **own: list[str]) -> str:
    return tools.named(tools.mark(wording.tidy(pa.array([text])), **own)[0].as_py())


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("I let Claude fix the test", "claude"),
        ("Ask Claude in accounting, she has the keys", "claude"),  # "ask" alone cannot tell: the act decides, not the name
        ("Claude est en congé", ""),
        ("Jean-Claude used the AI", "any"),
        ("Claude Monet, says the AI", "any"),
        ("GPT-4o wrote this", "chatgpt"),
        ("the Teams Copilot notes", "m365_copilot"),
        ("Copilot completes my tests", "copilot"),
        ("the copilot diverted the flight", ""),
        ("I use Cursor", "cursor"),
        ("the cursor moves", ""),
        ("the AI moves the cursor", "any"),
        ("we installed Aider", "aider"),
        ("Aider les équipes avec l'IA", "any"),
        ("Devin and I take the late shift, no AI", "any"),
        ("Gemini North, the telescope", ""),
        ("asked Gemini twice", "gemini"),
        ("j'ai testé Mistral Large", "mistral"),
        ("le mistral souffle", ""),
        ("translated with DeepL", "deepl"),
        ("mình dùng ai", "any"),
        ("hỏi ai bây giờ", ""),
        ("j'ai fini", ""),
        ("an LLM did it", "any"),
        ("Raspberry Pi with an LLM", "any"),
    ],
)
def test_tool_names_and_their_namesakes(text: str, tool: str) -> None:
    """A tool is read where its name means the tool, not a person, a wind, a telescope or a pointer."""
    assert named(text) == tool


def test_own_tools_and_products() -> None:
    """A company's own tool has an id of its own; its product is no tool, even if it is called AI."""
    assert named("AskNora drafted it", own_tools=["AskNora"]) == "asknora"
    assert named("AskNora drafted it") == ""
    assert named("Quill AI is slow", own_products=["Quill AI"]) == ""
    assert named("Quill AI is slow") == "any"


def _job(text: str, code: str = "en") -> Job:
    return jobs.of([wording.spaced(wording.tokens(text))], [""], [code])[0]


@pytest.mark.parametrize(
    ("text", "code", "job"),
    [
        ("it drafted replies to support tickets", "en", Job.SUPPORT),
        ("for the quarterly forecast", "en", Job.FORECASTING),
        ("translate the contract into french", "en", Job.TRANSLATION),
        ("wrote the unit tests", "en", Job.TESTING),
        ("cleaning leads in salesforce", "en", Job.REVOPS),
        ("month-end reconciliation", "en", Job.CLOSING),
        ("pour la clôture de fin de mois", "fr", Job.CLOSING),
        ("traduire la notice", "fr", Job.TRANSLATION),
        ("trả lời khách nhanh hơn", "vi", Job.SUPPORT),
        ("viết biên bản cuộc họp", "vi", Job.MEETINGS),
        ("hello there", "en", Job.UNKNOWN),
    ],
)
def test_kind_of_work(text: str, code: str, job: Job) -> None:
    """The kind of work is read from the words of each language, unknown where none says."""
    assert _job(text, code) is job


def test_substance_of_a_demand() -> None:
    """A reason, a date, an obligation, a sanction, a limit, an example and leave to fail are told apart."""
    texts = [
        "everyone must use it by friday because we lose hours on tickets",
        "please use it so that customers wait less , for example on refunds , it is fine if it fails",
        "use it or lose your seat , never for personal data",
        "we have a tool",
    ]
    read = substance.of([wording.spaced(wording.tokens(text)) for text in texts], ["en"] * 4)
    found = [{field for field, flag in zip(substance.FIELDS, row, strict=True) if flag} for row in read.flags.tolist()]
    assert found[0] == {"reason", "deadline", "obligation"}
    assert found[1] == {"reason", "example", "permission"}
    assert found[2] == {"sanction", "limit"}
    assert found[3] == set()
    assert read.reasons[0] == Reasons.PROBLEM
    assert read.reasons[1] == Reasons.GOAL | Reasons.WHOM | Reasons.PERMISSION
    assert read.reasons[2] == Reasons.LIMITS
    assert read.reasons[3] == 0


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("we moved from ztool_copilot to ztool_claude", DropKind.SWITCHED),
        ("on hold for now", DropKind.PAUSED),
        ("the campaign is over", DropKind.JOB_ENDED),
        ("reverted the refactoring", DropKind.REVERTED),
        ("gave up after two weeks", DropKind.ABANDONED),
    ],
)
def test_drop_kinds(text: str, kind: DropKind) -> None:
    """Switching, pausing, a finished job and undone output are not abandonment."""
    assert substance.drop_kinds([f" {text} "], ["en"]) == [kind]
