"""How long do practices live, and does it depend on how they started?"""

from groundswell.measures import _survival_page as page
from groundswell.measures._labels import GOLD
from groundswell.measures._practice_counts import BASIS, LIVED, READ, SPAN, caution, counts
from groundswell.measures._survival_adjusted import held_sql
from groundswell.measures._survival_compare import HORIZON
from groundswell.measures._survival_misread import FROM_MESSAGES, JUDGED, READS, kept
from groundswell.measures._survival_pictures import pictures
from groundswell.model.measure import Counts, EngineLike, Exit, Finding, Measure, ReleaseLike
from groundswell.model.phrase import say

SEED = 20250106
"""Of the permutations: fixed, so that the same release always gives the same page."""

LONGEST = 365
"""Lives are followed up to this day; a longer one is known only to be longer."""

_LIVES = f"""with {LIVED}
select team, origin, fate, entry_days, exit_days, reads, count(*) as practices from (
    select p.team, p.origin, case when p.exit_days > {LONGEST} then 'alive' else p.fate end as fate,
           least(p.entry_days, {LONGEST}) as entry_days, least(p.exit_days, {LONGEST + 1}) as exit_days, {READS} as reads
    from lived p {FROM_MESSAGES} where p.entry_days < p.exit_days and p.entry_days < {LONGEST}
) watched group by team, origin, fate, entry_days, exit_days, reads
order by team, origin, fate, entry_days, exit_days, reads"""  # noqa: S608 - own numbers only

_FILES = f"""
select case when exit_days > {LONGEST} then 'alive' else fate end as fate,
       least(entry_days, {LONGEST}) as entry_days, least(exit_days, {LONGEST + 1}) as exit_days, count(*) as practices
from practices where carrier = 'file' and entry_days < exit_days and entry_days < {LONGEST}
group by case when exit_days > {LONGEST} then 'alive' else fate end,
         least(entry_days, {LONGEST}), least(exit_days, {LONGEST + 1})
order by fate, entry_days, exit_days"""  # noqa: S608 - own numbers only

_ORIGINS = f"""with {LIVED}
select o.origin, count(p.practice) as practices,
       cast(coalesce(sum(case when p.fragile then 1 else 0 end), 0) as bigint) as fragile
from (select 'grassroots' as origin union all select 'interleaved' union all select 'mandated'
      union all select 'no_mandate_seen' union all select 'provisioned' union all select 'unknown') o
left join lived p on p.origin = o.origin and p.entry_days < p.exit_days
group by o.origin order by o.origin"""  # noqa: S608 - own words only

_SQL = {
    "lives": _LIVES,
    "held": held_sql(LONGEST),
    "origins": _ORIGINS,
    "files": _FILES,
    "gold": GOLD,
    "judged": JUDGED.format(lived=LIVED, longest=LONGEST),
    "basis": BASIS,
    "read": READ,
    "span": SPAN,
}


def count(engine: EngineLike) -> Counts:
    """Count lives by team, origin, fate, day of entry and day of exit.

    Args:
        engine: needs `practices`, `practice_people`, `members`, `acts`, `labels`.

    Returns:
        `lives` (team, origin, fate, entry_days, exit_days, reads, practices; exits past LONGEST are one day, and `reads` is on
        how many messages a practice rests that nothing corroborates), `gold` (the audit), `judged` (audited messages by the
        life of their practice), `held` (lives with numbers for tool, kind of work and quarter of birth, and the day of a later
        demand), `origins` (six rows whatever the company), `files` (lives of shared files), `basis` (what a practice is here),
        `read` and `span` (one row).
        Units are practices watched at a known age. Team numbers serve as strata and are never shown.
    """
    return counts("survival", engine, _SQL)


def estimate(release: ReleaseLike) -> Finding:
    """Say how many practices are alive after 90 and 180 days, what became of the others, and whether origin tells them apart.

    Args:
        release: tables of `count`; a refused one gives withheld results.
    """
    if release.refused is not None:
        return page.refused(release)
    every = page.lives_of(release)
    read = release.tables["read"].to_pylist()[0]
    doubt = caution(len(every.lives), read)
    masks = kept(release, every.lives, every.reads)
    shares = [page.alive(release, every.lives, masks, day, doubt) for day in (90, HORIZON)]
    equal = {origin: page.held_equal(release, every, origin) for origin in ("mandated", *page.also_compared(every))}
    tried = {
        origin: page.comparisons(release, every, origin, seed=SEED, equal=held, masks=masks)
        for origin, (held, _) in equal.items()
    }
    found = tried["mandated"][-1]
    fates = page.fates(release, every.lives, masks, doubt)
    mean = page.mean_life(release, every.lives, masks, doubt)
    files = page.files(release)
    return Finding(
        measure=release.measure,
        sentence=page.sentence(shares, found, page.basis_of(release)),
        results=(
            *shares,
            mean,
            *(c.result for of_one in tried.values() for c in of_one),
            *(r for _, r in equal.values()),
            *fates,
            *files,
        ),
        pictures=pictures(every.lives, (every.of("grassroots"), every.of("mandated")) if found.difference is not None else None),
        known=page.known(release),
    )


MEASURE = Measure(
    name="survival",
    code="M3",
    title=say("Staying power"),
    question=say("How long do practices live, and does it depend on how they started?"),
    estimand=say(
        "Difference in restricted mean life to 180 days by origin, in days, and ratio of the rates of ending with all else held "
        "equal; share alive at 90 and 180 days; share abandoned, "
        "replaced or absorbed by 180 days."
    ),
    unit="practices",
    exit=Exit.PRACTICES,
    needs=("practices", "practice_people"),
    sql=_SQL,
    assumptions=(
        say(
            "A practice ended at its last trace if its silence since is longer than ninety-nine in a hundred of those "
            "its own rhythm makes."
        ),
        say("Being seen or not does not depend on how long a practice will still live, given its age and its team."),
        say("A practice whose people all left, or whose tool stopped writing its mark, was no longer seen; it did not end."),
        say("Practices were not assigned their origin by lot: a difference is not an effect."),
    ),
    references=(
        "Royston & Parmar 2013, BMC Medical Research Methodology 13:152",
        "Uno et al. 2014, Journal of Clinical Oncology 32:2380",
        "Fader, Hardie & Lee 2005, Marketing Science 24:275",
        "Klein & Moeschberger 2003, Survival Analysis, 2nd ed., chapter 4",
        "Cox 1972, Journal of the Royal Statistical Society B 34:187",
        "Andersen & Gill 1982, Annals of Statistics 10:1100",
    ),
    order=30,
    count=count,
    estimate=estimate,
    known_limits=(
        say("No published study gives the effect of a mandate on how long a practice lasts; this comparison is new evidence."),
    ),
)
