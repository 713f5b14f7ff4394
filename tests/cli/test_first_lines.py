"""What every command says first, what it says when little is wanted, and when it asks."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.support.cli import SECRETS, Ran, Tty, one_spaced, run_cli, write_manifests
from tests.support.virtual import VirtualLoop

SANDBOX = ("--target", "sandbox")
BY_FILE = "defaultTarget: sandbox\n"
ALIBABA = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "id", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "s3cr3t"}
FIRST = "Target: sandbox (both clouds emulated, "


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder of its own with the manifests in it."""
    monkeypatch.chdir(tmp_path)
    write_manifests(tmp_path)
    return tmp_path


def test_validate_tells_the_target_wherever_one_can_be_chosen(folder: Path) -> None:
    """Typed, the file's default, or implied by credentials; without any of them there is none."""
    assert run_cli("validate", "manifests").out.startswith("OK: ")
    assert run_cli("validate", "manifests", *SANDBOX).out.startswith(FIRST)
    implied = run_cli("validate", "manifests", environ=ALIBABA)
    assert implied.code == 0
    assert implied.out.startswith("Target: default (from the environment; ")
    write_manifests(folder, config=BY_FILE)
    assert run_cli("validate", "manifests").out.startswith(FIRST)
    write_manifests(folder, config="targets: {prod: {agentrun: {}}}\n")
    silent = run_cli("validate", "manifests", environ=ALIBABA)
    assert (silent.code, silent.out) == (0, "OK: 2 agents in 1 file\n")


@pytest.mark.parametrize("verb", ["validate", "plan", "apply"])
def test_a_text_file_begins_with_the_target_too(folder: Path, verb: str) -> None:
    """A report that is kept says where it was made."""
    ran = run_cli(verb, "manifests", *SANDBOX, "-o", "text=a.txt", environ=SECRETS)
    assert ran.code == 0
    lines = (folder / "a.txt").read_text(encoding="utf-8").splitlines()
    assert lines[0] == ran.out.splitlines()[0]
    assert lines[0].startswith(FIRST)
    assert lines[-1] == ran.out.splitlines()[-1]


def test_half_of_the_credentials_is_told_by_name() -> None:
    """Who has set the user's name only is told what is missing beside it."""
    ran = run_cli("plan", "manifests", environ={"HW_USER_NAME": "me"})
    assert ran.code == 3
    assert "HW_USER_PASSWORD and HW_DOMAIN_NAME are missing beside HW_USER_NAME (Huawei" in ran.err
    assert "there are no credentials" not in ran.err
    ran = run_cli("plan", "manifests", environ={"ALIBABA_CLOUD_ACCESS_KEY_SECRET": "x"})
    assert "ALIBABA_CLOUD_ACCESS_KEY_ID is missing beside ALIBABA_CLOUD_ACCESS_KEY_S" in ran.err


@pytest.mark.parametrize("value", ["false", "0", "no", "true"])
def test_any_value_of_ci_counts(folder: Path, value: str) -> None:
    """`CI=false` is set as well: a pipeline names the sandbox or does not apply to it."""
    write_manifests(folder, config=BY_FILE)
    environ = SECRETS | ALIBABA | {"CI": value}
    assert run_cli("apply", "manifests", environ=environ).code == 7
    assert run_cli("apply", "manifests", environ=environ | {"CI": ""}).code == 0


def quiet(verb: str, *arguments: str) -> Ran:
    return run_cli(verb, "manifests", *SANDBOX, "-q", *arguments, environ=SECRETS)


def test_a_quiet_plan_is_its_target_and_its_summary() -> None:
    """`plan -q` says in two lines whether something is to be done."""
    first, *rest = quiet("plan").out.splitlines()
    assert first.startswith(FIRST)
    assert rest == ["Plan: 2 to update; 1 restart, 2 requests, expected seconds unknown"]


def test_a_quiet_plan_still_tells_what_could_not_be_read() -> None:
    """An error is no detail: an agent that cannot be read is named with the reason."""
    run_cli("sandbox", "quirk", "fault_cloud=appstage")
    run_cli("sandbox", "quirk", "error_reads_next=1000")
    ran = quiet("plan")
    assert ran.code == 4
    assert "! Agent/reviewer" in ran.out
    assert "unreadable: " in ran.out
    assert "AgentRuntime/" not in ran.out


def test_a_quiet_apply_is_its_target_its_outcomes_and_its_summary(folder: Path) -> None:
    """`apply -q` leaves out the plan, the waiting and what stays as it is; a file keeps all."""
    ran = quiet("apply", "-o", "text=a.txt")
    first, *rest = ran.out.splitlines()
    assert first.startswith(FIRST)
    assert [line.split()[0] for line in rest] == ["changed", "changed", "Apply:"]
    assert ran.err == ""
    report = (folder / "a.txt").read_text(encoding="utf-8")
    assert "~ /memory: 2048 -> 4096" in one_spaced(report)
    again = quiet("apply").out.splitlines()
    assert [line.split()[0] for line in again] == ["Target:", "Apply:"]


def test_nobody_is_asked_about_a_plan_that_was_not_shown() -> None:
    """Where a question follows, `-q` leaves the plan in."""
    ran = run_cli(
        *("apply", "manifests", *SANDBOX, "-q"), environ=SECRETS, stdin=Tty("n\n"), stderr=Tty()
    )
    assert ran.code == 7
    assert "~ /memory: 2048 -> 4096" in one_spaced(ran.out)
    assert ran.err == "Apply these changes? [y/N] error: not confirmed; nothing was written\n"


class Slow(Tty):
    """A terminal in front of which somebody thinks for ten minutes when asked."""

    def write(self, text: str) -> int:
        if "Apply these changes?" in text:
            loop = asyncio.get_running_loop()
            assert isinstance(loop, VirtualLoop)
            loop.jump(600)
        return super().write(text)


def test_the_seconds_of_a_run_begin_after_the_question(folder: Path) -> None:
    """How long somebody thought is not how long the run took."""
    ran = run_cli(
        *("apply", "manifests", *SANDBOX, "-o", "json=a.json"),
        environ=SECRETS,
        stdin=Tty("y\n"),
        stderr=Slow(),
    )
    assert ran.code == 0
    assert 0 < json.loads((folder / "a.json").read_text(encoding="utf-8"))["seconds"] < 60


@pytest.mark.parametrize(("answer", "line_feed"), [("n\n", ""), ("", "\n"), ("n", "\n")])
def test_an_answer_without_a_line_feed_does_not_join_the_error(answer: str, line_feed: str) -> None:
    """No, or the end of the input: 7, nothing was written, and the message has its own line."""
    ran = run_cli("apply", "manifests", *SANDBOX, environ=SECRETS, stdin=Tty(answer), stderr=Tty())
    assert ran.code == 7
    question = f"Apply these changes? [y/N] {line_feed}error: not confirmed; nothing was written\n"
    assert ran.err.endswith(question)
    assert "PUT" not in run_cli("sandbox", "log").out


def test_a_wrong_form_is_told_in_words(folder: Path) -> None:
    """No message shows a pattern for programs: the field's own words say what is wanted."""
    path = folder / "manifests" / "agents.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("prologue:", "name: 1st agent\n    prologue:"), encoding="utf-8")
    ran = run_cli("validate", "manifests", "-o", "json=a.json")
    assert ran.code == 1
    assert "properties.name does not have the required form" in ran.out
    assert "beginning with a letter or a Chinese character" in ran.out
    (problem,) = json.loads((folder / "a.json").read_text(encoding="utf-8"))["problems"]
    assert "^[" not in problem["text"] + problem["help"]


def test_an_agent_id_of_an_unusual_length_is_a_warning(folder: Path) -> None:
    """The vendor's page says 32 characters; another number passes, with a word about it."""
    path = folder / "manifests" / "agents.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("0123456789abcdef" * 2, "0123456789abcdef"), encoding="utf-8")
    ran = run_cli("validate", "manifests")
    assert ran.code == 0
    words = "agentId: the vendor's page says 32 characters, this has 16"
    assert f"warning[odd-length]: {words}" in ran.out
    assert words in run_cli("plan", "manifests", *SANDBOX, environ=SECRETS).err
