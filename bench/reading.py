"""How well does the reader read messages from communities it was never trained on? Run on labelled messages that stay outside.

    python bench/reading.py [messages.jsonl] [--half tune|held|all]

Without messages only the speed is measured, on invented text of which 5 % passes the filter.

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

from groundswell.model.source import Batch
from groundswell.model.trace import Message
from groundswell.reading import cues, exemplar, features, train, units
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


def read(texts: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """The reader as it ships: class, and probability of any act."""
    seen = Reader().predict(batch(texts))
    return ["none" if c == "limit" else c for c in seen.coarse], seen.any_act


def by_filter(texts: Sequence[str]) -> list[str]:
    """Baseline: whatever names AI is something done."""
    import pyarrow as pa

    return ["done" if hit else "none" for hit in first_filter.matches(pa.array(texts, pa.string()))]


def by_words(texts: Sequence[str]) -> list[str]:
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
    return out


def by_bag(texts: Sequence[str]) -> list[str]:
    """Baseline: a linear model over bags of words and pairs of the same exemplars."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    samples = exemplar.load()
    bag = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    model = LogisticRegression(C=10, max_iter=2000).fit(
        bag.fit_transform([sample.text for sample in samples]), [train.main_class(sample).value for sample in samples]
    )
    return ["none" if one == "limit" else str(one) for one in model.predict(bag.transform(texts))]


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


def show(title: str, truth: np.ndarray, said: np.ndarray) -> None:
    """Print one reader's figures with their intervals."""
    _say(f"\n{title} (n = {len(truth)})")
    for name, value in figures(truth, said).items():
        if np.isnan(value):
            continue
        low, high = interval(truth, said, lambda t, s, name=name: figures(t, s)[name])
        count = f"  {int((truth == name).sum())} true, {int((said == name).sum())} claimed" if name in CLASSES else ""
        _say(f"  {name:14} {value:.2f}  [{low:.2f}, {high:.2f}]{count}")


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
    chosen, _ = arguments.parse_known_args()
    speed()
    if chosen.messages is None or chosen.messages.suffix != ".jsonl":
        _say("no labelled messages given: quality not measured")
        return
    rows = [json.loads(line) for line in chosen.messages.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if chosen.half in ("all", half(row["id"]))]
    texts = [row["text"] for row in rows]
    truth = np.array([COARSE[row["label"]] for row in rows])
    second = np.array([COARSE.get(row["alt_label"] or "", "") if row["label"] != "hardneg" else "" for row in rows])
    answers, chance = read(texts)
    said = np.array(answers)
    show("reader", truth, said)
    _say(f"  act precision at recall .70: {precision_at(truth, chance, 0.70):.2f}")
    _say(f"  calibration error of any act: {calibration(truth, chance):.2f}")
    _say(f"  label or second label: {((said == truth) | (said == second)).mean():.2f}")
    for lang in sorted({row["lang"] for row in rows}):
        mask = np.array([row["lang"] == lang for row in rows])
        if mask.sum() < len(rows):
            show(f"reader, {lang}", truth[mask], said[mask])
    for title, baseline in (("filter only", by_filter), ("word rules", by_words), ("bag of words", by_bag)):
        show(title, truth, np.array(baseline(texts)))


if __name__ == "__main__":
    main()
