"""SARIF and GitHub annotations of problems: valid for their readers, and nothing in them is active."""

import json
import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from reconciler.model.errors import Problem
from reconciler.model.manifest import Place
from reconciler.report.github import render_github
from reconciler.report.json import dumps
from reconciler.report.location import Located
from reconciler.report.sarif import sarif_document
from reconciler.report.stories import STORIES

SCHEMA: Final = Path(__file__).parents[1] / "support" / "schemas" / "sarif-2.1.0.json"
VALIDATOR: Final = Draft4Validator(
    json.loads(SCHEMA.read_text("utf-8")), format_checker=Draft4Validator.FORMAT_CHECKER
)


def _located(
    text: str = "a problem",
    *,
    path: str | None = "manifests/agent.yaml",
    line: int = 3,
    column: int = 5,
    code: str = "unknown-field",
    excerpt: str = "    memmory: 1",
    help_text: str = "",
    warning: bool = False,
) -> Located:
    place = Place(path or "--target", line, column)
    return Located(Problem(place, code, text, help_text, 7, excerpt, warning), path)


def _sarif(*located: Located) -> Any:
    return json.loads(dumps(sarif_document(located, STORIES, version="1.2.3")))


def _results(*located: Located) -> Any:
    return _sarif(*located)["runs"][0]["results"]


def test_a_result_has_its_rule_its_region_and_its_way_out() -> None:
    """Code, level, message with help, and a region in code points."""
    document = _sarif(_located("not a field", help_text='did you mean "memory"?'))
    VALIDATOR.validate(document)
    (run,) = document["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert (run["tool"]["driver"]["name"], run["tool"]["driver"]["version"]) == (
        "reconcile",
        "1.2.3",
    )
    (result,) = run["results"]
    assert (result["ruleId"], result["ruleIndex"], result["level"]) == ("unknown-field", 0, "error")
    assert result["message"]["text"] == 'not a field\nhelp: did you mean "memory"?'
    location = result["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == {"uri": "manifests/agent.yaml", "uriBaseId": "%SRCROOT%"}
    assert location["region"] == {"startLine": 3, "startColumn": 5, "endColumn": 12}


def test_each_code_that_occurs_is_a_rule_with_its_story() -> None:
    """Rules are sorted, each once, and hold the same story as `explain`."""
    document = _sarif(_located(code="tag"), _located(code="alias"), _located(code="tag"))
    rules = document["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["alias", "tag"]
    assert [one["ruleIndex"] for one in document["runs"][0]["results"]] == [1, 0, 1]
    for rule in rules:
        story = STORIES[rule["id"]]
        assert rule["shortDescription"]["text"] == f"{story.summary}."
        assert story.means.split("\n\n", maxsplit=1)[0] in rule["fullDescription"]["text"]
        assert "```yaml" in rule["help"]["markdown"]
        assert "```" not in rule["help"]["text"]


def test_every_story_makes_a_valid_rule() -> None:
    """The log that holds a problem of each code is valid."""
    document = _sarif(*(_located(code=code) for code in STORIES))
    VALIDATOR.validate(document)
    assert len(document["runs"][0]["tool"]["driver"]["rules"]) == len(STORIES)


def test_a_run_without_problems_is_a_valid_log() -> None:
    """An empty list of results closes what an earlier run reported."""
    document = _sarif()
    VALIDATOR.validate(document)
    assert document["runs"][0]["results"] == []


def test_the_command_line_has_no_location() -> None:
    """What stands in no file is named in the message, not as a file."""
    result = _results(_located("no target", path=None, excerpt=""))[0]
    assert "locations" not in result
    assert result["message"]["text"] == "--target: no target"


def test_paths_become_addresses() -> None:
    """A path is percent-encoded; a file outside of the repository has its whole address."""
    (one, other) = _results(_located(path="设计/a b:c%.yaml"), _located(path="/srv/x y.yaml"))
    artifacts = [
        result["locations"][0]["physicalLocation"]["artifactLocation"] for result in (one, other)
    ]
    assert artifacts[0]["uri"] == "%E8%AE%BE%E8%AE%A1/a%20b%3Ac%25.yaml"
    assert artifacts[1] == {"uri": "file:///srv/x%20y.yaml"}


def test_a_fingerprint_survives_lines_that_move() -> None:
    """The same mistake further down or further in is the same result; another one is not."""
    prints = [
        next(iter(_results(one)[0]["partialFingerprints"].values()))
        for one in (
            _located(),
            _located(line=90),
            _located(column=3, excerpt="  memmory: 1"),
            _located(path="manifests/other.yaml"),
            _located(code="tag"),
            _located(excerpt="    memmory: 2"),
        )
    ]
    assert prints[0] == prints[1] == prints[2]
    assert len(set(prints)) == 4


def test_equal_lines_of_one_file_have_fingerprints_of_their_own() -> None:
    """The second of two equal mistakes is counted as the second."""
    prints = [
        next(iter(result["partialFingerprints"].values()))
        for result in _results(_located(line=3), _located(line=9))
    ]
    assert prints[0].endswith(":1")
    assert prints[1] == prints[0][:-1] + "2"


def test_no_text_of_a_manifest_becomes_a_link() -> None:
    """SARIF readers make links of `[text](address)`: a message has none."""
    result = _results(_located('"[click](https://evil.example)" is not a field'))[0]
    assert "](" not in result["message"]["text"]
    assert "[click] (https://evil.example)" in result["message"]["text"]


def test_an_annotation_is_one_line_with_its_place() -> None:
    """A problem is a workflow command with file, line, columns and title; help in a line below."""
    text = render_github([_located("not a field", help_text="say memory")])
    assert text == (
        "::error file=manifests/agent.yaml,line=3,col=5,endColumn=12,title=unknown-field"
        "::not a field%0Ahelp: say memory\n"
    )


def test_a_warning_is_annotated_as_one() -> None:
    """A warning is a `::warning`; what stands in no file has no place."""
    text = render_github([_located("odd", path=None, warning=True, excerpt="")])
    assert text == "::warning title=unknown-field::--target: odd\n"


def test_nothing_in_a_manifest_begins_another_command() -> None:
    """Line breaks, percent signs and separators are escaped as the runner's toolkit does."""
    text = render_github(
        [_located("a\n::set-env name=X::y\r100%", path="a,line=1::b:c\n.yaml", help_text="\r\n::x")]
    )
    assert text == (
        "::error file=a%2Cline=1%3A%3Ab%3Ac%0A.yaml,line=3,col=5,endColumn=12,title=unknown-field"
        "::a%0A::set-env name=X::y\\r100%25%0Ahelp: \\r%0A::x\n"
    )


_TEXTS = st.text(max_size=60)
_PROBLEMS = st.builds(
    lambda text, help_text, path, line, column, excerpt, code, warning: _located(
        text,
        path=path,
        line=line,
        column=column,
        code=code,
        excerpt=excerpt,
        help_text=help_text,
        warning=warning,
    ),
    _TEXTS,
    _TEXTS,
    st.one_of(st.none(), st.text(min_size=1, max_size=30).map(lambda text: f"m/{text}")),
    st.integers(1, 10**6),
    st.integers(1, 10**4),
    _TEXTS,
    st.sampled_from([*STORIES, "new-code"]),
    st.booleans(),
)


@given(st.lists(_PROBLEMS, max_size=8))
def test_any_problems_make_a_valid_log(located: list[Located]) -> None:
    """Whatever a manifest holds, the log is valid SARIF and has a result for each problem."""
    document = _sarif(*located)
    VALIDATOR.validate(document)
    results = document["runs"][0]["results"]
    assert len(results) == len(located)
    for result, one in zip(results, located, strict=True):
        if one.path is not None and one.path.isprintable() and "\\" not in one.path:
            uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            assert unquote(uri) == one.path
            assert re.fullmatch(r"[A-Za-z0-9%/._~-]+", uri)


@given(st.lists(_PROBLEMS, max_size=8))
def test_any_problems_make_as_many_annotations(located: list[Located]) -> None:
    """Each problem is exactly one line, which begins as a command and holds nothing invisible."""
    text = render_github(located)
    lines = text.split("\n")
    assert lines.pop() == ""
    assert len(lines) == len(located)
    for line in lines:
        assert line.startswith(("::error ", "::warning "))
        assert len(text.splitlines()) == len(located)
