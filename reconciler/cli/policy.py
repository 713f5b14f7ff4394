"""`reconcile policy test`: run the examples that stand beside the rules. Asks no cloud."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from reconciler.cli.exits import CODES
from reconciler.cli.failures import tell_problems
from reconciler.cli.setup import Catalogue, read_configuration
from reconciler.cli.world import World
from reconciler.loader.config import Config
from reconciler.loader.find import require
from reconciler.loader.home import find_config
from reconciler.loader.words import did_you_mean, listed, quoted
from reconciler.model.errors import InputError
from reconciler.model.manifest import Address, Place
from reconciler.model.outcome import Cause
from reconciler.model.policy import Facts, Judgement, Level, Policy, Sample, Subject
from reconciler.ports import Kind
from reconciler.report.count import counted
from reconciler.report.plain import capped, plain

_NAME: Final = "example"
_ACTION: Final = "update"


@dataclass(frozen=True, slots=True)
class Trial:
    """One example, and the rules that it is held against, under the name of their target."""

    sample: Sample
    policy: Policy
    target: str


@click.group(epilog="\b\nExample:\n  reconcile policy test manifests/")
def command() -> None:
    """Try the policy of reconcile.yaml."""


@command.command("test", epilog="\b\nExample:\n  reconcile policy test manifests/")
@click.argument("path", default=Path(), metavar="[PATH]", type=Path)
@click.pass_obj
def test_command(world: World, path: Path) -> int:
    """Run the examples below policy.tests; exit with 1 where one fails.

    PATH is reconcile.yaml, or a folder of manifests that it belongs to.
    """
    catalogue = Catalogue(world.providers())
    trials = _trials(_config(world, catalogue, path))
    if not trials:
        raise InputError("there is nothing to run: reconcile.yaml has no examples in policy.tests")
    failed = sum(not _run(world, catalogue, trial) for trial in trials)
    passed = len(trials) - failed
    world.out.line(f"{counted(len(trials), 'example')}: {passed} passed, {failed} failed")
    return CODES[Cause.MANIFEST if failed else Cause.NONE]


def _config(world: World, catalogue: Catalogue, path: Path) -> Config:
    """The configuration, without a mistake in it."""
    require((path,))
    found = path if path.is_file() else find_config((path,), Path.cwd())
    if found is None:
        raise InputError(f"there is no reconcile.yaml in {plain(str(path))} or above it")
    config, problems = read_configuration(world, found, catalogue)
    if problems or config is None:
        raise InputError("the configuration has problems", problems)
    tell_problems(config.warnings, world.err)
    return config


def _trials(config: Config) -> list[Trial]:
    """Every example with its rules, in the order of the file."""
    trials = []
    for sample in config.policy.samples:
        target = config.targets.get(sample.target or "")
        policy = config.policy if target is None else target.policy
        trials.append(Trial(sample, policy, sample.target or ""))
    for target in config.targets.values():
        trials += [
            Trial(sample, target.policy, sample.target or target.name)
            for sample in target.policy.samples
        ]
    return sorted(trials, key=lambda trial: trial.sample.place)


def _run(world: World, catalogue: Catalogue, trial: Trial) -> bool:
    """Tell how one example went, and whether it passed."""
    complaints = list(_complaints(world, catalogue, trial))
    verdict = "FAIL" if complaints else "ok"
    sample = trial.sample
    world.out.line(f"{verdict:<4}  {plain(sample.name)}  {plain(str(sample.place))}")
    for line in complaints:
        world.out.line(f"      {plain(capped(line))}")
    return not complaints


def _complaints(world: World, catalogue: Catalogue, trial: Trial) -> Iterator[str]:
    """In what the verdict is not the expected one."""
    sample = trial.sample
    kind = _kind(catalogue, sample)
    if isinstance(kind, str):
        yield kind
        return
    judged = _judged(world, trial, _subject(sample, kind))
    for one in judged.findings:  # broken rules that deny everything would pass every example
        if not one.evaluated:
            yield f"{one.rule} gives no answer: {one.text} ({_short(one.place)})"
    failed = {one.rule for one in judged.findings if not one.evaluated}
    answers = [one for one in judged.findings if one.evaluated]
    for level, expected in ((Level.DENY, sample.deny), (Level.WARN, sample.warn)):
        found = {one.rule for one in answers if one.level is level}
        for name in sorted(expected - found - failed):
            yield f"expected {name} to {level}, and it does not"
        for one in answers:
            if one.level is level and one.rule not in expected:
                yield f"{one.rule} would {level} it: {one.text} ({_short(one.place)})"


def _short(place: Place) -> str:
    return f"{place.file}:{place.line}"


def _kind(catalogue: Catalogue, sample: Sample) -> Kind | str:
    """The kind that an example names, or why there is none."""
    name, version = sample.agent["kind"], sample.agent.get("apiVersion")
    for kind in catalogue.kinds:
        if kind.name == name and version in (None, kind.api_version):
            return kind
    names = sorted({kind.name for kind in catalogue.kinds})
    hint = did_you_mean(name, names) or f"there is {listed(names, last='and')}"
    return f"there is no kind {quoted(name)}" + (f" in {version}" if version else "") + f"; {hint}"


def _subject(sample: Sample, kind: Kind) -> Subject:
    agent = sample.agent
    facts: Facts = kind.facts
    return Subject(
        address=Address(kind.api_version, kind.name, agent.get("name") or _NAME),
        action=agent.get("action", _ACTION),
        labels=agent.get("labels") or {},
        id=agent.get("id"),
        status=agent.get("status") or "",
        restarts=bool(agent.get("restarts")),
        changes=tuple(agent.get("changes") or ()),
        wanted=agent.get("desired") or {},
        facts=facts,
    )


def _judged(world: World, trial: Trial, subject: Subject) -> Judgement:
    """What the rules say; whether a break-glass allows it is no part of that."""
    from reconciler.cli.policies import NUMBERS, Question, judgement

    now = trial.sample.now
    question = Question(
        subjects=[subject],
        numbers={**dict.fromkeys(NUMBERS, 0), **trial.sample.numbers},
        target=trial.target,
        now=now,
        moment=world.clock.wall() if now is None else now,
        monotonic=lambda: 0.0,  # one agent: each expression is bounded by itself
    )
    return judgement(trial.policy, question)
