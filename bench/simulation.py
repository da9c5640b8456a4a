"""The simulated company beside the same model in Mesa's idiom and NDlib's nearest model, and the writer under load.

Usage: python bench/simulation.py [all]    1,000 and 10,000 people (all: 50,000 too), one year, each candidate in its own process
       python bench/simulation.py load [people] [weeks]   write a Slack export; default 100,000 and 13: 10 million messages

Prints agent-steps (people x working days) a CPU second, starts (to see that the models agree), peak memory, and the ratios.
Mesa and NDlib are compared only where they are installed (requirements/bench.in); what is missing is said.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from groundswell.simulation.catalogue import TOOLS
from groundswell.simulation.chance import Chance, Crowd
from groundswell.simulation.diffusion import run
from groundswell.simulation.exposure import MEMORY
from groundswell.simulation.network import Network, acquaint
from groundswell.simulation.people import Company, hire
from groundswell.simulation.policy import Dials, Policy, settled
from groundswell.simulation.programme import schedule

WEEKS = 52
RUNS = 15  # of what takes a fraction of a second; the median counts
SIZES = (1_000, 10_000, 50_000) if "all" in sys.argv else (1_000, 10_000)
# Only what the peer model has too: starts, examples through informal ties, shares, drops.
DIALS = settled(
    Policy.NONE,
    Dials(
        turnover=0.0,
        moves=0.0,
        seat_tools=0,
        join_share=0.0,
        replaced_share=0.0,
        absorbed_share=0.0,
        silent_share=0.0,
        hidden_weeks=0.0,
        end_rate=0.0,
        share_outside=1.0,
        formal_log=0.0,
        programme_start_log=0.0,
        propensity_sd=0.0,
        starts=0.03,
    ),
)


def made(people: int) -> tuple[Company, Network, Chance]:
    """The people and ties that every candidate gets."""
    chance = Chance(1)
    company = hire(people=people, weeks=WEEKS, dials=DIALS, chance=chance)
    return company, acquaint(company, DIALS, chance), chance


def ours(people: int) -> dict[str, Any]:
    """The room's own core."""
    company, network, chance = made(people)
    plan = schedule(company, network, WEEKS, DIALS, chance)
    seconds = []
    for _ in range(RUNS):
        begin = time.process_time()
        course = run(company, network, plan, WEEKS, DIALS, chance)
        seconds.append(time.process_time() - begin)
    return {"seconds": statistics.median(seconds), "starts": len(course.uses["start"]), "draws": course.draws}


def floor(people: int) -> dict[str, Any]:
    """Only what no weekly core of these rules can leave out in NumPy: a hash a person and week, compared with a threshold."""
    crowd, stream, threshold = Crowd(people), Chance(1).stream("start"), np.full(people, 1 << 60, dtype=np.uint64)
    seconds = []
    for _ in range(RUNS):
        begin = time.process_time()
        for week in range(WEEKS):
            some = crowd.under(stream, week, threshold)
        seconds.append(time.process_time() - begin)
    return {"seconds": statistics.median(seconds), "starts": len(some)}


def mesa(people: int) -> dict[str, Any]:  # noqa: C901  # the peer's idiom is classes made around one model
    """The same rules with an agent a person, as Mesa's own examples are written."""
    from mesa import Agent, Model

    company, network, _ = made(people)
    rates = [tool.weight / sum(t.weight for t in TOOLS) * DIALS.starts / 5 for tool in TOOLS]
    code = company.code_units()
    jobs = [[share for _, share in d.jobs] for d in company.departments]

    class Person(Agent):  # type: ignore[misc]
        def __init__(self, model: Any, number: int) -> None:
            super().__init__(model)
            self.number = number
            self.unit = int(company.unit_first[number])
            self.department = int(company.department[self.unit])
            self.uses: dict[int, bool] = {}
            self.seen: dict[int, int] = {}
            self.contacts: list[Person] = []

        def step(self) -> None:
            self.drop()
            self.start()
            self.share()

        def drop(self) -> None:
            for tool in [t for t, keeps in self.uses.items() if not keeps and self.random.random() < DIALS.drop_rate / 7 * 1.4]:
                del self.uses[tool]

        def start(self) -> None:
            day = self.model.day
            for tool, rate in enumerate(rates):
                if tool in self.uses or TOOLS[tool].week * 7 > day or (TOOLS[tool].code and not code[self.unit]):
                    continue
                if day - self.seen.get(tool, -1000) <= MEMORY:
                    rate *= np.exp(DIALS.informal_log)
                if self.random.random() < rate:
                    job = self.random.choices(range(len(jobs[self.department])), jobs[self.department])[0]
                    practice = (self.unit, job, tool)
                    self.uses[tool] = practice not in self.model.practices
                    self.model.practices.add(practice)
                    self.model.starts += 1

        def share(self) -> None:
            for tool in self.uses:
                if self.random.random() < DIALS.share_rate / 5 * 0.72:  # leads share by their own rate; the mean of both
                    for contact in self.contacts:
                        contact.seen[tool] = self.model.day

    class Diffusing(Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(seed=1)
            self.day, self.starts = 0, 0
            self.practices: set[tuple[int, int, int]] = set()
            people_ = [Person(self, n) for n in range(len(company))]
            for n, person in enumerate(people_):
                person.contacts = [people_[c] for c in network.contacts[network.edges[n] : network.edges[n + 1]]]

        def step(self) -> None:
            self.agents.shuffle_do("step")

    model = Diffusing()
    begin = time.process_time()
    for day in range(7 * WEEKS):
        if day % 7 < 5:
            model.day = day
            model.step()
    return {"seconds": time.process_time() - begin, "starts": model.starts}


def ndlib(people: int) -> dict[str, Any]:
    """NDlib's nearest: one innovation, spontaneous and contagious adoption and dropping (SIS), without memory or tools."""
    import networkx
    from ndlib.models import ModelConfig
    from ndlib.models.epidemics import SISModel

    company, network, _ = made(people)
    graph = networkx.Graph()
    graph.add_nodes_from(range(len(company)))
    one = np.repeat(np.arange(len(company)), np.diff(network.edges))
    graph.add_edges_from(zip(one.tolist(), network.contacts.tolist(), strict=True))
    model = SISModel(graph, seed=1)
    settings = ModelConfig.Configuration()
    settings.add_model_parameter("beta", 0.002)
    settings.add_model_parameter("lambda", DIALS.drop_rate / 5)
    settings.add_model_parameter("fraction_infected", 0.02)
    model.set_initial_status(settings)
    begin = time.process_time()
    steps = model.iteration_bunch(5 * WEEKS)
    return {"seconds": time.process_time() - begin, "starts": steps[-1]["node_count"][1]}


def load(people: int, weeks: int) -> None:
    """Write a Slack export of this many people and weeks; memory must not grow with the messages."""
    from groundswell.simulation.conversation import Conversation
    from groundswell.simulation.exports.slack import SlackWriter
    from groundswell.simulation.world import simulate

    begin = time.process_time()
    world = simulate(people=people, weeks=weeks, policy=Policy.CURIOUS, seed=1)
    conversation = Conversation(world)
    say(f"world of {people:,} people and {weeks} weeks: {time.process_time() - begin:.1f} CPU s, {peak():.0f} MB")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "slack_export.zip"
        begin = time.process_time()
        writer = SlackWriter(conversation, path)
        count = 0
        for day, posts in conversation.days():
            writer.day(day, posts)
            count += len(posts)
            if day % 28 == 0:
                say(f"  day {day}: {count:,} messages, peak {peak():.0f} MB")
        writer.close()
        seconds = time.process_time() - begin
        size = path.stat().st_size / 1e6
    rate = count / seconds
    say(f"{count:,} messages, {size:.0f} MB of zip, {seconds:.0f} CPU s: {rate:,.0f} a CPU second, peak {peak():.0f} MB")


def peak() -> float:
    """Most memory this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


CANDIDATES = {"ours": ours, "floor": floor, "mesa": mesa, "ndlib": ndlib}


def compare() -> None:
    """Each candidate and size in a process of its own."""
    for people in SIZES:
        rates: dict[str, float] = {}
        for name in CANDIDATES:
            command = [sys.executable, __file__, "one", name, str(people)]
            done = subprocess.run(command, check=False, capture_output=True, text=True)
            if done.returncode:
                reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
                say(f"{people:>7,} {name:6} not run: {reason}")
                continue
            told = json.loads(done.stdout.splitlines()[-1])
            rates[name] = people * 5 * WEEKS / told["seconds"]
            speed = f"{rates[name]:>14,.0f} agent-steps a CPU s  {told['seconds']:8.2f} CPU s"
            say(f"{people:>7,} {name:6} {speed}  {told['starts']:>7,} starts  {told['peak']:6.0f} MB")
        for name in [name for name in CANDIDATES if name in rates and name != "ours"]:
            say(f"{people:>7,} ours over {name}: {rates['ours'] / rates[name]:,.3g} times")


if __name__ == "__main__":
    if sys.argv[1:2] == ["one"]:
        told_ = CANDIDATES[sys.argv[2]](int(sys.argv[3]))
        sys.stdout.write(json.dumps({**told_, "peak": peak()}))
    elif sys.argv[1:2] == ["load"]:
        load(*(int(word) for word in [*sys.argv[2:], *("100000", "13")[len(sys.argv) - 2 :]]))
    else:
        compare()
