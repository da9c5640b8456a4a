"""Which words, numbers and dates does a page use in one language?"""

import datetime
import math
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from groundswell.languages.load import load
from groundswell.model.phrase import Phrase, say
from groundswell.report.names import shown_name

PLACEHOLDER = re.compile(r"\{(\w+)(?::(\w+))?\}")
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_FORMS = " | "
_PERCENT = re.compile(r"(?<=\d) %")
_NARROW, _NO_BREAK = "\u202f", "\u00a0"
# English dates as the documentation spells: day before month.
_LOCALES = {"en": "en_GB"}
_DAYS = say("{n:count} day | {n:count} days").text
# "between 980 and 980" is said as "980": how each language says a range whose ends are placeholders.
_RANGES = {
    "en": re.compile(r"between (\{\w+(?::\w+)?\}) and (\{\w+(?::\w+)?\})"),
    "fr": re.compile(r"entre (\{\w+(?::\w+)?\}) et (\{\w+(?::\w+)?\})"),
    "vi": re.compile(r"(?:từ|trong khoảng) (\{\w+(?::\w+)?\}) đến (\{\w+(?::\w+)?\})"),
}


class Words:
    """Formats phrases in one language; a phrase without translation is said in English and remembered in `missing`.

    Args:
        lang: code of a language file, such as "fr".
    """

    def __init__(self, lang: str) -> None:
        from babel import Locale

        self.lang = lang
        self.missing: set[str] = set()
        self._phrases = load(lang).phrases
        self._locale = Locale.parse(_LOCALES.get(lang, lang))
        self._specs: dict[str, Callable[[Any], str]] = {
            "count": self.count,
            "number": self.number,
            "percent": self.percent,
            "days": lambda days: self.say(Phrase(_DAYS, {"n": round(days)})),
            "date": self.date,
            "month": self.month,
            "ratio": lambda ratio: self._significant(ratio, pattern="#,##0.0#####"),
            "signed": self.signed,
        }

    def say(self, phrase: Phrase) -> str:
        """The phrase in this language, plural chosen and placeholders filled; plain text, not escaped."""
        text = self._translated(phrase.text)
        if text is None:
            return words("en").say(phrase)
        forms = text.split(_FORMS)
        if len(forms) > 1:
            n = phrase.values.get("n", 0)
            one = isinstance(n, int | float) and self._locale.plural_form(n) == "one"
            text = forms[0] if one else forms[-1]
        text = _APOSTROPHE.sub("’", text)
        if self.lang == "fr":
            text = _french_spaces(text)
        elif self.lang == "en":
            text = _PERCENT.sub("%", text)
        filled = {found[0]: self._filled(found, phrase) for found in PLACEHOLDER.finditer(text)}
        return PLACEHOLDER.sub(lambda found: filled[found[0]], self._one_end(text, filled))

    def count(self, n: float) -> str:
        """A whole number with its thousands set apart: 1,234."""
        from babel.numbers import format_decimal

        return _tidy(format_decimal(round(n), locale=self._locale))

    def number(self, value: float) -> str:
        """A number to two significant figures; whole numbers under a hundred stay whole."""
        return self._significant(value)

    def percent(self, share: float) -> str:
        """A share in [0, 1] as a percentage to two figures, one below 1 %; a share below 1 is never written 100 %."""
        from babel.numbers import format_percent

        figures = 3 if 0.995 <= share < 1 else 1 if abs(share) < 0.01 else 2
        return _tidy(format_percent(1, locale=self._locale)).replace("100", self._significant(share * 100, figures=figures))

    def signed(self, value: float) -> str:
        """A difference with its sign, to two significant figures."""
        return ("+" if value > 0 else "") + self.number(value)

    def date(self, day: datetime.date) -> str:
        """A day in full: 4 March 2025."""
        from babel.dates import format_date

        return _glued(format_date(day, "long", locale=self._locale))

    def month(self, day: datetime.date) -> str:
        """The month of a day, short: Mar 2025."""
        from babel.dates import format_skeleton

        return str(format_skeleton("yMMM", day, locale=self._locale))

    def money(self, amount: float, currency: str) -> str:
        """An amount to two significant figures in a currency; "" for an unknown one."""
        from babel.numbers import format_currency

        if not currency:
            return self.number(amount)
        pattern = self._locale.currency_formats["standard"].pattern.replace(".00", "")
        return _tidy(format_currency(_rounded(amount, 2), currency, format=pattern, locale=self._locale, currency_digits=False))

    def collated(self, name: str) -> str:
        """A key that sorts names as readers expect: without case, accents after plain letters."""
        from unicodedata import normalize

        return normalize("NFKD", name).casefold()

    def _translated(self, text: str) -> str | None:
        """The text in this language; None where a translation is missing: then the whole sentence is said in English."""
        if self.lang == "en" or not any(char.isalpha() for char in PLACEHOLDER.sub("", text)):
            return text
        if text not in self._phrases:
            self.missing.add(text)
        return self._phrases.get(text)

    def _filled(self, found: re.Match[str], phrase: Phrase) -> str:
        value = phrase.values[found[1]]
        if isinstance(value, str):
            return shown_name(found[1], value, self.say)
        return self._value(value, found[2] or "")

    def _one_end(self, text: str, filled: Mapping[str, str]) -> str:
        """A range both of whose ends are written alike becomes one value."""
        ranges = _RANGES.get(self.lang)
        if ranges is None:
            return text
        return ranges.sub(lambda found: found[1] if filled[found[1]] == filled[found[2]] else found[0], text)

    def _value(self, value: "int | float | datetime.date | Phrase", spec: str) -> str:
        if isinstance(value, Phrase):
            return self.say(value)
        if not spec:
            spec = "date" if isinstance(value, datetime.date) else "count" if isinstance(value, int) else "number"
        return self._specs[spec](value)

    def _significant(self, value: float, *, figures: int = 2, pattern: str = "#,##0.######") -> str:
        from babel.numbers import format_decimal

        if not math.isfinite(value):
            return "∞" if value > 0 else "−∞"
        return _tidy(format_decimal(_rounded(value, figures), format=pattern, locale=self._locale))


@cache
def words(lang: str) -> Words:
    """The words of one language, made once a process."""
    return Words(lang)


def _rounded(value: float, figures: int) -> float:
    return round(value, figures - 1 - math.floor(math.log10(abs(value)))) if value else 0.0


def _tidy(number: str) -> str:
    """A number with narrow no-break spaces and a true minus sign."""
    return number.replace(_NO_BREAK, _NARROW).replace("-", "−")


def _glued(day: str) -> str:
    """A date whose day and month stay on one line."""
    return day.replace(" ", _NO_BREAK)


def _french_spaces(text: str) -> str:
    """French punctuation with the no-break spaces a French reader expects."""
    text = re.sub(r"(?<=\}):(?= |$)", _NO_BREAK + ":", text)
    text = re.sub(r" ([;?!%])", _NARROW + r"\1", text)
    text = re.sub(r" ([:»])", _NO_BREAK + r"\1", text)
    return text.replace("« ", "«" + _NO_BREAK)
