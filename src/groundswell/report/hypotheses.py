"""The eleven claims of docs/hypotheses.md, as a page words them."""

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
