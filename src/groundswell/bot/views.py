"""What Slack is shown: the half-minute form, a note, one tap; in the words and within the limits of its Block Kit."""

from collections.abc import Mapping
from typing import Any

from groundswell.model.phrase import Phrase, say
from groundswell.model.reading import DropKind, Job
from groundswell.report.words import words
from groundswell.selfreport.entry import LONGEST, Entry, Outcome, Told, Visible

Block = dict[str, Any]

CALLBACK = "tried"
"""Of the form's submission."""

STILL = "still"
"""Begins the action of a tap; the entry's number follows in the button's value."""

LONGEST_INPUT, LONGEST_OPTION, LONGEST_TITLE = 3_000, 75, 24
"""Characters Slack takes."""

OUTCOMES: Mapping[str, Phrase] = {
    Outcome.KEPT: say("kept"),
    Outcome.DROPPED: say("dropped"),
    Outcome.OPEN: say("not sure yet"),
}
VISIBLE: Mapping[str, Phrase] = {
    Visible.EVERYONE: say("everyone"),
    Visible.TEAM: say("my team"),
    Visible.ME: say("only me"),
    Visible.NAMELESS: say("everyone, without my name"),
}
JOBS: Mapping[str, Phrase] = {
    Job.SUPPORT: say("support"), Job.DEBUGGING: say("debugging"), Job.CODING: say("coding"), Job.REVIEW: say("review"),
    Job.TESTING: say("testing"), Job.DOCUMENTATION: say("documentation"), Job.AUTOMATION: say("automation"),
    Job.ANALYSIS: say("analysis"), Job.FORECASTING: say("forecasting"), Job.REVOPS: say("revenue operations"),
    Job.MARKETING: say("marketing"), Job.WRITING: say("writing"), Job.TRANSLATION: say("translation"),
    Job.MEETINGS: say("meetings"), Job.RESEARCH: say("research"), Job.RECRUITING: say("recruiting"),
    Job.CLOSING: say("closing of accounts"), Job.LEGAL: say("legal"), Job.DESIGN: say("design"),
    Job.OPERATIONS: say("operations"), Job.UNKNOWN: say("something else"),
}  # fmt: skip


def form(lang: str, *, title: str = "") -> Block:
    """The half-minute form: the dull job, what was tried, what happened, kept or dropped, what was learned, who sees it."""
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": lang,
        "title": _plain(lang, say("Tell an experiment"), LONGEST_TITLE),
        "submit": _plain(lang, say("Tell it"), LONGEST_TITLE),
        "close": _plain(lang, say("Leave it"), LONGEST_TITLE),
        "blocks": [
            _line(lang, "title", say("The dull job"), title=title[: LONGEST["title"]]),
            _line(lang, "tool", say("What you tried it with")),
            _pick(lang, "job", say("For which work?"), JOBS, Job.UNKNOWN),
            _line(lang, "tried", say("What you tried"), long=True),
            _line(lang, "happened", say("What happened"), long=True),
            _pick(lang, "outcome", say("Kept or dropped?"), OUTCOMES, Outcome.OPEN),
            _line(lang, "learned", say("What you learned"), long=True),
            _pick(lang, "visible", say("Who may see it?"), VISIBLE, Visible.EVERYONE),
        ],
    }


def told(state: Mapping[str, Any]) -> Told:
    """What somebody wrote into the form; unknown words of its lists become the mildest."""
    values = {name: _value(field) for name, field in state.items()}
    outcome, visible, job = values.get("outcome", ""), values.get("visible", ""), values.get("job", "")
    return Told(
        title=values.get("title", ""),
        tool=values.get("tool", ""),
        job=Job(job) if job in set(Job) else Job.UNKNOWN,
        tried=values.get("tried", ""),
        happened=values.get("happened", ""),
        learned=values.get("learned", ""),
        outcome=Outcome(outcome) if outcome in set(Outcome) else Outcome.OPEN,
        drop=DropKind.ABANDONED,
        visible=Visible(visible) if visible in set(Visible) else Visible.ME,
    )


def note(lang: str, text: Phrase) -> Block:
    """A window that says one thing."""
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": "Groundswell"},
        "close": _plain(lang, say("Close"), LONGEST_TITLE),
        "blocks": [section(lang, text)],
    }


def section(lang: str, text: Phrase) -> Block:
    """One sentence; as plain text, so that nothing in it is read as a mark-up."""
    return {"type": "section", "text": _plain(lang, text, LONGEST_INPUT)}


def still(lang: str, entry: Entry) -> list[Block]:
    """The quarterly one tap about something one uses: yes or no, to oneself alone."""
    asked = say("Do you still use this: {title}?", title=entry.told.title)
    return [
        section(lang, asked),
        {
            "type": "actions",
            "block_id": f"{STILL}-{entry.id}",
            "elements": [
                _button(lang, f"{STILL}_yes", say("still in use"), entry.id),
                _button(lang, f"{STILL}_no", say("no longer"), entry.id),
            ],
        },
    ]


def said(lang: str, phrase: Phrase) -> str:
    """A sentence in somebody's language."""
    return words(lang).say(phrase)


def _plain(lang: str, text: Phrase, most: int) -> Block:
    return {"type": "plain_text", "text": said(lang, text)[:most]}


def _button(lang: str, action: str, text: Phrase, value: str) -> Block:
    return {"type": "button", "action_id": action, "text": _plain(lang, text, LONGEST_OPTION), "value": value}


def _line(lang: str, name: str, label: Phrase, *, long: bool = False, title: str = "") -> Block:
    element: Block = {
        "type": "plain_text_input",
        "action_id": name,
        "multiline": long,
        "max_length": min(LONGEST[name], LONGEST_INPUT),
    }
    if title:
        element["initial_value"] = title
    return {"type": "input", "block_id": name, "optional": long, "label": _plain(lang, label, 2_000), "element": element}


def _pick(lang: str, name: str, label: Phrase, choices: Mapping[str, Phrase], first: str) -> Block:
    options = [{"text": _plain(lang, text, LONGEST_OPTION), "value": str(word)} for word, text in choices.items()]
    chosen = next(option for option in options if option["value"] == first)
    element = {"type": "static_select", "action_id": name, "options": options, "initial_option": chosen}
    return {"type": "input", "block_id": name, "label": _plain(lang, label, 2_000), "element": element}


def _value(field: Mapping[str, Any]) -> str:
    (given,) = field.values()
    return str(given.get("value") or (given.get("selected_option") or {}).get("value") or "")
