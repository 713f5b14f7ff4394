"""The form of manifests: what is moved, what is spaced, and what is never touched."""

from textwrap import dedent

import pytest

from reconciler.loader.format import formatted as module
from reconciler.loader.format.formatted import NotTheSame, formatted
from tests.support.loader import HEAD


def form(text: str) -> str:
    """The formatted text, which formatting leaves as it is."""
    result = formatted(text)
    assert formatted(result) == result
    return result


def becomes(before: str, after: str) -> bool:
    return form(dedent(before)) == dedent(after)


def test_members_that_every_manifest_has_come_in_one_order() -> None:
    """apiVersion, kind, metadata with its name first, spec, rollout; then what else there is."""
    assert becomes(
        """\
        rollout: {timeout: 10m}
        other: x
        spec:
          port: 1
          cpu: 2
        metadata:
          complete: true
          labels: {b: c, a: d}
          name: bot
        kind: Agent
        apiVersion: v1
        """,
        """\
        apiVersion: v1
        kind: Agent
        metadata:
          name: bot
          labels: {b: c, a: d}
          complete: true
        spec:
          port: 1
          cpu: 2
        rollout: {timeout: 10m}
        other: x
        """,
    )


def test_the_order_of_an_encrypted_file_stays() -> None:
    """What sops signs is the values in their order: in another one it would not decrypt them."""
    text = "targets: ENC[x]\nkind: ENC[y]\napiVersion: ENC[z]\nsops: {mac: m}\n"
    assert form(text) == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("ops: []\ntarget: {}\nkind: JSONPatch\n", "kind: JSONPatch\ntarget: {}\nops: []\n"),
        ("owner: x\ntargets: {}\ndefaultTarget: a\n", "defaultTarget: a\ntargets: {}\nowner: x\n"),
        ("{spec: {}, kind: Agent}\n", "{kind: Agent, spec: {}}\n"),
        (
            "kind: A\nmetadata: {labels: {}, name: b, }\n",
            "kind: A\nmetadata: {name: b, labels: {},}\n",
        ),
    ],
)
def test_patches_configurations_and_brackets_have_their_order_too(before: str, after: str) -> None:
    """A JSONPatch is kind, target, ops; a configuration begins with its targets."""
    assert form(before) == after


@pytest.mark.parametrize(
    "text",
    [
        "spec: 1\nmetadata: 2\n",
        "- kind: x\n  apiVersion: y\n",
        "spec: {kind: a, apiVersion: b}\nother: c\n",
        "kind: Agent\nmetadata: {\n    labels: {},\n    name: b,\n  }\n",
        "spec:\n  kind: a\n  apiVersion: b\n",
    ],
)
def test_what_is_no_manifest_keeps_its_order(text: str) -> None:
    """Order is for manifests, patches and configurations; brackets of several lines are left."""
    assert form(text) == text


def test_an_alias_never_comes_before_its_anchor() -> None:
    """Where a move would turn the two round the order is left alone, and only there."""
    stays = "spec: &a {x: 1}\nmetadata: *a\nkind: Agent\n"
    assert form(stays) == stays
    again = "kind: &a A\nspec: *a\nmetadata: {name: &a b}\n"
    assert form(again) == again
    assert form("metadata: &a {}\nspec: *a\nkind: B\n") == "kind: B\nmetadata: &a {}\nspec: *a\n"


def test_comments_go_with_what_they_were_written_for() -> None:
    """Above a key, beside it and at the end of a mapping; a header stays at the top."""
    assert becomes(
        """\
        # A header.

        # about the kind
        kind: Agent # one
        # about the spec
        spec:
            cpu: 2
            # the end of spec
        # about the metadata

        # in two parts
        metadata:
            labels: {} # none
            # the name
            name: bot
            # the end of metadata
        # the end of all
        """,
        """\
        # A header.

        # about the kind
        kind: Agent  # one
        # about the metadata

        # in two parts
        metadata:
          # the name
          name: bot
          labels: {}  # none
          # the end of metadata
        # about the spec
        spec:
          cpu: 2
          # the end of spec
        # the end of all
        """,
    )


@pytest.mark.parametrize(
    "top",
    [
        "# yaml-language-server: $schema=x.json\n",
        "# vim: ts=2\n",
        "# Copyright 2026 Someone\n# All rights reserved.\n",
        "# SPDX-License-Identifier: MIT\n",
        "#!/usr/bin/env reconcile\n",
        "# a header\n\n",
    ],
)
def test_lines_for_editors_and_lawyers_stay_at_the_top(top: str) -> None:
    """They need no empty line below them to be known."""
    assert form(f"{top}spec: {{}}\nkind: A\n") == f"{top}kind: A\nspec: {{}}\n"


def test_a_comment_below_the_line_for_editors_goes_with_its_key() -> None:
    """The line itself stays first."""
    line = "# yaml-language-server: $schema=x.json\n"
    assert form(f"{line}# spec\nspec: 1\nkind: A\n") == f"{line}kind: A\n# spec\nspec: 1\n"


def test_collections_are_indented_by_two_and_lists_below_their_key() -> None:
    """Whatever the columns were, also for lists that stood in the column of their key."""
    assert becomes(
        """\
        a:
        - b
        -   c:  1
            d: [ x,y ]
        -
              - - e
                -   f
        g:
             h:   { i : 1,j: [ ] }
        ? k
        :    l
        """,
        """\
        a:
          - b
          - c: 1
            d: [x, y]
          -
            - - e
              - f
        g:
          h: {i: 1, j: []}
        ? k
        : l
        """,
    )


def test_brackets_of_several_lines_keep_their_lines() -> None:
    """They stand right of their key, as YAML 1.2 demands; nothing is broken or joined."""
    assert becomes(
        """\
        a: [
        b, c,   # two

          # one
         {d: 1,
             e: 2}
        ]
        f:
            {g: "x
         y"}
        """,
        """\
        a: [
            b, c,  # two

            # one
            {d: 1,
              e: 2}
          ]
        f:
          {g: "x
            y"}
        """,
    )


def test_a_comment_that_goes_on_below_a_trailing_one_stays_with_it() -> None:
    """Two lines of one trailing comment keep one column."""
    assert becomes(
        """\
        a: 1      # one
                  # and more
        # two
        b: 2
        """,
        """\
        a: 1  # one
              # and more
        # two
        b: 2
        """,
    )


def test_comments_below_a_key_without_a_value_stay_below_it() -> None:
    """What was commented out doesn't wander to the next key."""
    assert becomes(
        """\
        env:
            # A: 1
        # about cpu
        cpu: 2
        """,
        """\
        env:
          # A: 1
        # about cpu
        cpu: 2
        """,
    )


def test_empty_lines_are_one_at_most_and_none_where_something_begins() -> None:
    """Nor are there blanks at ends of lines, or more than one line feed at the end."""
    before = "\n\na:   \n\n\n  # c  \n\n\n  b: 1\n\n\n\nc: [\n\n  1,\n\n\n  2\n\n]\n\n\n"
    assert form(before) == "a:\n  # c\n\n  b: 1\n\nc: [\n    1,\n\n    2\n  ]\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("\n \n", ""),
        ("# only this", "# only this\n"),
        ("---\na: 1\n", "a: 1\n"),
        ("---  # x\na: 1\n", "# x\na: 1\n"),
        ("# x\n---\n# y\na: 1\n", "# x\n\n# y\na: 1\n"),
        ("a: 1\n\n---\n\n\nb: 2\n---\n---\nc: 3\n---\n", "a: 1\n---\nb: 2\n---\nc: 3\n"),
        ("a: 1\n--- # x\nb: 2\n", "a: 1\n---  # x\nb: 2\n"),
        ("a: 1\n--- {b: 2}\n", "a: 1\n---\n{b: 2}\n"),
        ("a: 1\n...\n# x\n---\nb: 2\n...\n", "a: 1\n---\n# x\nb: 2\n"),
        ("a: 1\n...\nb: 2\n", "a: 1\n---\nb: 2\n"),
        ("a: 1\n---\n# no value\n---\nb: 2\n", "a: 1\n---\n# no value\n---\nb: 2\n"),
        ("%YAML 1.2\n---\na: 1\n...\n%YAML 1.2\n--- # x\nb: 2\n", None),
    ],
)
def test_documents_are_separated_by_one_line(before: str, after: str | None) -> None:
    """None stands before the first, and `...` only where a directive needs it."""
    expected = before.replace("--- # x", "---  # x") if after is None else after
    assert form(before) == expected


@pytest.mark.parametrize("header", ["|", "|-", "|+", ">", ">-", ">+", "|2", "|2-", ">+2"])
def test_block_scalars_move_as_they_are(header: str) -> None:
    """The text, its inner columns, its form and what it keeps of empty lines stay."""
    before = f"a:\n      b: {header}   # why\n        one\n          two  \n\n\n      c: d\n"
    kept = "\n\n" if "+" in header else "\n"
    assert form(before) == f"a:\n  b: {header}  # why\n    one\n      two  \n{kept}  c: d\n"


def test_a_block_scalar_that_nothing_ends_gets_a_line_feed_and_refuses_it() -> None:
    """The file ends with a line feed then, the value still without one."""
    for mark in ("", "-", "+"):
        assert form(f"a: |{mark}\n  b") == "a: |-\n  b\n"
    assert form("a: |+\n  b\n\n\n") == "a: |+\n  b\n\n\n"


def test_long_texts_keep_their_lines_and_their_quotes() -> None:
    """Only the columns of lines below the first change, and blanks at their ends go."""
    assert becomes(
        """\
        a: 'it''s
              one  \n
              text'
        b: some
               words
        c: "one \\
                  two\\ \n\
                three"
        d:
              "below"
        """,
        """\
        a: 'it''s
          one

          text'
        b: some
          words
        c: "one \\
          two\\ \n\
          three"
        d:
          "below"
        """,
    )


@pytest.mark.parametrize(
    "text",
    [
        "a: &x !!str b\nc: *x\n*x : d\n",
        "a: &x\n  b: 1\nc: &y\nd: !!null\n",
        "- &x\n- *x\n- ! e\n- !!str &a f\n- &b ! g\n- !!map &c\n  h: ! &d i\n",
        '{"a": b, c: , d: &x , e: !!str }\n',
        "a: 你好  # 世界\nb: 🙂\n",
        "a: x\u2028y\x85z\n",
        "a: --- b\nc: '...'\n",
        "? a\n? b\n",
    ],
)
def test_odd_but_tidy_texts_are_left_as_they_are(text: str) -> None:
    """Anchors, aliases, tags, values left out, characters of every width."""
    assert form(text) == text


def test_line_ends_become_line_feeds() -> None:
    """Of all kinds that YAML has."""
    assert form("a: 1\r\nb: |\r\n  c\r\n") == "a: 1\nb: |\n  c\n"
    assert form("a: 1\rb: 2") == "a: 1\nb: 2\n"


def test_a_text_that_would_be_taken_for_a_separator_stays_where_it_is() -> None:
    """` --- a: b` holds a key in its second column; in the first it would be something else."""
    for text in (" --- a:   b\n", "---  --- a\n", "---\n \ufeffa:   b\n"):
        assert form(text) == text
    assert form("---\n&a   --- b\n") == "&a --- b\n"


def test_a_long_line_is_formatted_in_one_pass() -> None:
    """Twenty thousand members between two brackets take as many steps, not their square."""
    members = [f"k{number}: {number}" for number in range(20_000)]
    assert formatted("{" + ",".join(members) + "}") == "{" + ", ".join(members) + "}\n"


def test_nesting_up_to_the_bound_is_formatted() -> None:
    """A hundred levels are no more than the loader takes."""
    deep = "".join(f"{' ' * level}a:\n" for level in range(100))
    assert form(deep) == "".join(f"{'  ' * level}a:\n" for level in range(100))
    assert form("[" * 100 + " 1 " + "]" * 100) == "[" * 100 + "1" + "]" * 100 + "\n"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("apiVersion: other\n", "a value would change"),
        ("apiVersion: [\n", "it could not be read again"),
        (f"{HEAD}# new\n", "a comment would change"),
        (HEAD.replace("name: a", "name: b"), "a value would change"),
    ],
)
def test_a_text_that_says_something_else_is_never_handed_back(
    wrong: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should formatting have a bug, it is told with its place."""
    monkeypatch.setattr(module, "printed", lambda tokens: wrong)
    with pytest.raises(NotTheSame, match=why) as caught:
        formatted(HEAD)
    assert caught.value.line in {1, 3}
