"""What counts as a use trace, a corroborated one, and an announcement: the SQL every measure starts from."""

USE_ACTS = "('uses', 'tries', 'shares', 'takes_up')"
"""Acts of the coarse class done."""

SAID_ACTS = "('announces', 'demands')"
"""Acts that announce: a plan, or an order to use."""

USES = f"""
    select person, day_of(ts) as day, week_of(ts) as week, tool, job,
           case when channel = 'message' then 'chat' when source = 'logbook' then 'selfreport' else 'code' end as family,
           channel, source, score
    from acts
    where act in {USE_ACTS} and modality = 'done' and actor_kind = 'person' and person > 0
      and channel <> 'review suggestion'
    union all
    select person, day, week_of(day) as week, tool, 'unknown' as job, 'usage' as family, 'usage log' as channel,
           source, 1.0 as score
    from usage_days
    where active and actor_kind = 'person' and person > 0"""  # noqa: S608 - own words only
"""One row a use trace of a person. A suggestion that an AI reviewer made and somebody accepted is no use of theirs: the
bot reviews every change of a repository, whoever wrote it. Family chat is read by a reader and passes through M0; the others are
marks and logs."""

ACTIVE = """
    select week_of(day) as week, person from traces where actor_kind = 'person' and person > 0
    union
    select week_of(ts) as week, person from acts where actor_kind = 'person' and person > 0
    union
    select week_of(day) as week, person from usage_days where active and actor_kind = 'person' and person > 0"""
"""One row a person-week with at least one trace of any topic."""

LAST_WEEK = """
    select week_of(day_after(max(day), 1)) - 1 as week from (
        select max(day) as day from traces where actor_kind = 'person'
        union all
        select max(day) as day from usage_days where actor_kind = 'person'
    ) ends"""
"""The last week that is whole in the traces; a half week would look like a fall."""
