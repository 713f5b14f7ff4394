"""The YAML text of a tree: read back it is the same, and nobody takes it for a command."""

import re

import pytest
from ruamel.yaml import YAML

from reconciler.loader.write import to_yaml

_ACTIVE = re.compile(r"^\s*::|##\[|##vso\[", re.MULTILINE)
"""What GitHub's and Azure's runners carry out where it stands so in the output of a step."""


@pytest.mark.parametrize(
    "text",
    [
        "::error::x",
        "first\n::add-mask::x\nlast\n",
        "first\n  ::warning file=a::x",
        "##[error]x",
        "first\n##[command]x\n",
        "say ##vso[task.setvariable variable=a]b",
        "a ### heading\n## another\n",
    ],
)
@pytest.mark.parametrize("inside", [False, True])
def test_no_text_is_a_command_of_a_build_runner(text: str, inside: bool) -> None:
    """A prompt printed in a build says what it says and does nothing."""
    tree = {"a": [text] if inside else text, text: "b"}
    written = to_yaml(tree)
    assert not _ACTIVE.search(written)
    assert YAML(typ="safe", pure=True).load(written) == tree


def test_headings_stay_readable() -> None:
    """Only what a runner acts on is escaped: a prompt in Markdown keeps its lines."""
    assert to_yaml({"a": "# one\n## two\n"}) == "a: |\n  # one\n  ## two\n"
    assert to_yaml({"a": "- ## x"}) == 'a: "- ## x"\n'
