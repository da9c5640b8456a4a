"""The picture of the privacy ledger: how much of the year's budget each release has spent."""

from groundswell.model.measure import Line, Picture, Point, Shape
from groundswell.model.phrase import say
from groundswell.report.page import Page


def picture(page: Page) -> Picture | None:
    """What was spent after each release of the year, and the budget; None where nothing was let out with noise."""
    if not page.ledger:
        return None
    spent = page.ledger[-1].epsilon
    steps = [Line(name=say("after {quarter}", quarter=s.quarter), points=(Point(x=0, value=s.epsilon),)) for s in page.ledger]
    budget = Line(name=say("the year's budget"), points=(Point(x=0, value=page.budget),))
    return Picture(
        key="ledger",
        shape=Shape.BARS,
        title=say("What the year's releases have spent"),
        x_label=say("epsilon, added up over the year: how much all pages together can tell about one person"),
        y_label=say("releases"),
        lines=(*steps, budget),
        alt=say("Of a budget of {budget:number} for the year, {spent:number} is spent.", budget=page.budget, spent=spent),
        y_unit="number",
    )
