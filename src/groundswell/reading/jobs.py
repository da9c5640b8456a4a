"""Which kind of work is a tool used for, from the words around it."""

from collections.abc import Sequence

import numpy as np

from groundswell.model.reading import Job
from groundswell.reading import cues

# The specific before the general: "translate the contract review" is translation, "write a script" is coding before writing.
_ORDER = (
    Job.TRANSLATION, Job.FORECASTING, Job.CLOSING, Job.RECRUITING, Job.MEETINGS, Job.LEGAL, Job.REVOPS, Job.SUPPORT, Job.REVIEW,
    Job.TESTING, Job.DEBUGGING, Job.DOCUMENTATION, Job.MARKETING, Job.DESIGN, Job.AUTOMATION, Job.CODING, Job.ANALYSIS,
    Job.WRITING, Job.OPERATIONS, Job.RESEARCH,
)  # fmt: skip


def of(focus: Sequence[str], near: Sequence[str], codes: Sequence[str]) -> list[Job]:
    """Kind of work of each sentence: by its own words, else by its neighbours', else unknown.

    Args:
        focus: spaced tokens of the sentences.
        near: spaced tokens of their neighbours.
        codes: their languages.
    """
    names = cues.names("job")
    order = [names.index(job) for job in _ORDER]
    own = cues.found(focus, codes, "job")[:, order]
    beside = cues.found(near, codes, "job")[:, order]
    table = np.where(np.atleast_1d(own.any(axis=1))[:, None], own, beside)
    first = table.argmax(axis=1).tolist()
    known = np.atleast_1d(table.any(axis=1)).tolist()
    return [_ORDER[place] if any_ else Job.UNKNOWN for place, any_ in zip(first, known, strict=True)]
