"""Takes from a message the author's own words: quotes and code go, markup becomes plain text, addressees are told apart."""

import html
import re
from collections.abc import Callable, Sequence

MAX_TEXT = 20_000
"""Characters kept of one message; what is longer is a pasted document, and its start says what the message does."""
SHORT_CODE = 40
"""Characters: a shorter piece of inline code is a word of the sentence (a command, a tool), a longer one is code."""

FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
TILDES = re.compile(r"^~~~.*?(?:^~~~[^\n]*|\Z)", re.DOTALL | re.MULTILINE)
ZULIP_QUOTE = re.compile(r"^(`{3,})quote\b.*?(?:^\1|\Z)", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`([^`\n]+)`")
REST_QUOTED = re.compile(r"^[ \t]*(?:&gt;|>){3}.*\Z", re.DOTALL | re.MULTILINE)
QUOTED = re.compile(r"^[ \t]*(?:&gt;|>)[^\n]*\n?", re.MULTILINE)
QUOTE_STARTS = (">", "&gt;", " ", "\t")
SLACK_TOKEN = re.compile(r"<([^<>\n\0]{1,4000})>")
BETWEEN = "\0"
"""Stands between texts that are handled as one; no export holds it, and where one does it becomes a space."""
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
MARKDOWN_LINK = re.compile(r"!?\[([^\[\]\n]{0,500})\]\(([^()\s]{1,2000})(?:[ \t][^()\n]{0,300})?\)")
SIGNATURE = re.compile(r"^-- ?$.*\Z", re.DOTALL | re.MULTILINE)

INTRODUCES = re.compile(r"(wrote|writes|a écrit|écrivait|đã viết|schrieb|escribió)\s*:?\s*$", re.IGNORECASE)
FORWARDED = re.compile(
    r"^\s*(-{2,}\s*(original message|forwarded message|message d'origine|message transféré|begin forwarded message)|_{20,}\s*$)",
    re.IGNORECASE,
)
Mentioned = Callable[[dict[str, str], str], str]


def slack(text: str, mentioned: Callable[[str], str]) -> str:
    """Own words of one Slack text; `slack_all` says what is taken."""
    return slack_all([text], lambda _, native: mentioned(native))[0]


def slack_all(texts: Sequence[str], mentioned: Callable[[int, str], str]) -> list[str]:
    """Own words of many Slack texts: joined, split and replaced as one, which takes a third of the time of one by one.

    Args:
        texts: as exported: &amp; &lt; &gt; escaped, <@U1>, <#C1|name>, <url|label>, "> " quotes, ``` code.
        mentioned: told of each person or bot addressed (index of the text, its id); returns what to write in its place.
    """
    plain = [
        _without_code_and_quotes(text[:MAX_TEXT], "\n>")  # elsewhere ">" ends a link
        if "\n" in text or "`" in text or len(text) > MAX_TEXT or text.startswith(QUOTE_STARTS)
        else text
        for text in texts
    ]
    joined = BETWEEN.join(plain)
    if joined.count(BETWEEN) != len(plain) - 1:
        joined = BETWEEN.join([text.replace(BETWEEN, " ") for text in plain])
    if "<" in joined:
        pieces = SLACK_TOKEN.split(joined)
        row = 0
        for n, token in enumerate(pieces):
            if n % 2 == 0:
                row += token.count(BETWEEN)
            elif token[0] == "@":
                pieces[n] = mentioned(row, token[1:].partition("|")[0] if "|" in token else token[1:])
            else:
                pieces[n] = _slack_token(token)
        joined = "".join(pieces)
    if "&" in joined:
        joined = joined.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return [text.strip() for text in joined.split(BETWEEN)] if plain else []


def _slack_token(token: str) -> str:
    target, _, label = token.partition("|")
    sign = target[:1]
    if sign == "#":
        return f"#{label}" if label else "#"
    if sign == "!":
        return label or f"@{target[1:].partition('^')[0]}"
    return f"{label} {target}" if label and label != target else target


def _without_code_and_quotes(text: str, quote: str = ">") -> str:
    """A text without its code and its quotes, each looked for only where its sign stands.

    Args:
        text: Markdown, or what Slack writes.
        quote: the sign before quoted lines, if it is not the escaped one.
    """
    if "```" in text:
        text = " ".join(text.split("```")[::2])  # what stands between the first and the second is code, and so on
    if "&gt;" in text or quote in text or text.startswith(">"):
        text = QUOTED.sub("", REST_QUOTED.sub("", text))
    if "`" in text:
        text = INLINE.sub(lambda found: found[1] if len(found[1]) <= SHORT_CODE else " ", text)
    return text


def markdown(text: str) -> str:
    """Own words of a Markdown text, as Mattermost and Zulip keep it."""
    text = text[:MAX_TEXT]
    if "```" in text or "~~~" in text:
        text = TILDES.sub(" ", FENCE.sub(" ", ZULIP_QUOTE.sub(" ", text)))
    text = _without_code_and_quotes(text)
    return MARKDOWN_LINK.sub(r"\1 \2", text).strip() if "](" in text else text.strip()


def mail(text: str) -> str:
    """Own words of a plain-text mail: quoted lines, the line that introduces them, and the signature go."""
    text = text[: 4 * MAX_TEXT].replace("\r\n", "\n")
    kept: list[str] = []
    for line in SIGNATURE.sub("", text).split("\n") if "\n--" in text or text.startswith("--") else text.split("\n"):
        start = line[:1]
        if start.isspace():
            start = line.lstrip()[:1]
        if start == ">":
            while kept and (not kept[-1].strip() or INTRODUCES.search(kept[-1].rstrip()[-40:])):
                if INTRODUCES.search(kept.pop().rstrip()[-40:]):
                    break
            continue
        if start in ("-", "_") and FORWARDED.match(line):
            break
        kept.append(line)
    return "\n".join(kept).strip()[:MAX_TEXT]


TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)([^<>]*)>")
"""A tag; written so that its time grows with the body's length alone. The standard parser is ten times slower."""
ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
MAX_ATTRIBUTES = 1_000
LEFT_OUT = frozenset({"blockquote", "pre", "script", "style", "head", "attachment"})
BREAKS = frozenset({"p", "br", "div", "li", "tr"})


class _Markup:
    """Collects the words of a message body; what stands in quotes or code is left out, mentions are handed over."""

    def __init__(self, mentioned: Mentioned) -> None:
        self.words: list[str] = []
        self._mentioned = mentioned
        self._out: list[str] = []
        self._called: dict[str, str] = {}
        self._caller = ""
        self._name: list[str] = []

    def opens(self, tag: str, attributes: str) -> None:
        """Take a start tag."""
        if tag == self._out[-1] if self._out else tag in LEFT_OUT:
            self._out.append(tag)
        elif not self._out and not self._caller and tag in ("at", "span"):
            found = {m[1]: html.unescape(m[2] or m[3] or m[4] or "") for m in ATTRIBUTE.finditer(attributes[:MAX_ATTRIBUTES])}
            if tag == "at" or "user-mention" in found.get("class", ""):
                self._called, self._caller, self._name = found, tag, []
        if tag in BREAKS and not self._out:
            self.words.append("\n")

    def closes(self, tag: str) -> None:
        """Take an end tag."""
        if self._out and self._out[-1] == tag:
            self._out.pop()
        elif self._caller == tag:
            self.words.append(self._mentioned(self._called, "".join(self._name)))
            self._caller = ""

    def says(self, words: str) -> None:
        """Take what stands between tags."""
        if words and not self._out:
            (self._name if self._caller else self.words).append(html.unescape(words) if "&" in words else words)


def markup(body: str, mentioned: Mentioned) -> str:
    """Own words of an HTML body, as Teams and Zulip's rendered messages keep it.

    Args:
        body: HTML of one message.
        mentioned: given the attributes and the words of an element that addresses somebody (Teams <at>, Zulip
            span.user-mention); returns what to write in its place.
    """
    body = COMMENT.sub("", body[: 8 * MAX_TEXT])
    parts = _Markup(mentioned)
    end = 0
    for found in TAG.finditer(body):
        parts.says(body[end : found.start()])
        end = found.end()
        if found[1]:
            parts.closes(found[2].lower())
        else:
            parts.opens(found[2].lower(), found[3])
    parts.says(body[end:])
    return "".join(parts.words).strip()[:MAX_TEXT]
