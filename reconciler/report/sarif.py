"""Problems as SARIF 2.1.0, which code scanning services and editors read.

Each code that occurs is a rule with its story. Results keep their identity when lines move: their
fingerprint is made of the code, the file and the text of the line.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from reconciler.report.location import Located
from reconciler.report.plain import plain
from reconciler.report.story import Story
from reconciler.report.storytext import story_markdown, story_text

SARIF_VERSION: Final = "2.1.0"
_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT: Final = "%SRCROOT%"
_FINGERPRINT: Final = "reconcileProblem/v1"


def sarif_document(
    located: Sequence[Located], stories: Mapping[str, Story], *, version: str
) -> dict[str, Any]:
    """The log of one run. `version` is the program's."""
    codes = sorted({one.problem.code for one in located})
    prints = Counter[str]()
    return {
        "$schema": _SCHEMA,
        "version": SARIF_VERSION,
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "reconcile",
                        "version": version,
                        "semanticVersion": version,
                        "rules": [_rule(code, stories.get(code)) for code in codes],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {
                    _ROOT: {"description": {"text": "The root of the repository."}}
                },
                "results": [_result(one, codes, prints) for one in located],
            }
        ],
    }


def _rule(code: str, story: Story | None) -> dict[str, Any]:
    if story is None:
        return {"id": code}
    return {
        "id": code,
        "shortDescription": {"text": f"{story.summary}."},
        "fullDescription": {"text": f"{story.means} {story.why}".replace("\n\n", " ")},
        "help": {"text": story_text(story), "markdown": story_markdown(story)},
    }


def _result(one: Located, codes: Sequence[str], prints: Counter[str]) -> dict[str, Any]:
    problem = one.problem
    result: dict[str, Any] = {
        "ruleId": problem.code,
        "ruleIndex": codes.index(problem.code),
        "level": one.level,
        "message": {"text": _message(one)},
        "partialFingerprints": {_FINGERPRINT: _fingerprint(one, prints)},
    }
    if one.path is not None:
        result["locations"] = [{"physicalLocation": _location(one, one.path)}]
    return result


def _message(one: Located) -> str:
    """What is wrong and the way out. Nothing in it becomes a link: `](` would begin one."""
    problem = one.problem
    where = f"{problem.place.file}: " if one.path is None else ""
    lines = [f"{where}{problem.text}", *([f"help: {problem.help}"] if problem.help else [])]
    return plain("\n".join(lines), lines=True).replace("](", "] (")


def _location(one: Located, path: str) -> dict[str, Any]:
    uri = quote(path, safe="/", errors="replace")
    artifact = {"uri": f"file://{uri}"} if one.outside else {"uri": uri, "uriBaseId": _ROOT}
    place = one.problem.place
    return {
        "artifactLocation": artifact,
        "region": {
            "startLine": place.line,
            "startColumn": place.column,
            "endColumn": one.end_column,
        },
    }


def _fingerprint(one: Located, prints: Counter[str]) -> str:
    """The same for the same mistake on another line; equal ones of one file are counted."""
    problem = one.problem
    start = problem.place.column - 1 - problem.before
    said: Iterable[str] = (one.identity or problem.text,)
    if problem.excerpt:
        said = (problem.excerpt.strip(), problem.excerpt[start : start + problem.length])
    whole = "\0".join((problem.code, one.path or problem.place.file, *said))
    digest = hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    prints[digest] += 1
    return f"{digest}:{prints[digest]}"
