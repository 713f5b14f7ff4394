"""What is no YAML, and what of YAML is not taken."""

from typing import Final

from reconciler.report.story import RUNTIME, Example, File, Story, manifest, runtime

STORIES: Final = (
    Story(
        code="syntax",
        summary="The file is not YAML (or JSON)",
        means="The text cannot be read at this place: something is not closed, not indented as the "
        "lines around it, or stands where nothing can stand. What came before it in the file was "
        "checked all the same; what comes after it is unknown.",
        why="A guess at what was meant could change an agent in the cloud.",
        wrong=runtime("cpu: 2\nmemory: [2048\n"),
        right=runtime("cpu: 2\nmemory: 2048\n"),
    ),
    Story(
        code="duplicate-key",
        summary="A key is written twice in one mapping",
        means="One mapping has the same key twice. Most YAML readers take the last one and say "
        "nothing.",
        why="One of the two values would be lost, and nobody would see which.",
        wrong=runtime("cpu: 2\nmemory: 2048\ncpu: 4\n"),
        right=runtime("cpu: 4\nmemory: 2048\n"),
    ),
    Story(
        code="key-type",
        summary="A key is not a string",
        means="YAML reads an unquoted `80`, `true` or `null` as a number, a boolean or nothing, as "
        "a key too. Here every key is a name.",
        why="JSON, which is what the clouds speak, has only names as keys.",
        wrong=runtime("environmentVariables:\n  80: web\n"),
        right=runtime('environmentVariables:\n  "80": web\n'),
    ),
    Story(
        code="merge-key",
        summary="A YAML merge key (`<<`) is used",
        means="`<<: *name` is an addition of YAML 1.1 that YAML 1.2 no longer has. Anchors and "
        "aliases are taken, merging mappings through them is not.",
        why="Tools disagree on what a merge key does, and the reader of a diff would have to "
        "merge in the head. Overlays are the way to share settings between agents and targets.",
        wrong=runtime(
            "environmentVariables: &common {LOG_LEVEL: info}\n"
            "healthCheckConfiguration:\n  <<: *common\n"
        ),
        right=runtime("environmentVariables: {LOG_LEVEL: info}\n"),
    ),
    Story(
        code="alias",
        summary="An alias repeats an anchor that is not there",
        means="`*name` repeats the value that `&name` marks. The mark has to stand above it, in "
        "the same document.",
        why="There is no value to put in its place.",
        wrong=runtime("description: *about\n"),
        right=runtime("description: &about Answers\nenvironmentVariables: {ABOUT: *about}\n"),
    ),
    Story(
        code="tag",
        summary="A YAML tag is used that is not taken",
        means="A tag such as `!Ref` or `!!timestamp` asks the reader to build something other than "
        "text, numbers, booleans, null, lists and mappings.",
        why="A manifest becomes JSON, which has nothing else; and a tag can ask a reader to run "
        "code.",
        wrong=runtime("description: !Ref about\n"),
        right=runtime("description: about\n"),
    ),
    Story(
        code="scalar",
        summary="A value has the form of a number or a tag, and is none",
        means="An unquoted value looks like a number that cannot be held (`1e999`), or its tag "
        "says a type that it has not (`!!int two`).",
        why="Another program would read it as something else than you meant.",
        wrong=runtime("cpu: 1e999\n"),
        right=runtime("cpu: 16\n"),
    ),
    Story(
        code="character",
        summary="A character that cannot stand in a file",
        means="The file holds a control character, or half of a character that JSON writes as two "
        "escapes.",
        why="YAML does not allow it, it cannot be seen, and on a terminal it could act.",
        wrong=runtime('description: "ring\x07"\n'),
        right=runtime('description: "ring\\x07"\n'),
    ),
    Story(
        code="encoding",
        summary="The file is not UTF-8",
        means="Files are read as UTF-8. This one has bytes that are no UTF-8, so it was probably "
        "saved in another encoding (GB18030, UTF-16, Windows-1252).",
        why="Read with the wrong encoding a Chinese prompt becomes noise, and would be sent.",
        wrong=Example(
            (File("manifests/agent.yaml", RUNTIME + "spec: {description: 客服}\n", "gb18030"),)
        ),
        right=manifest(RUNTIME + "spec: {description: 客服}\n"),
    ),
)
