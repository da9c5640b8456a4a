"""Sets published results beside a company's own, and says how their definitions differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from groundswell.model.measure import Finding, Result
from groundswell.model.phrase import Phrase, say
from groundswell.report.page import Published


@dataclass(frozen=True, kw_only=True)
class Study:
    """One published result.

    Attributes:
        source: the publication, as cited.
        figure: what it found.
        ours: measure and key of our analogues; the first that was let out stands beside it. Empty where nothing here is alike.
        differs: how the definitions differ.
        checked: whether the figure was found in the publication itself, and when it was not, where it comes from.
    """

    source: str
    figure: Phrase
    ours: tuple[tuple[str, str], ...] = ()
    differs: Phrase
    checked: Phrase


OWN = say("Found in the publication's own abstract, digest or page.")
OTHERS = say("As several others report it; the publication itself was not seen.")


# Each figure was looked up in November 2026, and again at the end of that month. Earlier drafts of Brynjolfsson et al. say 14 %
# and 34 %; the revision of Robbes et al. was seen in a report on it; METR's interval and follow-up stand in METR's own account.
STUDIES = (
    Study(
        source="Gallup, fourth quarter of 2025, 22,368 US workers",
        figure=say("12 % use AI at work daily, 26 % a few times a week or more, 46 % at all; leaders 69 %, others 40 %."),
        ours=(("pulse", "day_share"),),
        differs=say(
            "They asked how often; ours is the share of working days with AI, which lies between daily users and all users."
        ),
        checked=OTHERS,
    ),
    Study(
        source="Bick, Blandin & Deming 2024, US workers",
        figure=say("24.2 % used generative AI for their job on at least one day of the week before, 10.6 % on every workday."),
        ours=(("adoption", "person_weeks_last_quarter"),),
        differs=say("They asked people; ours counts weeks in which people left a mark of AI use, so it is at least this."),
        checked=OWN,
    ),
    Study(
        source="UK Department for Business and Trade 2025, 1,000 Copilot licences",
        figure=say(
            "Two thirds of holders used it weekly and 30 % daily, about one action a day; no robust evidence on productivity, "
            "while 26 minutes a day were reported as saved in a trial across government."
        ),
        ours=(("seats", "active_share"),),
        differs=say(
            "Theirs are mostly volunteers over three months, three in ten drawn by lot; ours is any activity of any assigned "
            "seat in 28 days."
        ),
        checked=say(
            "The 26 minutes were found in the publication itself; the rest is as others report it, and was not seen there."
        ),
    ),
    Study(
        source="S&P Global 2025, 1,006 firms",
        figure=say(
            "The average firm scrapped 46 % of its proofs of concept before production; 42 % dropped most of their initiatives."
        ),
        ours=(("survival", "abandoned_180"),),
        differs=say("They asked firms about projects; ours counts practices people had in use and gave up within 180 days."),
        checked=OTHERS,
    ),
    Study(
        source="MIT NANDA 2025 (disputed)",
        figure=say("Custom tools: 60 % of firms looked at them, 20 % piloted, 5 % put them to work: one pilot in four."),
        ours=(("follow_through", "follow_through"),),
        differs=say(
            "Theirs are firms that were interviewed; ours are announcements, and taken up means two people in three weeks."
        ),
        checked=OTHERS,
    ),
    Study(
        source="Brynjolfsson, Li & Raymond 2025, 5,172 support agents",
        figure=say("15 % more issues resolved an hour, 30 % for novices."),
        ours=(("kinds", "in_use_support"),),
        differs=say("Theirs is a gain in output; ours is only whether practices in support are still in use after 90 days."),
        checked=say("Found in the publication's own abstract, but for the figure of novices, which others report."),
    ),
    Study(
        source="Cui et al. 2026, 4,867 developers",
        figure=say("26 % more tasks completed (standard error 10 points)."),
        ours=(("kinds", "in_use_coding"),),
        differs=say("Theirs is a gain in output; ours is only whether practices in coding are still in use after 90 days."),
        checked=OWN,
    ),
    Study(
        source="METR 2025, 16 developers, 246 tasks",
        figure=say(
            "Tasks took 19 % longer (2 % to 39 %) while people felt 20 % faster; the follow-up of 2026 could not tell, because "
            "people chose what to do without AI."
        ),
        differs=say("Nothing here measures time: what is felt and what is measured are two things."),
        checked=OWN,
    ),
    Study(
        source="Humlum & Vestergaard 2025, 25,000 Danish workers",
        figure=say("83 % use chatbots where the employer encourages it, 47 % where not: 36 points apart."),
        ours=(("follow_through", "demanded_difference"),),
        differs=say("Theirs compares workers; ours compares things demanded with things only announced, in one company."),
        checked=OTHERS,
    ),
    Study(
        source="Robbes et al. 2026, 129,134 repositories",
        figure=say("15.9 % to 22.6 % carry traces of coding agents; as revised, 22.2 % to 28.7 % of 128,018."),
        ours=(("adoption", "code_last_quarter"),),
        differs=say("Theirs counts public repositories; ours counts people active in this company's code."),
        checked=say("Found in the publication's own abstract, but for the revision, which others report."),
    ),
    Study(
        source="Sull, Sull & Yoder 2018, 124 organisations",
        figure=say("28 % of the managers who carry out a strategy can name three of its priorities."),
        ours=(("reasons", "kept"),),
        differs=say("They asked managers; ours is how many reasons are found again in what the next level writes."),
        checked=OWN,
    ),
    Study(
        source="Coutifaris & Grant 2022",
        figure=say(
            "Leaders drawn by lot to share criticism they had received had safer teams a year later; asking for feedback did "
            "nothing."
        ),
        differs=say("Only a drawn order could show it here."),
        checked=OWN,
    ),
    Study(
        source="–",
        figure=say("No published study gives the effect of a demand on how long a practice lasts."),
        ours=(("survival", "difference"),),
        differs=say("New evidence, from one company, without a drawn order: a difference, not an effect."),
        checked=say("None was found; that is no proof that there is none."),
    ),
)


def beside(findings: Sequence[Finding]) -> tuple[Published, ...]:
    """Every published result with our analogue for the whole organisation, in a fixed order.

    Returns:
        One row a study. `ours` is None where no finding holds an analogue that was let out.
    """
    held = {(r.measure, r.key): r for f in findings for r in f.results if r.group == "organisation" or f.measure == "kinds"}
    return tuple(
        Published(
            source=study.source, figure=study.figure, ours=_first(study.ours, held), differs=study.differs, checked=study.checked
        )
        for study in STUDIES
    )


def _first(keys: Sequence[tuple[str, str]], held: Mapping[tuple[str, str], Result]) -> Result | None:
    return next((held[key] for key in keys if key in held and held[key].estimate is not None), None)
