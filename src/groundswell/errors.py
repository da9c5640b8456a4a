"""What can go wrong, as classes whose fields name the place, what was expected and what to do."""


class GroundswellError(Exception):
    """A failure a user can act on: what came, where, what was expected, what to do.

    Attributes:
        where: file, file and line, or setting the failure is about; never a person's name or a text.
        problem: what was found there.
        expected: what should have been there; empty when it is obvious.
        remedy: what to do next; empty when there is nothing to do.
    """

    exit_code = 1

    def __init__(self, where: str, problem: str, *, expected: str = "", remedy: str = "") -> None:
        super().__init__(where, problem, expected, remedy)
        self.where = where
        self.problem = problem
        self.expected = expected
        self.remedy = remedy

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the way from one process to another: the default would call the class with four positional words."""
        return _again, (type(self), self.where, self.problem, self.expected, self.remedy)

    def __str__(self) -> str:
        parts = [f"{self.where}: {self.problem}."]
        if self.expected:
            parts.append(f"Expected {self.expected}.")
        if self.remedy:
            parts.append(f"{self.remedy}.")
        return " ".join(parts)


def _again(kind: type[GroundswellError], where: str, problem: str, expected: str, remedy: str) -> GroundswellError:
    return kind(where, problem, expected=expected, remedy=remedy)


class InputError(GroundswellError):
    """A file or folder cannot be read as what it was recognised to be."""

    exit_code = 2


class NothingToReadError(GroundswellError):
    """No source recognises anything at the given paths."""

    exit_code = 3


class OutputError(GroundswellError):
    """A result cannot be written where it was asked for."""

    exit_code = 4


class PrivacyError(GroundswellError):
    """A step would let out what the product promises to keep in."""

    exit_code = 5


class StoreError(GroundswellError):
    """The store on disk is not in a state this version can read or write."""

    exit_code = 6


class PluginError(GroundswellError):
    """A plug-in does not declare what its room requires."""

    exit_code = 7
