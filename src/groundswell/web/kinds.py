"""What the closed lists are called on a page: kinds of work, who may see, what became of it."""

from groundswell.model.phrase import Phrase, say
from groundswell.model.reading import DropKind, Job
from groundswell.selfreport.entry import Outcome, Visible

JOBS: dict[str, Phrase] = {
    Job.SUPPORT: say("support"),
    Job.DEBUGGING: say("debugging"),
    Job.CODING: say("coding"),
    Job.REVIEW: say("review"),
    Job.TESTING: say("testing"),
    Job.DOCUMENTATION: say("documentation"),
    Job.AUTOMATION: say("automation"),
    Job.ANALYSIS: say("analysis"),
    Job.FORECASTING: say("forecasting"),
    Job.REVOPS: say("revenue operations"),
    Job.MARKETING: say("marketing"),
    Job.WRITING: say("writing"),
    Job.TRANSLATION: say("translation"),
    Job.MEETINGS: say("meetings"),
    Job.RESEARCH: say("research"),
    Job.RECRUITING: say("recruiting"),
    Job.CLOSING: say("closing of accounts"),
    Job.LEGAL: say("legal"),
    Job.DESIGN: say("design"),
    Job.OPERATIONS: say("operations"),
    Job.UNKNOWN: say("something else"),
}

VISIBLE: dict[str, Phrase] = {
    Visible.ME: say("only me"),
    Visible.TEAM: say("my team"),
    Visible.EVERYONE: say("everyone"),
    Visible.NAMELESS: say("everyone, without my name"),
}

OUTCOMES: dict[str, Phrase] = {
    Outcome.KEPT: say("kept it"),
    Outcome.DROPPED: say("dropped it"),
    Outcome.OPEN: say("not sure yet"),
}

DROPS: dict[str, Phrase] = {
    DropKind.ABANDONED: say("it was not worth it"),
    DropKind.SWITCHED: say("I took another tool"),
    DropKind.PAUSED: say("it rests for now"),
    DropKind.JOB_ENDED: say("the job is gone"),
    DropKind.REVERTED: say("the result had to be undone"),
}
