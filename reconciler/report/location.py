"""Problems with the file that other tools know them by: its path in the repository."""

from dataclasses import dataclass

from reconciler.model.errors import Problem


@dataclass(frozen=True, slots=True)
class Located:
    """A problem and where tools find its file.

    `path` is relative to the root of the repository, with `/`; absolute for a file outside of it;
    None for what stands in no file (the command line, the environment).
    """

    problem: Problem
    path: str | None

    @property
    def outside(self) -> bool:
        """Whether the file lies outside the repository."""
        return self.path is not None and self.path.startswith("/")

    @property
    def end_column(self) -> int:
        """The column behind the last character that is meant."""
        return self.problem.place.column + self.problem.length
