"""How mutants are drawn and counted."""

from collections import Counter

from tests.mutation.score import Score, Status, drawn, module_of, parse, scores

PRINTED = """
    reconciler.differ.a.x_f__mutmut_1: killed
    reconciler.differ.a.x_f__mutmut_2: survived
    reconciler.differ.a.x_f__mutmut_3: timeout
    reconciler.applier.b.xǁCǁg__mutmut_1: no tests
"""


def test_what_runs_for_ever_is_noticed_and_what_nothing_reaches_is_not() -> None:
    """Each room has its own score; one without mutants misses nothing."""
    assert scores(parse(PRINTED)) == {"differ": Score(2, 3), "applier": Score(0, 1)}
    assert str(Score(2, 3)) == "2 of 3 noticed, 66.7 %"
    assert scores({})["differ"].share == 1.0


def test_every_file_has_its_share_of_a_sample() -> None:
    """At least a few of each; the same seed draws the same, another one others."""
    sizes = {"small": 4, "middle": 100, "large": 900}
    mutants = {
        f"reconciler.differ.{name}.x_f__mutmut_{number}": Status.NOT_CHECKED
        for name, size in sizes.items()
        for number in range(size)
    }
    names = drawn(mutants, 100, 7)
    assert Counter(module_of(name).rpartition(".")[2] for name in names) == {
        "small": 4,
        "middle": 10,
        "large": 90,
    }
    assert len(set(names)) == len(names)
    assert drawn(dict(reversed(mutants.items())), 100, 7) == names
    assert drawn(mutants, 100, 8) != names
