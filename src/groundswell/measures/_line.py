"""The reporting line in SQL: who stands below whom, however many levels between."""

BELOW = """lines as (
    select distinct person, manager_person as boss from members where manager_person > 0 and manager_person <> person
),
two as (select person, boss from lines union select a.person, b.boss from lines a join lines b on b.person = a.boss),
four as (select person, boss from two union select a.person, b.boss from two a join two b on b.person = a.boss),
below as (select person, boss from four union select a.person, b.boss from four a join four b on b.person = a.boss)"""
"""`lines` (person, boss) of everybody and their leader, and `below` of everybody and all above them, up to eight levels: doubled
three times, since an engine's own recursion is not the same on all of them."""
