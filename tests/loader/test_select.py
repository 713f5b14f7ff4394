"""`-l` and `--name`: which of the manifests a run is about."""

from pathlib import Path

import pytest

from reconciler.loader.load import load
from reconciler.loader.selector import parse_selector
from reconciler.model.errors import InputError
from tests.support.loader import HEAD, KINDS

AGENTS = {
    "a": {"team": "support", "tier": "gold"},
    "b": {"team": "sales", "tier": "gold"},
    "c": {"team": "support"},
    "d": {},
}
SELECTORS = [
    ("team=support", "ac"),
    ("team==support", "ac"),
    ("team != support", "bd"),
    ("team in (support, sales)", "abc"),
    ("team in (sales)", "b"),
    ("team notin (support)", "bd"),
    ("tier", "ab"),
    ("!tier", "cd"),
    ("! tier,team", "c"),
    ("team=support,tier=gold", "a"),
    (" team = support , tier ", "a"),
    ("team=", ""),
    ("in=x", ""),
    ("team in (support),tier notin (silver),!gone", "ac"),
]
WRONG = [
    ("", 1),
    (",", 1),
    ("team=support,", 14),
    ("team=a b", 8),
    ("team in", 6),
    ("team in (a", 6),
    ("=x", 1),
    ("team>3", 5),
    ("team=(a)", 6),
    ("!team=a", 6),
]


def _folder(root: Path) -> Path:
    for name, labels in AGENTS.items():
        text = HEAD.replace("name: a", f"name: {name}, labels: {labels}") + "spec: {}\n"
        (root / f"{name}.yaml").write_text(text)
    return root


@pytest.mark.parametrize(("selector", "names"), SELECTORS)
def test_selectors_choose_as_kubectl_does(selector: str, names: str) -> None:
    """Equality, sets and existence choose the agents that kubectl would choose."""
    chosen = parse_selector(selector)
    assert "".join(name for name, labels in AGENTS.items() if chosen.matches(labels)) == names


@pytest.mark.parametrize(("selector", "column"), WRONG)
def test_a_selector_that_is_none_is_refused(selector: str, column: int) -> None:
    """What is no selector is an error that points at the column."""
    with pytest.raises(InputError) as caught:
        parse_selector(selector)
    (problem,) = caught.value.problems
    assert (problem.code, problem.place.column) == ("selector", column)


def test_names_and_labels_must_both_hold(tmp_path: Path) -> None:
    """`--name` and `-l` together narrow the choice; the order is that of the files."""
    folder = _folder(tmp_path)
    loaded = load([folder], kinds=KINDS, names=["c", "b", "a"], selector="team=support")
    assert [manifest.address.name for manifest in loaded.manifests] == ["a", "c"]


def test_an_unknown_name_is_an_error_with_a_suggestion(tmp_path: Path) -> None:
    """A name that no manifest has is told, with the one that was probably meant."""
    text = HEAD.replace("name: a", "name: customer-service") + "spec: {}\n"
    (tmp_path / "a.yaml").write_text(text)
    with pytest.raises(InputError) as caught:
        load([tmp_path], kinds=KINDS, names=["customer-servise", "zzz", "zzz"])
    assert [(problem.text, problem.help) for problem in caught.value.problems] == [
        ('no agent is called "customer-servise"', 'did you mean "customer-service"?'),
        ('no agent is called "zzz"', "there are customer-service"),
    ]


def test_labels_that_nothing_has_are_an_error(tmp_path: Path) -> None:
    """A selector that chooses nothing is told, so that a typing mistake is no silent success."""
    with pytest.raises(InputError, match="no agent has the labels"):
        load([_folder(tmp_path)], kinds=KINDS, selector="team=none")


@pytest.mark.parametrize(
    ("selector", "way_out"),
    [
        ("team=suport", 'did you mean "support"?'),
        ("teem=support", 'did you mean "team"?'),
        ("owner", 'there is no label "owner"; known are team and tier'),
        ("tier in (qqq,rrr)", 'tier is "gold"'),
        ("team=zzz", 'team is "sales" or "support"'),
        ("team=sales,!tier", "each of the conditions must hold for one agent"),
    ],
)
def test_labels_that_nothing_has_get_a_suggestion(
    tmp_path: Path, selector: str, way_out: str
) -> None:
    """The label or the value that was probably meant is named, or those that there are."""
    with pytest.raises(InputError) as caught:
        load([_folder(tmp_path)], kinds=KINDS, selector=selector)
    (problem,) = caught.value.problems
    assert (problem.code, problem.help) == ("nothing-selected", way_out)


def test_labels_are_asked_for_where_no_manifest_has_any(tmp_path: Path) -> None:
    """Without labels there is nothing that a selector could mean."""
    (tmp_path / "a.yaml").write_text(HEAD + "spec: {}\n")
    with pytest.raises(InputError) as caught:
        load([tmp_path], kinds=KINDS, selector="team=support")
    assert caught.value.problems[0].help == "no manifest has metadata.labels"


def test_files_that_were_not_chosen_are_checked_too(tmp_path: Path) -> None:
    """A mistake in an agent that was not chosen still stops the run."""
    folder = _folder(tmp_path)
    (folder / "z.yaml").write_text(HEAD.replace("name: a", "name: z") + "spec: {cpu: x}\n")
    with pytest.raises(InputError, match="1 problem in 1 file"):
        load([folder], kinds=KINDS, names=["a"])
