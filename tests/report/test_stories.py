"""Every code has a story, and what a story shows is what the program does."""

import re
from pathlib import Path

import pytest

from reconciler.report.planissues import RULES as PLAN_CODES
from reconciler.report.stories import STORIES
from reconciler.report.story import Example, Story
from reconciler.report.storytext import story_markdown, story_text
from tests.support.codes import emitted_codes
from tests.support.told import recorded, run_example, told

_TOLD = re.compile(r"^.*: (?:error|warning)\[([a-z-]+)\]: ", re.MULTILINE)
_BESIDE = {"too-many": {"unknown-field"}, "ambiguous-agent": {"declared-twice"}}
"""What a wrong example cannot help giving beside its own code."""

_OURS = {"format-bug"}
"""What only a mistake of this program can give: there is no example."""

RUN = {code: story for code, story in STORIES.items() if code not in _OURS}


def test_every_code_has_a_story_and_every_story_a_code() -> None:
    """What the source can say, `explain` can explain; and no story outlives its code."""
    emitted = emitted_codes()
    assert {code: files for code, files in emitted.items() if code not in STORIES} == {}
    assert sorted(set(STORIES) - set(emitted)) == []


def test_the_codes_are_read_from_the_source() -> None:
    """The search finds codes in every way of writing one: direct, by constant, by helper."""
    assert {"no-section", "not-supported-yet", "merge-key", "plain-secret"} <= set(emitted_codes())


@pytest.mark.parametrize("story", RUN.values(), ids=RUN)
def test_a_wrong_example_gives_its_code_and_the_right_one_does_not(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The example is loaded with the real kinds: wrong gives this code alone, right gives none."""
    told = _run(story.wrong, tmp_path / "wrong", monkeypatch)
    assert story.code in told
    assert told - {story.code} == _BESIDE.get(story.code, set())
    assert _run(story.right, tmp_path / "right", monkeypatch) == set()


@pytest.mark.parametrize("story", RUN.values(), ids=RUN)
def test_a_wrong_example_is_told_word_for_word(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Message, line, caret and way out of every code. `python -m tests.support.told` writes them."""
    monkeypatch.chdir(tmp_path)
    assert told(story) == recorded()[story.code]


def _run(example: Example, folder: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The codes that the example's command tells."""
    folder.mkdir()
    monkeypatch.chdir(folder)
    ran = run_example(example)
    codes = set(_TOLD.findall(ran.out + ran.err))
    assert codes or ran.code in {0, 7}, ran.out + ran.err
    return codes


@pytest.mark.parametrize("story", (ALL := {**STORIES, **PLAN_CODES}).values(), ids=ALL)
def test_a_story_reads_well(story: Story) -> None:
    """A summary is a short line, the rest whole sentences, and lines fit a terminal."""
    assert len(story.summary) <= 70
    assert story.summary[0].isupper()
    assert not story.summary.endswith(".")
    for text in (story.means, story.why):
        assert text.endswith(".")
        assert text == text.strip()
    text = story_text(story)
    assert text.startswith(f"{story.code}: ")
    prose = text.partition("\nWrong:")[0]
    assert max(map(len, prose.splitlines())) <= 80
    assert all(char == "\n" or char.isprintable() for char in text)


def test_a_story_as_text_and_as_markdown() -> None:
    """Both forms hold what it means, why, and both examples with their commands."""
    story = STORIES["unknown-field"]
    text, markdown = story_text(story), story_markdown(story)
    for part in ("memmory: 2048", "\n    $ reconcile validate manifests\n", "Why: A typing"):
        assert part in text
    assert markdown.count("```yaml\n# manifests/agent.yaml\napiVersion:") == 2
    assert "\n$ reconcile validate manifests\n```" in markdown


def test_a_long_example_is_cut() -> None:
    """A file of a thousand lines shows its beginning and how much more there is."""
    text = story_text(STORIES["too-many"])
    assert "    # (997 more lines)\n" in text
    assert len(text.splitlines()) < 60
    assert max(map(len, story_text(STORIES["too-large"]).splitlines())) < 150
