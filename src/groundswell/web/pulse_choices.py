"""What the pulse lets people choose from: tools, kinds of work, how it began; closed lists, nothing told by hand."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from groundswell.languages import load as languages
from groundswell.model.phrase import Phrase, say
from groundswell.model.reading import Job
from groundswell.report.names import tool_name
from groundswell.selfreport.answers import NO_TOOL

JOBS: Mapping[str, Phrase] = MappingProxyType(
    {
        Job.ANALYSIS: say("analysis"),
        Job.AUTOMATION: say("automation"),
        Job.CLOSING: say("closing of accounts"),
        Job.CODING: say("coding"),
        Job.DEBUGGING: say("debugging"),
        Job.DESIGN: say("design"),
        Job.DOCUMENTATION: say("documentation"),
        Job.FORECASTING: say("forecasting"),
        Job.LEGAL: say("legal"),
        Job.MARKETING: say("marketing"),
        Job.MEETINGS: say("meetings"),
        Job.OPERATIONS: say("operations"),
        Job.RECRUITING: say("recruiting"),
        Job.RESEARCH: say("research"),
        Job.REVIEW: say("review"),
        Job.REVOPS: say("revenue operations"),
        Job.SUPPORT: say("support"),
        Job.TESTING: say("testing"),
        Job.TRANSLATION: say("translation"),
        Job.WRITING: say("writing"),
    }
)

HOW: Mapping[str, Phrase] = MappingProxyType(
    {
        "own": say("on my own"),
        "colleague": say("through a colleague"),
        "asked": say("because I was asked to"),
        "programme": say("through a training or a programme"),
        "other": say("in another way"),
    }
)


def tools_of(own: Iterable[str]) -> dict[str, str]:
    """Canonical name -> shown name of every tool one may choose, the company's own first.

    Args:
        own: names of the company's own tools.
    """
    ours = {" ".join(name.split()).casefold().replace(" ", "_"): name for name in own}
    known = {name: tool_name(name) for name in languages.tools() if name != NO_TOOL}
    return ours | dict(sorted(known.items(), key=lambda pair: pair[1].casefold()))
