"""What somebody gave cannot be taken, and why, in a sentence for them."""

from groundswell.model.phrase import Phrase


class Declined(Exception):  # noqa: N818 - a refusal with a reason, not a failure
    """Something that was told cannot be kept as it is.

    Attributes:
        why: the sentence that says so, without quoting it.
    """

    def __init__(self, why: Phrase) -> None:
        super().__init__(why.text)
        self.why = why
