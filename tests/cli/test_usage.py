"""A wrong command line is told in one message with exit code 1, and a bug without a secret."""

import click
import pytest

from reconciler.cli.failures import tell_failure
from reconciler.cli.terminal import Terminal
from reconciler.model.errors import CredentialsMissing, GuardError, InputError, Problem, Refused
from reconciler.model.manifest import Place
from tests.support.cli import CANARY, Tty, place, run_cli


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["plna", "x"], 'error: there is no command "plna". Did you mean "plan"?'),
        (["plan"], "error: Missing argument 'PATH...'"),
        (["plan", "x", "--nope"], "error: No such option '--nope'"),
        (["plan", "x", "-o", "jsno"], 'error: -o: unknown format "jsno"'),
        (["apply", "x", "--max-change", "30"], "error: --max-change: a percentage is written"),
        (
            ["plan", "does-not-exist", "--target", "sandbox"],
            "does-not-exist:1:1: error[path]: does not exist",
        ),
        (["schema", "AgentRuntme"], 'did you mean "AgentRuntime"?'),
        (["sandbox", "set", "bot", "memory"], "error: write /json/pointer=value"),
        (["plan", "nothere"], "nothere:1:1: error[path]: does not exist\n1 problem in 1 file\n"),
        (["apply", "nothere"], "nothere:1:1: error[path]: does not exist\n1 problem in 1 file\n"),
        (["sandbox", "quirk", "name"], "error: write NAME=VALUE"),
        (
            ["sandbox", "quirk", "nope=1"],
            'error: there is no switch "nope"; `reconcile sandbox quirks` lists them\n',
        ),
        (
            ["sandbox", "quirk", "restart_second=1"],
            'error: there is no switch "restart_second"; did you mean "restart_seconds"? '
            "`reconcile sandbox quirks` lists them\n",
        ),
        (["sandbox", "serve", "--port", "0"], "error: Invalid value for '--port'"),
        (["plan", "x", "\x1b[31m\u202e", "--\x1b"], "error: No such option '--\\x1b'"),
    ],
)
def test_a_usage_error_is_exit_code_1_and_says_what_is_wrong(
    arguments: list[str], text: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is wrong with the command line: one clear message on standard error."""
    monkeypatch.chdir(str(tmp_path))
    ran = run_cli(*arguments)
    assert ran.code == 1
    assert text in ran.err
    assert "error" not in ran.out
    assert "\x1b" not in ran.err


def test_an_option_with_one_format_names_that_one() -> None:
    """`unlock` writes text alone, and its help is a sentence all the same."""
    for verb, formats in (("unlock", "text"), ("status", "text or json")):
        helped = " ".join(run_cli(verb, "--help").out.split())
        assert f"-o, --output FORMAT[=FILE] {formats}; may be given several times." in helped


def test_no_command_at_all_shows_the_help_as_an_error() -> None:
    """A script that calls the program by mistake without arguments does not go on."""
    ran = run_cli()
    assert ran.code == 1
    assert ran.err.startswith("Usage: reconcile")


def test_a_group_without_a_command_shows_its_help_as_an_error() -> None:
    """`reconcile sandbox` lists what can follow, as lines."""
    ran = run_cli("sandbox")
    assert ran.code == 1
    assert ran.err.startswith("Usage: reconcile sandbox")
    assert "\n  reset " in ran.err
    assert ran.out == ""


def tell(error: BaseException, *, verbose: bool = False) -> tuple[int, str]:
    screen = Tty()
    code = tell_failure(error, Terminal(screen, {}), verbose=verbose)
    return code, screen.getvalue()


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (InputError("bad"), 1, "error: bad\n"),
        (CredentialsMissing("set A"), 3, "error: set A\n"),
        (Refused("GetAgent", "no", status=400), 4, "error: GetAgent: no (HTTP 400)\n"),
        (GuardError("too many"), 7, "error: too many\n"),
        (KeyboardInterrupt(), 130, "\ninterrupted\n"),
        (click.Abort(), 130, "\ninterrupted\n"),
        (GuardError("a\x1b[31mb"), 7, "error: a\\u001b[31mb\n"),
    ],
)
def test_every_expected_error_has_its_code_and_one_line(
    error: BaseException, code: int, text: str
) -> None:
    """Errors of ours end with the code of their cause, interruptions with 130."""
    assert tell(error) == (code, text)
    assert tell(ExceptionGroup("tasks", [error]) if isinstance(error, Exception) else error) == (
        code,
        text,
    )


def test_a_page_long_answer_of_a_cloud_is_cut() -> None:
    """An error page is not printed whole."""
    code, text = tell(Refused("GetAgent", "x" * 5000))
    assert code == 4
    assert text.endswith("x… (4,410 more characters)\n")


def test_an_interruption_among_other_errors_decides() -> None:
    """When several tasks failed, an interruption goes first, then an error of ours."""
    group = BaseExceptionGroup("tasks", [ValueError("x"), GuardError("no"), KeyboardInterrupt()])
    assert tell(group)[0] == 130
    assert tell(ExceptionGroup("tasks", [ValueError("x"), GuardError("no")]))[0] == 7


def test_problems_are_told_with_their_place_and_counted() -> None:
    """Each problem in files stands with its place; warnings are not counted."""
    problems = [
        Problem(place(3, 5), "unknown-field", "unknown"),
        Problem(place(4, 1), "odd", "odd", warning=True),
    ]
    code, text = tell(InputError("2 problems", problems))
    assert code == 1
    assert "manifests/agents.yaml:3:5: error[unknown-field]: unknown" in text
    assert text.endswith("1 problem in 1 file\n")


def test_what_is_wrong_with_an_option_is_not_counted_as_a_file() -> None:
    """`--target prod` is one problem, in no file."""
    code, text = tell(InputError("x", [Problem(Place("--target", 1, 1), "target", "no such")]))
    assert (code, text) == (1, "--target: error[target]: no such\n1 problem\n")


def _fail() -> None:
    password = CANARY
    raise ValueError(f"could not use {password}")


@pytest.mark.parametrize("verbose", [False, True])
def test_a_bug_is_told_without_its_message(verbose: bool) -> None:
    """The text of an unexpected exception could hold a secret: type and place are all."""
    try:
        _fail()
    except ValueError as error:
        code, text = tell(error, verbose=verbose)
    assert code == 1
    assert text.startswith("internal error: ValueError at ")
    assert "this is a bug, please report it" in text
    assert CANARY not in text
    assert ("in _fail" in text) is verbose


@pytest.mark.parametrize(("flag", "shown"), [("-v", True), ("-qv", True), ("-q", False)])
def test_the_calls_that_led_to_a_bug_are_shown_with_v(flag: str, shown: bool) -> None:
    """`-v` shows where a bug came from, line by line, without values."""

    def broken() -> tuple[()]:
        raise RuntimeError(CANARY)

    ran = run_cli("validate", ".", flag, providers=broken)
    assert ran.code == 1
    assert ran.err.startswith("internal error: RuntimeError at reconciler/cli/")
    assert CANARY not in ran.err
    assert (" in broken" in ran.err) is shown
