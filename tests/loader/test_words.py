"""Which name was probably meant."""

import pytest

from reconciler.loader.words import did_you_mean, nearest

KNOWN = ("environmentVariables", "containerConfiguration", "codeConfiguration", "cpu", "port")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("cpus", "cpu"),
        ("CPU", "cpu"),
        ("cup", "cpu"),
        ("environment_variables", "environmentVariables"),
        ("env", "environmentVariables"),
        ("container", "containerConfiguration"),
        ("codeConfig", "codeConfiguration"),
    ],
)
def test_a_near_name_is_guessed(name: str, meant: str) -> None:
    """Another case, a letter more, or the beginning of one known name."""
    assert did_you_mean(name, KNOWN) == f'did you mean "{meant}"?'


@pytest.mark.parametrize("name", ["c", "co", "en", "zzz", "", "x" * 100])
def test_a_far_name_is_not(name: str) -> None:
    """What could be anything gets no guess, and a beginning of two letters is none."""
    assert did_you_mean(name, KNOWN) == ""


def test_a_beginning_that_several_names_share_is_not_guessed() -> None:
    """`con` could be either of two: a guess would send half of its readers astray."""
    assert did_you_mean("con", ("containerConfiguration", "connectTimeout")) == ""


def test_a_mere_beginning_is_not_near() -> None:
    """Where any name may stand, a beginning is no sign of a mistake."""
    assert nearest("env", KNOWN) is None
