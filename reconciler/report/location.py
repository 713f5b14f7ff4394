"""Problems with the file that other tools know them by: its path in the repository."""

from dataclasses import dataclass

from reconciler.model.errors import Problem


@dataclass(frozen=True, slots=True)
class Located:
    """A problem and where tools find its file.

    `path` is relative to the root of the repository, with `/`; absolute for a file outside of it;
    None for what stands in no file (the command line, the environment). `weight` is `error`,
    `warning` or `note` where the problem itself does not say it; `identity` is what it is about,
    where no line of source tells one problem from another.
    """

    problem: Problem
    path: str | None
    weight: str = ""
    identity: str = ""

    @property
    def level(self) -> str:
        """How heavy it is: `error`, `warning` or `note`."""
        return self.weight or ("warning" if self.problem.warning else "error")

    @property
    def outside(self) -> bool:
        """Whether the file lies outside the repository."""
        return self.path is not None and self.path.startswith("/")

    @property
    def end_column(self) -> int:
        """The column behind the last character that is meant."""
        return self.problem.place.column + self.problem.length
