"""The section itself: rules, built-in rules, break-glass and examples, for the file and a target."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from reconciler.loader.policy.builtin import NAMES, BuiltIns
from reconciler.loader.policy.form import Form, as_list
from reconciler.loader.policy.samples import Samples, Used
from reconciler.loader.remarks import Remarks
from reconciler.loader.words import did_you_mean, listed, quoted
from reconciler.model.policy import BreakGlass, Custom, Head, Level, Policy, Rule
from reconciler.model.target import Target
from reconciler.model.tree import Json, Tree, join

SANDBOX: Final = "sandbox"
"""The target that always exists."""

_SECTION: Final = ("rules", "builtin", "breakGlass", "tests")
_RULE: Final = ("name", "when", *Level, "message", "names", "selector")
_GLASS: Final = ("reason", "expires", "allow")


def with_policies(
    remarks: Remarks, config: Tree, targets: Mapping[str, Target]
) -> tuple[Policy, dict[str, Target]]:
    """The policy at the top of the file, and the targets with theirs."""
    policies = Policies(remarks)
    top = policies.read("/policy", config.get("policy"))
    found = dict(targets)
    for name, target in targets.items():
        section = config["targets"][name]
        own = section.get("policy") if isinstance(section, dict) else None
        at = join(join("/targets", name), "policy")
        found[name] = replace(target, policy=policies.read(at, own, top))
    policies.check_names({*targets, SANDBOX})
    return top, found


@dataclass(slots=True)
class Policies:
    """The check of every section `policy` of one file. What is wrong goes to `remarks`."""

    remarks: Remarks
    form: Form = field(init=False)
    _known: set[str] = field(default_factory=lambda: set(NAMES))
    _used: Used = field(default_factory=Used)

    def __post_init__(self) -> None:
        self.form = Form(self.remarks)

    def read(self, at: str, value: Json, above: Policy = Policy()) -> Policy:  # noqa: B008 - frozen
        """The policy that the section at `at` makes of the one `above` it: they add up."""
        section = self.form.mapping(at, value, _SECTION)
        if section is None:
            return replace(above, samples=())
        builtins = BuiltIns(self.form, self._known)
        builtin = tuple(builtins.read(join(at, "builtin"), section.get("builtin")))
        custom = tuple(self._rules(join(at, "rules"), section.get("rules"), above.rules))
        rules = (*above.rules, *builtin, *custom)
        glass = self._glass(join(at, "breakGlass"), section.get("breakGlass"))
        samples = Samples(self.form, self._used).read(join(at, "tests"), section.get("tests"))
        written = {name: part for name, part in section.items() if name != "tests"}
        return Policy(
            rules, (*above.break_glass, *glass), tuple(samples), (*above.written, written)
        )

    def check_names(self, targets: Collection[str]) -> None:
        """Tell of names that stand nowhere in the file, once all of it was read."""
        for at, name in self._used.rules:
            self._check(at, name, self._known, "unknown-rule", "rule")
        for at, name in self._used.targets:
            self._check(at, name, targets, "target", "target")

    def _check(self, at: str, name: str, known: Collection[str], code: str, what: str) -> None:
        if name not in known:
            text = f"there is no {what} {quoted(name)}"
            names = sorted(known)
            help_text = did_you_mean(name, names) or f"there is {listed(names, last='and')}"
            self.remarks.add(at, code, text, help_text)

    def _rules(self, at: str, value: Json, above: Sequence[Rule]) -> Iterator[Rule]:
        seen = {rule.head.name: rule.head.place for rule in above if isinstance(rule, Custom)}
        for where, one in self.form.elements(at, value):
            rule = self._rule(where, one)
            if rule is None:
                continue
            name = rule.head.name
            if name in NAMES:
                text = f"{quoted(name)} is the name of a built-in rule"
                self.remarks.add(join(where, "name"), "declared-twice", text)
            elif name in seen:
                text = f"the rule {quoted(name)} is written twice, first at {seen[name]}"
                self.remarks.add(join(where, "name"), "declared-twice", text)
            else:
                seen[name] = rule.head.place
                yield rule

    def _rule(self, at: str, value: Json) -> Rule | None:
        section = self.form.mapping(at, value, _RULE)
        if section is None:
            return None
        name = self.form.text(join(at, "name"), section.get("name"), "name")
        if name is not None:
            self._known.add(name)  # also where the rule is wrong: one mistake is told once
        if not self.form.needs(at, section, ("name", "message")):
            return None
        levels = [level for level in Level if section.get(level) is not None]
        if len(levels) != 1:
            text = "a rule has deny or warn: what must not be true of an agent"
            code = "missing" if not levels else "wrong-form"
            self.remarks.add(at, code, text, start=True)
            return None
        level = levels[0]
        message = self.form.text(join(at, "message"), section["message"], "message")
        condition = self.form.expression(join(at, level), section[level], level)
        when = self.form.expression(join(at, "when"), section.get("when"), "when")
        scope = self.form.scope(at, section)
        if name is None or message is None or condition is None:
            return None
        return Custom(Head(name, level, condition.place, message, scope), condition, when)

    def _glass(self, at: str, value: Json) -> Iterator[BreakGlass]:
        entries = as_list(value)
        for where, one in self.form.elements(at, entries):
            here = where if entries is value else at
            section = self.form.mapping(here, one, _GLASS)
            if section is None or not self.form.needs(here, section, _GLASS):
                continue
            glass = self._one_glass(here, section)
            if glass is not None:
                yield glass

    def _one_glass(self, at: str, section: Tree) -> BreakGlass | None:
        reason = self.form.text(join(at, "reason"), section["reason"], "reason")
        expires = self.form.moment(join(at, "expires"), section["expires"], "expires")
        allow = self._used.names(self.form, join(at, "allow"), section["allow"])
        if reason is None or expires is None:
            return None
        return BreakGlass(
            reason, expires, section["expires"], allow, self.remarks.place(at, key=True)
        )
