"""Which files are read."""

from typing import Final

from reconciler.report.story import Example, Story, runtime

STORIES: Final = (
    Story(
        code="path",
        summary="A file or a folder that cannot be taken",
        means="Manifests are regular files that end in .yaml, .yml or .json; folders are walked, "
        "hidden files and folders in them left out. This path is not there, is something else, is "
        "too large, may not be read, or is a link that leads out of the folder.",
        why="To pass over a path that was asked for would look like success. A link could show any "
        "file of the machine in an error message.",
        wrong=runtime("cpu: 2\n", command="reconcile validate manifets"),
        right=runtime("cpu: 2\n"),
    ),
    Story(
        code="format-bug",
        summary="A file that `fmt` would have changed the meaning of",
        means="`reconcile fmt` reads a file again after it was formatted and compares. Here the "
        "two were not the same, so the file was left as it is. This is a mistake of ours and not "
        "in your file: please report it, with the lines that the message names.",
        why="Formatting must not change what an agent is told.",
        wrong=Example(()),
        right=Example(()),
    ),
)
