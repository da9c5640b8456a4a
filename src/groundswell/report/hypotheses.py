"""The eleven claims of docs/hypotheses.md, as a page words them, with what would support and what would refute each."""

from collections.abc import Mapping
from types import MappingProxyType

from groundswell.model.phrase import Phrase, say

CLAIMS: Mapping[str, Phrase] = MappingProxyType(
    {
        "H1": say("A mandate with a deadline turns curiosity into performance."),
        "H2": say("Innovation travels by informal networks, not by directives."),
        "H3": say("It starts with someone automating a few dull hours and sharing it."),
        "H4": say("Down the hierarchy, understanding is lost and pressure grows."),
        "H5": say("Pilots started by order are abandoned; teams go back to old ways."),
        "H6": say("A leader who tries, errs and tells makes room; one who demands closes it."),
        "H7": say("AI holds in Tier-1 support, debugging and small automations; it fails in RevOps and forecasting."),
        "H8": say("Finance and operations use a general assistant, not the enterprise software bought for them."),
        "H9": say("Quiet people at the edge have what others lack."),
        "H10": say("A right to experiment, without pressure, lets practices grow."),
        "H11": say("Those who go on trying after the fashion fades are the future."),
    }
)

DECIDED_BY: Mapping[str, tuple[Phrase, Phrase]] = MappingProxyType(
    {
        "H1": (
            say("what was demanded is taken up less often than the rest, or talk grows and use does not"),
            say("what was demanded is taken up as often, and lived as freely"),
        ),
        "H2": (
            say("more adoptions follow examples along informal ties than dates alone give, and not along the reporting line"),
            say("an excess along the reporting line, or none"),
        ),
        "H3": (
            say("most practices that live began with someone trying them"),
            say("most practices that live began with a programme"),
        ),
        "H4": (
            say("fewer reasons are left at each level, and more deadlines"),
            say("reasons survive, and pressure does not grow"),
        ),
        "H5": (
            say("practices that began with a demand live shorter, or are given up more often"),
            say("no difference, or a longer life"),
        ),
        "H6": (
            say("in an order drawn by lot, groups whose leaders share first start more and keep more"),
            say("in an order drawn by lot, no difference"),
        ),
        "H7": (
            say("the intervals of these kinds of work lie apart, in this direction"),
            say("they lie apart in the other direction, or together"),
        ),
        "H8": (
            say("bought seats stand idle while another tool was used yesterday"),
            say("seats are used, and other tools are rare"),
        ),
        "H9": (
            say("many shared practices get no answer from outside the team"),
            say("what is shared is answered"),
        ),
        "H10": (
            say("in an order drawn by lot, groups with the charter first start more and keep more"),
            say("in an order drawn by lot, no difference"),
        ),
        "H11": (
            say("use goes on where talk fell"),
            say("use falls with the talk"),
        ),
    }
)
"""Claim -> what would support it and what would refute it, fixed before any trace is read (R8)."""
