"""`reconcile.yaml`: the targets that it names.

Its provider sections are checked by the providers' own models, which are handed in. What a later
version will take is refused with its place.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from reconciler.loader.compose import documents
from reconciler.loader.described import description_of
from reconciler.loader.explain import explain
from reconciler.loader.findings import Findings
from reconciler.loader.home import refused
from reconciler.loader.hosts import check_endpoint
from reconciler.loader.ignore import IgnoreRule, read_rules
from reconciler.loader.layers.settings import Layering
from reconciler.loader.layers.variables import BEGIN
from reconciler.loader.quantities import parse_duration, parse_percent
from reconciler.loader.remarks import Remarks, Single
from reconciler.loader.source import Unreadable, decode, read_regular
from reconciler.loader.words import described, did_you_mean, listed, quoted
from reconciler.model.errors import Problem
from reconciler.model.manifest import Place
from reconciler.model.policy import Policy
from reconciler.model.rules import Field, Shape
from reconciler.model.target import Limits, Share, Target, Wait
from reconciler.model.tree import Json, Tree, join, pointer

SANDBOX: Final = "sandbox"
"""The target that always exists."""

_NOT_YET: Final = "not-supported-yet"
_TOP: Final = ("defaultTarget", "targets", "ignore", "policy")
_TOP_NOT_YET: Final = ("owner",)
_COMMON: Final = ("overlays", "vars", "wait", "limits", "policy")
_WAIT: Final = {
    "timeout": "timeout_seconds",
    "settle": "settle_seconds",
    "inDoubt": "in_doubt_seconds",
}
_MIN_SECONDS: Final = 0.1
_TOO_SHORT: Final = "a READY from before the restart could not be told apart"
_LIMITS: Final = {
    "maxChange": "max_change_percent",
    "maxUnavailable": "max_unavailable",
    "maxRestarts": "max_restarts",
    "maxFailures": "max_failures",
    "canary": "canary",
    "wavePause": "wave_pause_seconds",
}
_FROM_NONE: Final = ("maxRestarts", "maxFailures", "canary")


@dataclass(frozen=True, slots=True)
class Config:
    """What `reconcile.yaml` says. `place` is the file's beginning; `warnings` are no errors."""

    path: Path
    place: Place
    default_target: str | None = None
    targets: Mapping[str, Target] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()
    ignore: tuple[IgnoreRule, ...] = ()
    policy: Policy = field(default_factory=Policy)

    @property
    def overlays(self) -> tuple[Path, ...]:
        """The folders that any target names as overlays: no manifests of their own lie there."""
        folders = (one.folder for target in self.targets.values() for one in target.overlays)
        return tuple(map(Path, dict.fromkeys(folders)))


def read_config(
    path: Path,
    *,
    settings: Mapping[str, type[Any]],
    allowed: Set[str] = frozenset(),
    kinds: Collection[str] = (),
    today: date | None = None,
) -> tuple[Config | None, Sequence[Problem]]:
    """Read and check `reconcile.yaml`: what could be read all the same, and the errors.

    `settings` has a pydantic model for each provider section; `allowed` are hosts, beside the
    vendors' own, that credentials may go to. None where too little could be read to say anything
    about manifests. `kinds` are the names that an ignore rule may give, `today` is the day on
    which it has to hold.
    """
    try:
        source = decode(path, read_regular(path), root=path.parent)
    except Unreadable as error:
        return None, refused(path, str(error)).problems
    if isinstance(source, Problem):
        return None, [source]
    findings = Findings(source)
    start = source.lines.place(0)
    default, targets, ignore = None, dict[str, Target](), tuple[IgnoreRule, ...]()
    policy = Policy()
    found = documents(findings)
    if found:
        layering = Layering(Remarks(Single(found[0], findings)), path)
        reading = _Reading(layering.remarks, settings, allowed, layering)
        default, targets = reading.config(found[0].value)
        if isinstance(found[0].value, dict):
            value = found[0].value.get("ignore")
            ignore = read_rules(layering.remarks, value, kinds=kinds, today=today)
            policy, targets = _policies(layering.remarks, found[0].value, targets)
    if len(found) > 1:
        findings.add(found[1].spans[""], "config", "the configuration is one document")
    problems = sorted(findings.problems())
    errors = [problem for problem in problems if not problem.warning]
    warnings = tuple(problem for problem in problems if problem.warning)
    if not found and errors and ("overlays" in source.text or "vars" in source.text):
        return None, errors  # what holds of the manifests cannot be known
    return Config(path, start, default, targets, warnings, ignore, policy), errors


def _policies(
    remarks: Remarks, value: Tree, targets: dict[str, Target]
) -> tuple[Policy, dict[str, Target]]:
    """The policy at the top, and the targets with theirs; what reads them is imported if any has."""
    sections = [value, *(value["targets"].values() if targets else ())]
    if not any(isinstance(one, dict) and "policy" in one for one in sections):
        return Policy(), targets
    from reconciler.loader.policy.section import with_policies  # noqa: PLC0415 - see above

    return with_policies(remarks, value, targets)


@dataclass(frozen=True, slots=True)
class _Reading:
    """The check of one configuration. What is wrong goes to `remarks`."""

    remarks: Remarks
    settings: Mapping[str, type[Any]]
    allowed: Set[str]
    layering: Layering

    def config(self, value: Json) -> tuple[str | None, dict[str, Target]]:
        if not self._is_mapping("", value):
            return None, {}
        self._keys("", value, _TOP, _TOP_NOT_YET)
        named = value.get("targets")
        targets: dict[str, Target] = {}
        if named is not None and self._is_mapping("/targets", named):
            targets = {name: self._target(name, section) for name, section in named.items()}
        return self._default(value.get("defaultTarget"), targets), targets

    def _default(self, name: Json, targets: Mapping[str, Target]) -> str | None:
        at = "/defaultTarget"
        if name is None:
            return None
        if not isinstance(name, str):
            text = f"defaultTarget: expected a string, found {described(name)}"
            self.remarks.add(at, "wrong-type", text)
            return None
        known = sorted({*targets, SANDBOX})
        if name not in known:
            text = f"there is no target {quoted(name)}"
            help_text = did_you_mean(name, known) or f"there is {listed(known, last='and')}"
            self.remarks.add(at, "target", text, help_text)
        return name

    def _target(self, name: str, section: Json) -> Target:
        at = join("/targets", name)
        if not name.strip() or not name.isprintable():
            self.remarks.add(at, "target", "a target's name is printable and not empty", key=True)
        section = {} if section is None else section
        place = self.remarks.place(at, key=True)
        if not self._is_mapping(at, section):
            return Target(name, place=place)
        sandbox = name == SANDBOX
        known = (*_COMMON, *(() if sandbox else sorted(self.settings)))
        self._keys(at, section, known)
        values = {
            provider: self._section(join(at, provider), model, section[provider])
            for provider, model in self.settings.items()
            if provider in section and not sandbox
        }
        wait = self._numbers(join(at, "wait"), section.get("wait"), _WAIT, self._seconds)
        if "settle_seconds" in wait:
            wait.setdefault("in_doubt_seconds", wait["settle_seconds"])
        limits = self._numbers(join(at, "limits"), section.get("limits"), _LIMITS, self._limit)
        return Target(
            name,
            values,
            Wait(**wait),
            Limits(**limits),
            sandbox,
            place,
            overlays=self.layering.overlays(join(at, "overlays"), section.get("overlays")),
            variables=self.layering.variables(join(at, "vars"), section.get("vars")),
        )

    def _keys(
        self, at: str, value: Tree, known: Collection[str], not_yet: Sequence[str] = ()
    ) -> None:
        for name in value:
            if name in known:
                continue
            where = join(at, name)
            if name in not_yet:
                self.remarks.add(where, _NOT_YET, f"{name} is not supported yet", key=True)
            elif at == f"/targets/{SANDBOX}" and name in self.settings:
                text = f"the target {SANDBOX} takes no {name}: it is built in"
                self.remarks.add(where, "target", text, "give it another name", key=True)
            else:
                help_text = did_you_mean(name, (*known, *not_yet))
                help_text = help_text or f"known are {listed(known, last='and')}"
                text = f"{quoted(name)} is not a setting"
                self.remarks.add(where, "unknown-field", text, help_text, key=True)

    def _is_mapping(self, at: str, value: Json) -> bool:
        if not isinstance(value, dict):
            self.remarks.add(at, "wrong-type", f"expected a mapping, found {described(value)}")
        return isinstance(value, dict)

    def _section(self, at: str, model: type[BaseModel], value: Json) -> Any:
        """A provider's settings; where they are wrong, its defaults."""
        value = {} if value is None else value
        refused: set[str] = set()
        for where, text in _texts(value, at):
            if BEGIN in text:
                told = "a variable has no meaning here: variables are for manifests"
                self.remarks.add(where, "wrong-value", told, "write the value out")
                refused.add(where)
            elif where.endswith("/endpoint"):
                reason = check_endpoint(text, self.allowed)
                if reason is not None:
                    self.remarks.add(where, "endpoint", reason)
                    refused.add(where)
        try:
            return model.model_validate(value)
        except ValidationError as error:
            for complaint in explain(
                error.errors(include_url=False),
                value,
                _fields(model),
                lambda path: self.remarks.written(at + pointer(path)),
                what=at.rpartition("/")[2],
                describe=lambda path: description_of(model, path),
            ):
                where = at + pointer(complaint.path)
                if where not in refused:
                    self.remarks.add(
                        where, complaint.code, complaint.text, complaint.help, key=complaint.key
                    )
        return None

    def _numbers(
        self,
        at: str,
        section: Json,
        known: Mapping[str, str],
        read: Callable[[str, str, Json], float | int | Share | None],
    ) -> dict[str, Any]:
        """The members of `wait` or `limits` by the names that the model has for them."""
        if section is None or not self._is_mapping(at, section):
            return {}
        self._keys(at, section, known)
        values = {
            known[name]: read(join(at, name), name, value)
            for name, value in section.items()
            if name in known
        }
        return {name: value for name, value in values.items() if value is not None}

    def _seconds(self, at: str, name: str, value: Json) -> float | None:
        try:
            seconds = parse_duration(value)
        except ValueError as error:
            self.remarks.add(at, "wrong-value", f"{name}: {error}")
            return None
        if name == "timeout" and seconds == 0:
            self.remarks.add(at, "wrong-value", "timeout must be longer than 0s")
        elif name != "timeout" and seconds < _MIN_SECONDS:
            text = f"{name} must be at least 100ms: {_TOO_SHORT}"
            self.remarks.add(at, "wrong-value", text)
        return seconds

    def _limit(self, at: str, name: str, value: Json) -> float | int | Share | None:
        if name == "maxChange":
            return self._percent(at, name, value)
        if name == "maxUnavailable" and isinstance(value, str) and value.endswith("%"):
            percent = self._percent(at, name, value)
            if percent == 0:
                self.remarks.add(at, "wrong-value", f"{name}: a share is more than 0%")
            return Share(percent) if percent else None
        if name == "wavePause":
            return self._pause(at, name, value)
        least = 0 if name in _FROM_NONE else 1
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            text = f"{name}: expected a whole number from {least}, found {described(value)}"
            self.remarks.add(at, "wrong-type", text)
            return None
        return value

    def _pause(self, at: str, name: str, value: Json) -> float | None:
        try:
            return parse_duration(value)
        except ValueError as error:
            self.remarks.add(at, "wrong-value", f"{name}: {error}")
            return None

    def _percent(self, at: str, name: str, value: Json) -> float | None:
        try:
            return parse_percent(value)
        except ValueError as error:
            self.remarks.add(at, "wrong-value", f"{name}: {error}")
            return None


def _texts(value: Json, at: str) -> Iterator[tuple[str, str]]:
    """Every string among these settings, however deep in mappings."""
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _texts(member, join(at, name))


def _fields(model: type[BaseModel]) -> Field:
    """The members of a settings model, for suggestions."""
    members: dict[str, Field] = {}
    for name, info in model.model_fields.items():
        choices = (info.annotation, *get_args(info.annotation))
        nested = [
            kind for kind in choices if isinstance(kind, type) and issubclass(kind, BaseModel)
        ]
        members[info.alias or name] = _fields(nested[0]) if nested else Field(Shape.ANY)
    return Field(Shape.OBJECT, members=members)
