"""The rules that are there to be switched on: `policy.builtin`."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from reconciler.loader.policy.form import Form
from reconciler.loader.quantities import parse_duration
from reconciler.loader.words import described, did_you_mean, listed, quoted
from reconciler.model.policy import (
    AllowedModels,
    Freeze,
    Head,
    ImagePinned,
    MaxCpu,
    MaxMemory,
    NoPublicNetwork,
    Protected,
    Rule,
)
from reconciler.model.tree import Json, Tree, join

_COMMON: Final = ("level", "message", "names", "selector")
"""What every rule takes."""

_SWITCH: Final[Mapping[str, Callable[[Head], Rule]]] = {
    "image-pinned": ImagePinned,
    "no-public-network": NoPublicNetwork,
}
_LIMIT: Final[Mapping[str, Callable[[Head, float], Rule]]] = {
    "max-memory": MaxMemory,
    "max-cpu": MaxCpu,
}
_MODELS: Final = "allowed-models"
_FREEZE: Final = "freeze"
_PROTECTED: Final = "protected"
NAMES: Final = (*_SWITCH, *_LIMIT, _MODELS, _FREEZE, _PROTECTED)
"""The names of all of them."""


@dataclass(frozen=True, slots=True)
class BuiltIns:
    """The check of the rules that need no expression. Names of windows are put to `known`."""

    form: Form
    known: set[str]

    def read(self, at: str, value: Json) -> Iterator[Rule]:
        """Every rule that is on."""
        section = value
        if isinstance(value, dict):
            self._known(at, value)
            section = {name: member for name, member in value.items() if name in NAMES}
        for name, member in (self.form.mapping(at, section, NAMES) or {}).items():
            yield from self._rules(join(at, name), name, member)

    def _known(self, at: str, section: Tree) -> None:
        for name in section:
            if name not in NAMES:
                text = f"there is no built-in rule {quoted(name)}"
                help_text = did_you_mean(name, NAMES) or f"there is {listed(NAMES, last='and')}"
                self.form.remarks.add(join(at, name), "unknown-rule", text, help_text, key=True)

    def _rules(self, at: str, name: str, value: Json) -> Iterator[Rule]:
        if value is None:  # neither on nor clearly off
            what = "a list" if name == _FREEZE else "a level or settings"
            self.form.remarks.add(at, "wrong-type", f"{name}: expected {what}, found null")
        elif name == _FREEZE:
            for where, one in self.form.elements(at, value):
                yield from self._freeze(where, one)
        else:
            yield from self._rule(at, name, value)

    def _rule(self, at: str, name: str, value: Json) -> Iterator[Rule]:
        if name in _SWITCH and not isinstance(value, dict):
            value = {"level": value}
        own = {**dict.fromkeys(_LIMIT, ("limit",)), _MODELS: ("models",)}.get(name, ())
        section = self.form.mapping(at, value, (*own, *_COMMON))
        if section is None:
            return
        head = self._head(at, name, section)
        whole = self.form.needs(at, section, own)
        if head is None or not whole:
            return
        if name in _SWITCH:
            yield _SWITCH[name](head)
        elif name in _LIMIT:
            where = join(at, "limit")
            limit = self.form.number(where, section["limit"], "limit")
            if limit is not None:
                yield _LIMIT[name](head, limit)
        elif name == _MODELS:
            where = join(at, "models")
            models = self.form.texts(where, section["models"], "a model")
            yield AllowedModels(head, models)
        else:
            yield from self._protected(at, section, head)

    def _protected(self, at: str, section: Tree, head: Head) -> Iterator[Rule]:
        if section.get("names") is None and section.get("selector") is None:
            text = "names or selector is missing: nobody is protected"
            self.form.remarks.add(at, "missing", text, start=True)
            return
        yield Protected(head)

    def _head(self, at: str, name: str, section: Tree) -> Head | None:
        """What every rule has; None for one that is off, or wrong."""
        level = self.form.level(join(at, "level"), section.get("level"))
        message = self.form.text(join(at, "message"), section.get("message"), "message")
        scope = self.form.scope(at, section)
        if level is None:
            return None
        place = self.form.remarks.place(at, key=True)
        return Head(name, level, place, message or "", scope)

    def _freeze(self, at: str, value: Json) -> Iterator[Rule]:
        section = self.form.mapping(at, value, ("name", "cron", "for", "timezone", *_COMMON))
        if section is None:
            return
        name = self.form.text(join(at, "name"), section.get("name"), "name")
        head = self._head(at, name or _FREEZE, section)
        self.known.add(name or _FREEZE)
        if not self.form.needs(at, section, ("cron", "for", "timezone")):
            return
        cron = self._cron(join(at, "cron"), section["cron"])
        seconds = self._seconds(join(at, "for"), section["for"])
        zone = self._zone(join(at, "timezone"), section["timezone"])
        if head is not None and cron is not None and seconds is not None and zone is not None:
            yield Freeze(head, cron, seconds, zone)

    def _cron(self, at: str, value: Json) -> str | None:
        from reconciler.differ.freeze import cron_fault  # noqa: PLC0415 - for this rule only

        text = self.form.text(at, value, "cron")
        if text is None:
            return None
        fault = cron_fault(text)
        if fault:
            help_text = "Friday at six in the evening is 0 18 * * FRI"
            self.form.remarks.add(at, "wrong-value", f"cron: {fault}", help_text)
            return None
        return text

    def _seconds(self, at: str, value: Json) -> float | None:
        try:
            seconds = parse_duration(value)
        except ValueError as error:
            self.form.remarks.add(at, "wrong-value", f"for: {error}")
            return None
        if seconds <= 0:
            self.form.remarks.add(at, "wrong-value", "for must be longer than 0s")
            return None
        return seconds

    def _zone(self, at: str, value: Json) -> ZoneInfo | None:
        if not isinstance(value, str):
            text = f"timezone: expected a string, found {described(value)}"
            self.form.remarks.add(at, "wrong-type", text)
            return None
        try:
            return ZoneInfo(value)
        except (KeyError, ValueError, OSError):  # an unknown name, one that is a path or a folder
            near = did_you_mean(value, sorted(available_timezones()))
            text = f"there is no time zone {quoted(value)}"
            help_text = near or "IANA has names like Asia/Shanghai and UTC"
            self.form.remarks.add(at, "wrong-value", text, help_text)
            return None
