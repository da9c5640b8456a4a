"""What the pulse lets people choose from: tools, kinds of work, how it began; closed lists, nothing told by hand."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from groundswell.languages import load as languages
from groundswell.model.phrase import Phrase, say
from groundswell.model.reading import Job
from groundswell.report.names import tool_name
from groundswell.selfreport.answers import NO_TOOL
from groundswell.web import kinds

JOBS: Mapping[str, Phrase] = MappingProxyType({job: name for job, name in sorted(kinds.JOBS.items()) if job != Job.UNKNOWN})

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
