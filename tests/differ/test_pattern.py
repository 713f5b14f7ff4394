"""Patterns over paths: one star for a part of a token, two for any depth."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.differ.pattern import literal, parse_pattern, reaches, step
from reconciler.model.tree import escape, tokens
from tests.support.ignoring import rules


def ignored(pattern: str, path: str) -> bool:
    """Whether the pattern reaches this path: itself, or something around it."""
    reach = reaches(rules(pattern))
    for token in tokens(path):
        reach, hit = step(reach, token)
        if hit is not None:
            return True
    return False


MATCHES = [
    ("/cpu", "/cpu"),
    ("/a", "/a/b/c"),
    ("/a/*", "/a/b"),
    ("/*/*", "/a/b"),
    ("/a/*/c", "/a/b/c"),
    ("/a/*/c", "/a/0/c"),
    ("/environmentVariables/FC_*", "/environmentVariables/FC_REGION"),
    ("/environmentVariables/FC_*", "/environmentVariables/FC_"),
    ("/e/*_URL", "/e/ORDERS_URL"),
    ("/e/A*B*C", "/e/AxxBxxC"),
    ("/e/A*B*C", "/e/ABC"),
    ("/**/enableTLS", "/enableTLS"),
    ("/**/enableTLS", "/nasConfig/mountPoints/0/enableTLS"),
    ("/a/**", "/a/b/c"),
    ("/a/**", "/a"),
    ("/a/**/z", "/a/z"),
    ("/a/**/b/**/z", "/a/x/b/y/y/z"),
    ("/a~1b", "/a~1b"),
    ("/a~0b", "/a~0b"),
    ("/a~2b", "/a*b"),
]
MISSES = [
    ("/cpu", "/cpus"),
    ("/a/*", "/a"),
    ("/a/*/c", "/a/b/x/c"),
    ("/environmentVariables/FC_*", "/environmentVariables/XFC_A"),
    ("/e/A*A", "/e/A"),
    ("/e/A*B*C", "/e/ACB"),
    ("/e/*ab*b", "/e/ab"),
    ("/**/enableTLS", "/nasConfig/enableTLS2"),
    ("/a/**/b/**/z", "/a/x/y/z"),
    ("/a~2b", "/axb"),
    ("/a/b", "/a~1b"),
]


@pytest.mark.parametrize(("pattern", "path"), MATCHES)
def test_a_pattern_reaches(pattern: str, path: str) -> None:
    """Each of these is ignored: what is meant, and all below it."""
    assert ignored(pattern, path)


@pytest.mark.parametrize(("pattern", "path"), MISSES)
def test_a_pattern_does_not_reach(pattern: str, path: str) -> None:
    """A star stays in its token, and a name is meant whole."""
    assert not ignored(pattern, path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cpu",
        "$.cpu",
        "/",
        "/**",
        "/**/**",
        "/*",
        "/*/**",
        "/**/*",
        "/a/",
        "/a**",
        "/a~3b",
        "/~",
    ],
)
def test_what_is_no_pattern_is_refused(text: str) -> None:
    """No slash at the start or one too many at the end, no everything, no unknown escape."""
    with pytest.raises(ValueError, match=r"\w"):
        parse_pattern(text)


@given(st.lists(st.text("ab*~/.", min_size=1, max_size=4), min_size=1, max_size=4))
def test_the_literal_pattern_means_its_path_alone(names: list[str]) -> None:
    """Any path can be ignored as it stands, stars, slashes and tildes in its names included."""
    path = "".join(f"/{escape(name)}" for name in names)
    assert ignored(literal(path), path)
    assert not ignored(literal(path), path + "x")


def test_a_member_without_a_name_is_ignored_with_what_is_around_it() -> None:
    """A slash at the end is refused as one too many, so the rule to paste has none."""
    assert literal("/environmentVariables/") == "/environmentVariables"
    assert ignored(literal("/environmentVariables/"), "/environmentVariables/")
    assert ignored(literal("/a//b"), "/a//b")


@given(
    st.lists(st.sampled_from(["a", "b", "*", "**", "a*", "*b"]), min_size=1, max_size=5),
    st.lists(st.sampled_from(["a", "b", "ab", "aab"]), min_size=1, max_size=5),
)
def test_patterns_mean_what_an_expression_means(pattern: list[str], path: list[str]) -> None:
    """The same as the obvious regular expression, for every combination."""
    if set(pattern) <= {"*", "**"} and pattern.count("*") <= 1:
        return
    expression = "".join(
        "(?:/[^/]+)*" if token == "**" else "/" + token.replace("*", "[^/]*") for token in pattern
    )
    expected = re.match(f"{expression}(?:/|$)", "/" + "/".join(path)) is not None
    assert ignored("/" + "/".join(pattern), "/" + "/".join(path)) is expected


def test_no_pattern_tries_every_way() -> None:
    """Many stars against a long path end: with every way tried this would take for ever."""
    assert not ignored("/**/a" * 30 + "/z", "/a" * 200)
    assert not ignored("/" + "*a" * 200, "/" + "a" * 199 + "b")


WRONG = {
    "cpu": 'a path begins with "/", as in /environmentVariables/FC_*',
    "/a~3": 'after "~" stands 0, 1 or 2: ~0 is "~", ~1 is "/" and ~2 is "*"',
    "/*": "this path is every field: leave the agent out instead",
    "/a/": 'a path does not end in "/": a rule holds for all that is below, too',
    "/a**b": '"**" stands for any depth and fills its place between two "/" alone',
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_pattern_is_told_what_is_wrong_with_it(text: str) -> None:
    """In one sentence, with the way out."""
    with pytest.raises(ValueError, match="^" + re.escape(WRONG[text]) + "$"):
        parse_pattern(text)


def test_a_pointer_is_taken_to_the_letter() -> None:
    """Its stars are stars; only slashes at its end go."""
    assert literal("/X*/aX//") == "/X~2/aX"
