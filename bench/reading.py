"""How well does the reader read messages from communities it was never trained on? Run on labelled messages that stay outside.

    python -m bench reading [messages.jsonl] [--half tune|held|all] [--local 60]

Without messages only the speed is measured, on invented text of which 5 % passes the filter. With them the reader (and, where
installed, the reader with the encoder) stands beside word rules, a bag of words and the encoder alone, in the same run.
--local N retrains on N labelled messages of the other half, to show what an audit of that size gains.

Each line: id, lang, label, alt_label, text. The split into halves is by a hash of the id: settings may be chosen on `tune` only.
Labels are those of the development set; `hardneg` counts as none. Prints tables; writes nothing.
"""

import argparse
import hashlib
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from groundswell.model.reading import Coarse, Label
from groundswell.model.source import Batch
from groundswell.model.trace import Message
from groundswell.reading import audit, cues, encoder, exemplar, features, linear, train, units
from groundswell.reading import filter as first_filter
from groundswell.reading.reader import Reader

COARSE = {
    "share": "done", "take_up": "done", "try": "done", "demand": "said", "announce": "said",
    "learn": "learned", "drop": "dropped", "none": "none", "hardneg": "none",
}  # fmt: skip
CLASSES = ("said", "done", "learned", "dropped", "none")
DRAWS = 1000
SEED = 5


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def half(id_: str) -> str:
    """Which half a message belongs to, for ever."""
    return ("tune", "held")[hashlib.sha256(id_.encode()).digest()[0] % 2]


def batch(texts: Sequence[str]) -> Batch:
    """Messages of persons outside any thread."""
    count = len(texts)
    columns: dict[str, Sequence[object]] = {
        "id": range(count), "version": [0] * count, "ts": [datetime(2026, 1, 1, tzinfo=UTC)] * count, "actor": [1] * count,
        "actor_kind": ["person"] * count, "place": [1] * count, "readers": [None] * count, "thread": [0] * count,
        "opens": [False] * count, "reply_to": [0] * count, "mentions": [[]] * count, "text": texts, "source": ["bench"] * count,
    }  # fmt: skip
    return Batch(Message, columns)


Answer = tuple[list[str], np.ndarray | None]


def read(texts: Sequence[str], reader: Reader | None = None) -> tuple[list[str], np.ndarray]:
    """A reader, the packaged one unless given: class, and probability of any practice."""
    seen = (reader or Reader()).predict(batch(texts))
    return ["none" if c == "limit" else c for c in seen.coarse], seen.any_act


def by_encoder(texts: Sequence[str]) -> Answer:
    """Baseline: the encoder alone, a linear layer over its vectors, trained on the same exemplars."""
    classes = encoder.Encoder().ask(texts).classes
    names = [str(one) for one in linear.CLASSES]
    best = [names[place] for place in classes.argmax(axis=1)]
    return ["none" if one == "limit" else one for one in best], classes[:, : linear.PRACTICES].sum(axis=1)


def retrained(rows: Sequence[dict[str, str]], count: int) -> Reader:
    """The reader retrained on some labelled messages, as an audit would retrain it."""
    acts = {"share": "shares", "take_up": "takes_up", "try": "tries", "demand": "demands", "announce": "announces",
            "learn": "learns", "drop": "drops"}  # fmt: skip
    order = sorted(rows, key=lambda row: hashlib.sha256(f"{SEED}{row['id']}".encode()).digest())[:count]
    labels = [Label(n, 0, 0.1, "", 1, acts.get(row["label"], "none"), "none", 0.5, "") for n, row in enumerate(order)]
    return Reader(model=audit.retrain(labels, {n: row["text"] for n, row in enumerate(order)}))


def by_filter(texts: Sequence[str]) -> Answer:
    """Baseline: whatever names AI is something done."""
    import pyarrow as pa

    return ["done" if hit else "none" for hit in first_filter.matches(pa.array(texts, pa.string()))], None


def by_words(texts: Sequence[str]) -> Answer:
    """Baseline: word rules; the first of dropped, said, learned, done whose cue stands in a sentence about AI put as done."""
    import pyarrow as pa

    cut = units.cut(pa.array(texts, pa.string()))
    acts, ways = cues.found(cut.focus, cut.code, "act"), cues.found(cut.focus, cut.code, "modality")
    name = cues.names("act")
    order = {"dropped": ["drops"], "said": ["demands", "pressed", "announces"], "learned": ["learns"],
             "done": ["uses", "tries", "shares", "takes_up"]}  # fmt: skip
    out = ["none"] * len(texts)
    for one, wanted in reversed(order.items()):
        hit = acts[:, [name.index(act) for act in wanted]].any(axis=1) & cut.about & ~ways.any(axis=1)
        for message in cut.message[hit]:
            out[message] = one
    return out, None


def by_bag(texts: Sequence[str]) -> Answer:
    """Baseline: a linear model over bags of words and pairs of the same exemplars."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    samples = exemplar.load()
    bag = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    model = LogisticRegression(C=10, max_iter=2000).fit(
        bag.fit_transform([sample.text for sample in samples]), [train.main_class(sample).value for sample in samples]
    )
    chance = model.predict_proba(bag.transform(texts))
    best = [str(model.classes_[place]) for place in chance.argmax(axis=1)]
    practice = ~np.isin(model.classes_, ("none", "limit"))
    return ["none" if one == "limit" else one for one in best], chance[:, practice].sum(axis=1)


def f1(truth: np.ndarray, said: np.ndarray, one: str) -> float:
    """F1 of a class; nan where it neither occurs nor is claimed."""
    both, either = int(((truth == one) & (said == one)).sum()), int((truth == one).sum() + (said == one).sum())
    return 2 * both / either if either else float("nan")


def figures(truth: np.ndarray, said: np.ndarray) -> dict[str, float]:
    """Macro-F1 over the classes that occur, per-class F1, and act against none."""
    per = {one: f1(truth, said, one) for one in CLASSES}
    act, claimed = truth != "none", said != "none"
    both = int((act & claimed).sum())
    macro = float(np.nanmean([per[one] for one in CLASSES if (truth == one).any()]))
    return {"macro-F1": macro, "act precision": both / max(1, claimed.sum()), "act recall": both / max(1, act.sum()), **per}


def interval(truth: np.ndarray, said: np.ndarray, of: Callable[[np.ndarray, np.ndarray], float]) -> tuple[float, float]:
    """95 % percentile bootstrap over messages."""
    rng = np.random.default_rng(SEED)
    values = [of(truth[take], said[take]) for take in (rng.integers(0, len(truth), len(truth)) for _ in range(DRAWS))]
    return float(np.nanquantile(values, 0.025)), float(np.nanquantile(values, 0.975))


def precision_at(truth: np.ndarray, chance: np.ndarray, recall: float) -> float:
    """Precision of act against none where the threshold gives at least this recall."""
    act = truth != "none"
    ranked = act[np.argsort(-chance, kind="stable")]
    found = np.cumsum(ranked)
    enough = int(np.searchsorted(found, recall * act.sum()))
    return float(found[enough] / (enough + 1))


def calibration(truth: np.ndarray, chance: np.ndarray) -> float:
    """Expected calibration error of the probability of any act, five equal bins."""
    bins = np.clip((chance * 5).astype(int), 0, 4)
    act = truth != "none"
    return float(
        sum((bins == b).mean() * abs(act[bins == b].mean() - chance[bins == b].mean()) for b in range(5) if (bins == b).any())
    )


def show(title: str, truth: np.ndarray, answers: Sequence[str], chance: np.ndarray | None = None) -> None:
    """Print one reader's figures with their intervals."""
    said = np.array(answers)
    _say(f"\n{title} (n = {len(truth)})")
    for name, value in figures(truth, said).items():
        if np.isnan(value):
            continue
        low, high = interval(truth, said, lambda t, s, name=name: figures(t, s)[name])
        count = f"  {int((truth == name).sum())} true, {int((said == name).sum())} claimed" if name in CLASSES else ""
        _say(f"  {name:14} {value:.2f}  [{low:.2f}, {high:.2f}]{count}")
    if chance is not None:
        _say(f"  act precision at recall .70: {precision_at(truth, chance, 0.70):.2f}")
        _say(f"  calibration error of any act: {calibration(truth, chance):.2f}")
        _say(f"  share of acts: {(truth != 'none').mean():.2f} true, {chance.mean():.2f} by the sum of probabilities")


def audited(rows: Sequence[dict[str, str]], size: int = 60, tries: int = 200, population: int = 1000) -> None:
    """How far shares are off after an audit, over repeated draws: by labels alone, and prediction-powered (M0).

    Every try draws from a population made of the messages, with replacement: drawing from the few themselves would label most of
    them and look better than any company's audit is.
    """
    from groundswell.measures._rectify import ppi_mean

    seen = Reader().predict(batch([row["text"] for row in rows]))
    classes = np.array([COARSE[row["label"]] for row in rows])
    rng = np.random.default_rng(SEED)
    shares = {"anything": (classes != "none", seen.any_act)}
    shares |= {one: (classes == one, np.array(seen.coarse) == one) for one in CLASSES[:-1] if (classes == one).any()}
    errors: dict[tuple[str, str], list[float]] = {}
    for attempt in range(tries):
        of = rng.integers(0, len(rows), population)
        candidates = [audit.Candidate(n, 0, "", "", Coarse(seen.coarse[m]), float(seen.score[m])) for n, m in enumerate(of)]
        drawn = audit.draw(candidates, n=size, seed=attempt)
        at = of[[one.candidate.id for one in drawn]]
        rest = of[np.setdiff1d(np.arange(population), [one.candidate.id for one in drawn])]
        weight = np.array([1 / one.probability for one in drawn])
        for name, (is_so, read_so) in shares.items():
            truth, chance = is_so.astype(float), read_so.astype(float)
            powered, _ = ppi_mean(truth[at], chance[at], chance[rest], weight)
            errors.setdefault((name, "labels"), []).append(float(np.average(truth[at], weights=weight) - truth[of].mean()))
            errors.setdefault((name, "prediction-powered"), []).append(powered.value - truth[of].mean())
            errors.setdefault((name, "counting"), []).append(float((chance[of] > 0.5).mean() - truth[of].mean()))
    _say(f"\naudit of {size} of {population} messages that passed the filter, error in the share over {tries} draws, in points:")
    for (name, way), found in errors.items():
        off = np.array(found) * 100
        _say(f"  {name:9} {way:20} bias {off.mean():+.1f}, root mean square {np.sqrt((off**2).mean()):.1f}, "
             f"within 2 points in {np.mean(np.abs(off) <= 2):.0%}")  # fmt: skip


def speed(count: int = 200_000) -> None:
    """CPU seconds for a million messages of which one in twenty passes, stage by stage."""
    import pyarrow as pa

    rng = random.Random(SEED)  # noqa: S311 - invented text
    spoken = [sample.text for sample in exemplar.load() if sample.acts]
    plain = "The invoice for the second quarter is in the folder, could somebody check the totals before Thursday please? "
    texts = [
        f"{' '.join(rng.choices(spoken, k=rng.choice((1, 1, 2, 3)))) if n % 20 == 0 else plain[rng.randrange(60) :] * 2} {n}"
        for n in range(count)
    ]
    reader, scale = Reader(), 1e6 / count
    reader.annotate(batch(texts[:100]))
    batches = [batch(texts[start : start + 20_000]) for start in range(0, count, 20_000)]
    passing = pa.array(texts[::20])
    start = time.process_time()
    found = sum(len(reader.annotate(one)) for one in batches)
    _say(f"CPU s a million messages, 5 % passing: {(time.process_time() - start) * scale:.0f} ({found} acts in {count} messages)")
    stages: list[tuple[str, Callable[[], object]]] = [
        ("filter", lambda: [first_filter.matches(pa.array(one.columns["text"])) for one in batches]),
        ("tools, sentences, tokens", lambda: units.cut(passing)),
    ]
    for name, stage in stages:
        start = time.process_time()
        stage()
        _say(f"  of which {name}: {(time.process_time() - start) * scale:.1f}")
    cut = units.cut(passing)
    start = time.process_time()
    features.rules(cut)
    _say(f"  of which cues: {(time.process_time() - start) * scale:.1f} ({len(cut)} sentences)")


def main() -> None:
    """Read, compare, print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("messages", type=Path, nargs="?")
    arguments.add_argument("--half", choices=("tune", "held", "all"), default="held")
    arguments.add_argument("--local", type=int, default=0)
    chosen, _ = arguments.parse_known_args()
    speed()
    if chosen.messages is None or chosen.messages.suffix != ".jsonl":
        _say("no labelled messages given: quality not measured")
        return
    everything = [json.loads(line) for line in chosen.messages.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in everything if chosen.half in ("all", half(row["id"]))]
    readers: list[tuple[str, Callable[[Sequence[str]], Answer]]] = [("reader", read)]
    if encoder.installed():
        readers.append(("reader with encoder", lambda texts: read(texts, Reader(second=encoder.Encoder()))))
    if chosen.local:
        others = [row for row in everything if row not in rows]
        readers.append((f"reader retrained on {min(chosen.local, len(others))} local labels",
                        lambda texts: read(texts, retrained(others, chosen.local))))  # fmt: skip
    readers += [("filter only", by_filter), ("word rules", by_words), ("bag of words", by_bag)]
    if encoder.installed():
        readers.append(("encoder alone", by_encoder))
    quality(rows, readers)
    audited(rows)


def quality(rows: Sequence[dict[str, str]], readers: Sequence[tuple[str, Callable[[Sequence[str]], Answer]]]) -> None:
    """Print every reader's figures on labelled messages, and the first two's language by language."""
    texts = [row["text"] for row in rows]
    truth = np.array([COARSE[row["label"]] for row in rows])
    second = np.array([COARSE.get(row["alt_label"] or "", "") if row["label"] != "hardneg" else "" for row in rows])
    langs = np.array([row["lang"] for row in rows])
    for place, (title, one) in enumerate(readers):
        answers, chance = one(texts)
        show(title, truth, answers, chance)
        _say(f"  label or second label: {((np.array(answers) == truth) | (np.array(answers) == second)).mean():.2f}")
        for lang in sorted(set(langs)) if place < 2 and len(set(langs)) > 1 else ():
            mask = langs == lang
            show(f"{title}, {lang}", truth[mask], np.array(answers)[mask].tolist(), None if chance is None else chance[mask])


if __name__ == "__main__":
    main()
