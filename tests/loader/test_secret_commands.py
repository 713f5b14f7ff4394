"""Secrets that a program gives: `exec:` and `sops:`, run without a shell, once, and bounded."""

import json
import os
import stat
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from reconciler.loader.commands import run_all
from reconciler.loader.load import load
from reconciler.loader.secrets import resolve
from reconciler.loader.unresolved import Command, Output
from reconciler.model.errors import InputError, Problem
from reconciler.model.manifest import Desired
from reconciler.model.sealed import Sealed
from tests.support.loader import HEAD, KINDS, load_text

CANARY = "hunter2canary"
ALLOWED = {"RECONCILE_ALLOW_EXEC": "1"}


def program(folder: Path, name: str, body: str) -> Path:
    """An executable Python script in `folder`."""
    path = folder / name
    path.write_text(f"#!{sys.executable}\nimport json, os, sys, time\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def spec(*references: str) -> str:
    """A manifest whose environment has a secret for each of the references: A, B, ..."""
    members = "".join(
        f"    {chr(65 + n)}: {{secret: {json.dumps(text)}}}\n" for n, text in enumerate(references)
    )
    return f"{HEAD}spec:\n  environmentVariables:\n{members}"


def resolved(
    folder: Path, *references: str, environ: Mapping[str, str] = ALLOWED, **options: Any
) -> Desired:
    """What the manifest of these references wants, each of them resolved."""
    loaded = load_text(folder, spec(*references))
    (desired,) = resolve(loaded.manifests, environ=environ, strict=True, **options)
    return desired


def values(desired: Desired) -> list[str]:
    """The secrets of the environment, revealed."""
    return [value.reveal() for value in desired.spec["environmentVariables"].values()]


def refused(
    folder: Path, *references: str, environ: Mapping[str, str] = ALLOWED, **options: Any
) -> Sequence[Problem]:
    """The problems of a resolution that must fail; none of them holds the canary."""
    with pytest.raises(InputError) as caught:
        resolved(folder, *references, environ=environ, **options)
    assert CANARY not in repr(caught.value.problems)
    return caught.value.problems


def texts(problems: Sequence[Problem]) -> list[str]:
    """What the problems say."""
    return [problem.text for problem in problems]


def test_a_command_gives_what_it_writes_less_one_line_break(tmp_path: Path) -> None:
    """`exec:` takes the whole standard output but for one line break at its end."""
    program(tmp_path, "give", "sys.stdout.write(sys.argv[1])")
    desired = resolved(tmp_path, "exec:./give 's3cret\n'", "exec:./give ' é设\n\n'")
    assert values(desired) == ["s3cret", " é设\n"]


def test_a_command_is_no_shell_script(tmp_path: Path) -> None:
    """Words are split as a shell splits them; nothing is expanded, piped or chained."""
    program(tmp_path, "give", "print(json.dumps(sys.argv[1:]))")
    command = r"""exec:./give "two words" 'a $HOME' b\ c | cat ; touch ran && `id` *.yaml > out"""
    (given,) = values(resolved(tmp_path, command))
    assert json.loads(given) == [
        *("two words", "a $HOME", "b c"),
        *("|", "cat", ";", "touch", "ran", "&&", "`id`", "*.yaml", ">", "out"),
    ]
    assert not (tmp_path / "ran").exists()


def test_a_command_runs_beside_its_manifest_and_reads_nothing(tmp_path: Path) -> None:
    """Its folder is the manifest's, its input is empty, its environment is the run's, and it has
    no terminal to ask.
    """
    body = "print(json.dumps([os.getcwd(), sys.stdin.read(), os.environ['X'], os.getsid(0) == os.getpid()]))"
    program(tmp_path, "give", body)
    kept, (reader, writer) = os.dup(0), os.pipe()
    os.write(writer, b"typed by somebody")
    os.close(writer)
    os.dup2(reader, 0)
    try:
        (given,) = values(resolved(tmp_path, "exec:./give", environ={**ALLOWED, "X": "y"}))
    finally:
        os.dup2(kept, 0)
        os.close(kept)
        os.close(reader)
    assert json.loads(given) == [str(tmp_path.resolve()), "", "y", True]


def test_a_command_runs_once_for_all_its_places(tmp_path: Path) -> None:
    """The same command in the same folder is asked once, however many manifests name it."""
    program(tmp_path, "give", "open('runs', 'a').write('x')\nprint('s')")
    (tmp_path / "a.yaml").write_text(spec("exec:./give", "exec:./give", "exec:./give  "))
    (tmp_path / "b.yaml").write_text(spec("exec:./give").replace("name: a", "name: b"))
    desired = resolve(load([tmp_path], kinds=KINDS).manifests, environ=ALLOWED, strict=True)
    assert [values(one) for one in desired] == [["s", "s", "s"], ["s"]]
    assert (tmp_path / "runs").read_text() == "x"


def test_a_name_is_looked_for_on_the_path_of_the_environment(tmp_path: Path) -> None:
    """A program without a slash is found on PATH, never in the folder of the manifest."""
    (tmp_path / "bin").mkdir()
    program(tmp_path / "bin", "give", "print('from the path')")
    program(tmp_path, "give", "print('from the folder')")
    environ = {**ALLOWED, "PATH": str(tmp_path / "bin")}
    assert values(resolved(tmp_path, "exec:give", environ=environ)) == ["from the path"]
    problems = refused(tmp_path, "exec:give", environ={**ALLOWED, "PATH": "/nowhere"})
    assert texts(problems) == ["exec:give: the program give is not installed"]


@pytest.mark.parametrize("value", [None, "", "0", "true", "yes", " 1", "1 "])
def test_no_command_runs_without_leave(tmp_path: Path, value: str | None) -> None:
    """Only RECONCILE_ALLOW_EXEC=1, to the letter, lets a manifest name a program; every place is
    told, and how to allow it.
    """
    program(tmp_path, "give", "open('ran', 'w')\nprint('x')")
    environ = {} if value is None else {"RECONCILE_ALLOW_EXEC": value}
    problems = refused(tmp_path, "exec:./give one", "exec:./give two", environ=environ)
    assert [(p.place.line, p.code, p.text) for p in problems] == [
        (line, "exec-not-allowed", "exec:./give …: a command runs only where RECONCILE_ALLOW_EXEC=1 is set")
        for line in (6, 7)
    ]  # fmt: skip
    assert all("export RECONCILE_ALLOW_EXEC=1" in problem.help for problem in problems)
    assert not (tmp_path / "ran").exists()


def test_a_plan_goes_on_without_the_command(tmp_path: Path) -> None:
    """Without leave the value is one that cannot be compared."""
    program(tmp_path, "give", "open('ran', 'w')\nprint('x')")
    loaded = load_text(tmp_path, spec("exec:./give one"))
    (desired,) = resolve(loaded.manifests, environ={}, strict=False)
    value = desired.spec["environmentVariables"]["A"]
    assert isinstance(value, Sealed)
    assert (value.resolved, value.reference) == (False, "exec:./give …")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("sys.exit(3)", "./give ended with exit code 3"),
        ("os.kill(os.getpid(), 9)", "./give was ended by SIGKILL"),
        ("", "the output is empty"),
        ("print()", "the output is empty"),
        ("sys.stdout.buffer.write(b'\\xff')", "the output is not UTF-8"),
        ("while True: print('x' * 1000)", "./give wrote more than 65,536 bytes"),
        ("time.sleep(60)", "./give did not end within 0.3 seconds"),
        ("os.close(1); time.sleep(60)", "./give did not end within 0.3 seconds"),
        ("os.fork() or time.sleep(60)", "./give did not end within 0.3 seconds"),
    ],
)
def test_a_command_that_fails_is_told_without_its_words(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], body: str, told: str
) -> None:
    """The program's name and how it ended, never its arguments nor what it wrote."""
    noise = f"print({CANARY!r}, file=sys.stderr)\n"
    if body.startswith("sys.exit"):
        noise += f"print({CANARY!r}, flush=True)\n"
    program(tmp_path, "give", noise + body)
    run = partial(run_all, timeout_seconds=0.3 if "60" in body else 30)
    (problem,) = refused(tmp_path, f"exec:./give {CANARY}", run=run)
    assert problem.text == f"exec:./give …: {told}"
    assert (problem.code, problem.place.line) == ("secret-unresolved", 6)
    assert capfd.readouterr() == ("", "")


def test_a_program_that_is_ended_takes_its_children_with_it(tmp_path: Path) -> None:
    """Nothing is left of a program that goes beyond its bounds: its child never wakes."""
    os.mkfifo(tmp_path / "alive")
    reader = os.open(tmp_path / "alive", os.O_RDONLY | os.O_NONBLOCK)
    body = (
        "pipe = os.open('alive', os.O_WRONLY)\n"
        "if not os.fork():\n    time.sleep(20)\n    os.write(pipe, b'awake')\n"
        "os.write(1, b'x' * 100_000)\ntime.sleep(20)"
    )
    program(tmp_path, "give", body)
    refused(tmp_path, "exec:./give")
    os.set_blocking(reader, True)
    assert os.read(reader, 10) == b""  # every process that held the other end is gone
    os.close(reader)


def test_odd_programs_are_told(tmp_path: Path) -> None:
    """A program that is missing, not executable or no program at all, all in one run."""
    (tmp_path / "plain").write_text("x")
    (tmp_path / "text").write_text("x")
    (tmp_path / "text").chmod(0o755)
    problems = refused(tmp_path, "exec:./gone", "exec:./plain", "exec:./text", "exec:/dev/null x")
    assert texts(problems) == [
        "exec:./gone: there is no program ./gone",
        "exec:./plain: ./plain cannot be run: Permission denied",
        "exec:./text: ./text cannot be run: Exec format error",
        "exec:/dev/null …: /dev/null cannot be run: Permission denied",
    ]


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("pass show a/b", "exec:pass …"),
        ("pass", "exec:pass"),
        ("./get-secret.sh", "exec:./get-secret.sh"),
        (f"PASSWORD={CANARY} pass", "exec:…"),
        ("sk-" + "0a1b2c3d" * 4, "exec:…"),
        (f"'{CANARY} two' x", "exec:…"),
    ],
)
def test_a_command_is_shown_by_its_program_alone(tmp_path: Path, command: str, shown: str) -> None:
    """Arguments may be secret, and so may be what was meant as one."""
    (problem,) = refused(tmp_path, f"exec:{command}", environ={})
    assert problem.text.partition(": ")[0] == shown


SOPS = """
open(os.environ['LOG'], 'a').write('x')
assert sys.argv[1:-1] == ['--decrypt', '--output-type', 'json'], sys.argv
assert os.path.isabs(sys.argv[-1])
print('hunter2canary', file=sys.stderr)
kept = open(sys.argv[-1]).read()
if kept.isdigit():
    sys.exit(int(kept))
print(kept)
"""
"""A stand-in for sops 3 with its documented command line: here the file is what it decrypts to."""


def _sops(folder: Path) -> Mapping[str, str]:
    """An environment whose PATH has the stand-in; it counts its runs."""
    (folder / "bin").mkdir()
    program(folder / "bin", "sops", SOPS)
    return {"PATH": str(folder / "bin"), "LOG": str(folder / "bin" / "log")}


DOCUMENT = {
    "database": {"password": "s3cret", "port": 5432, "on": True, "none": None, "empty": ""},
    "list": ["a", {"b": "c"}],
    "we/ird~k": "odd",
    "": "nameless",
    "设": "键",
}


def test_a_pointer_leads_into_a_file_that_is_decrypted_once(tmp_path: Path) -> None:
    """`sops:FILE#/pointer` needs no leave, and all pointers into a file share one decryption."""
    environ = _sops(tmp_path)
    (tmp_path / "s.yaml").write_text(json.dumps(DOCUMENT))
    pointers = ("/database/password", "/list/0", "/list/1/b", "/we~1ird~0k", "/", "/设")
    desired = resolved(tmp_path, *(f"sops:s.yaml#{p}" for p in pointers), environ=environ)
    assert values(desired) == ["s3cret", "a", "c", "odd", "nameless", "键"]
    assert desired.spec["environmentVariables"]["A"].reference == "sops:s.yaml#/database/password"
    assert (tmp_path / "bin" / "log").read_text() == "x"


def test_every_pointer_that_leads_to_no_string_is_told(tmp_path: Path) -> None:
    """Numbers, booleans, null, mappings, lists and what is not there are told by their kind."""
    environ = _sops(tmp_path)
    (tmp_path / "s.yaml").write_text(json.dumps(DOCUMENT))
    base = "/database/"
    pointers = [base + name for name in ("port", "on", "none", "empty", "gone", "password/x")]
    pointers += ["/database", "/list", "/list/2", "/list/00", "/list/-"]
    problems = refused(tmp_path, *(f"sops:s.yaml#{p}" for p in pointers), environ=environ)
    assert [text.partition(": ")[2] for text in texts(problems)] == [
        "at /database/port stands a number, not a string",
        "at /database/on stands a boolean, not a string",
        "at /database/none stands null, not a string",
        "the string at /database/empty is empty",
        "nothing stands at /database/gone in the decrypted file",
        "nothing stands at /database/password/x in the decrypted file",
        "at /database stands a mapping, not a string",
        "at /list stands a list, not a string",
        "nothing stands at /list/2 in the decrypted file",
        "nothing stands at /list/00 in the decrypted file",
        "nothing stands at /list/- in the decrypted file",
    ]


def test_what_cannot_be_decrypted_is_told(tmp_path: Path) -> None:
    """Failures of sops, and files that are none, with the way out and without its output."""
    environ = _sops(tmp_path)
    root = tmp_path / "in"
    root.mkdir()
    os.mkfifo(root / "pipe")
    contents = {"nokey": "128", "edited": "51", "odd": "2", "text": CANARY, "deep": "[" * 200_000}
    for name, content in contents.items():
        (root / name).write_text(content)
    (root / "link").symlink_to(tmp_path / "bin" / "sops")
    names = ("nokey", "edited", "odd", "text", "deep", "pipe", "gone", "../bin/sops", "link")
    problems = refused(root, *(f"sops:{name}#/a" for name in names), environ=environ)
    assert texts(problems) == [
        "sops:nokey#/a: sops found no key that opens this file (exit code 128)",
        "sops:edited#/a: the file was edited without sops: its checksum is wrong (exit code 51)",
        "sops:odd#/a: sops ended with exit code 2",
        "sops:text#/a: sops printed no JSON",
        "sops:deep#/a: sops printed no JSON",
        "sops:pipe#/a: the file is not a regular file",
        "sops:gone#/a: the file cannot be read: No such file or directory",
        "sops:../bin/sops#/a: the file lies outside the folder of the manifests",
        "sops:link#/a: the file lies outside the folder of the manifests",
    ]
    assert problems[0].help == "run `sops --decrypt nokey` by hand to see why"


def test_without_sops_the_way_out_is_told(tmp_path: Path) -> None:
    """Where the program is missing, apply says so and plan goes on."""
    (tmp_path / "s.yaml").write_text("{}")
    (problem,) = refused(tmp_path, "sops:s.yaml#/a", environ={"PATH": "/nowhere"})
    assert problem.text == "sops:s.yaml#/a: the program sops is not installed"
    assert "install it" in problem.help
    loaded = load_text(tmp_path, spec("sops:s.yaml#/a"))
    (desired,) = resolve(loaded.manifests, environ={"PATH": "/nowhere"}, strict=False)
    assert not desired.spec["environmentVariables"]["A"].resolved


def test_all_failures_of_all_kinds_are_told_in_one_run(tmp_path: Path) -> None:
    """Variables, files, commands and decryptions, sorted by their places."""
    references = ("sops:gone#/a", "exec:./gone", "file:gone", "env:GONE")
    problems = refused(tmp_path, *references)
    assert [problem.place.line for problem in problems] == [6, 7, 8, 9]
    assert [problem.text.partition(": ")[0] for problem in problems] == list(references)


def test_loading_runs_nothing(tmp_path: Path) -> None:
    """A manifest is loaded and checked without a program, whatever the environment allows."""
    ran: list[Command] = []

    def run(commands: Sequence[Command], **_: Any) -> Mapping[Command, Output]:
        ran.extend(commands)
        return dict.fromkeys(commands, b"x")

    loaded = load_text(tmp_path, spec("exec:touch ran", "exec:touch ran"))
    assert ran == []
    resolve(loaded.manifests, environ=ALLOWED, run=run, strict=True)
    assert [one.arguments for one in ran] == [("touch", "ran")]
