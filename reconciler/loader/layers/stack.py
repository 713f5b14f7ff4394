"""The layers of one target, and which of their steps belong to which manifest."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from reconciler.loader.layers.identity import Identity, Step, identity, identity_of
from reconciler.loader.layers.nodes import Node, layered, locate
from reconciler.loader.layers.variables import Scope
from reconciler.loader.remarks import Single, View
from reconciler.loader.words import did_you_mean, listed, quoted


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """One document of the manifests. `made`: it has variables in it."""

    single: Single
    made: bool


@dataclass(slots=True)
class Stack:
    """What one target does to manifests. `steps` are in the order in which they are carried out.

    `loose` are those of them that stand among the manifests, in no overlay: only a run that is
    given their file sees them.
    """

    scope: Scope
    steps: Sequence[Step]
    loose: Collection[Step] = ()
    _of: dict[Identity, list[Step]] = field(default_factory=dict)
    _substituted: dict[Base, Node] = field(default_factory=dict)

    def root(self, base: Base) -> Node:
        """The manifest's tree with its variables replaced."""
        if base not in self._substituted:
            root = locate(base.single)
            if not base.made:
                return root
            self._substituted[base] = self.scope.substitute(root)
        return self._substituted[base]

    def whose(self, base: Base) -> Identity | None:
        """Whose manifest it is, None where it doesn't say so well enough."""
        return identity(self.root(base)) if base.made else identity_of(base.single.value)

    def assign(self, bases: Iterable[Base]) -> "Leftover":
        """Find the manifest of each step. Tells what fits none for a reason of its own.

        What is left over has no manifest of its kind and name among these.
        """
        if not self.steps:
            return Leftover((), (), True)
        known: dict[tuple[str, str], dict[str | None, Identity]] = {}
        complete = True
        for base in bases:
            whose = self.whose(base)
            if whose is None:
                complete = False
            else:
                known.setdefault(whose[:2], {})[whose.api_version] = whose
        left: list[Step] = []
        for step in self.steps:
            versions = known.get(step.whose[:2])
            if versions is None:
                left.append(step)
            elif (found := _choose(step, versions)) is not None:
                self._of.setdefault(found, []).append(step)
        return Leftover(tuple(left), tuple(known), complete)

    def view(self, base: Base) -> View:
        """What holds of this manifest under this target."""
        whose = self.whose(base) if self.steps else None
        steps = self._of.get(whose, ()) if whose is not None else ()
        if not steps and not base.made:
            return base.single
        root = self.root(base)
        self._substituted.pop(base, None)
        for step in steps:
            if step in self.loose:
                _warn_of_parting(step, base)
            root = step.apply(root)
        return layered(root)


def _warn_of_parting(step: Step, base: Base) -> None:
    """Warn where a run over the agent's file alone would want another state than one over all."""
    file = base.single.findings.source.file
    if step.remarks.source(step.name_at).file != file:
        text = f"the agent is declared in {file}: a run over that file alone leaves this patch out"
        help_text = "put it into that file, or into an overlay"
        step.remarks.add(step.name_at, "patch-apart", text, help_text, warning=True)


def _choose(step: Step, versions: dict[str | None, Identity]) -> Identity | None:
    """The manifest that is meant, where its kind and name alone don't say it."""
    wanted = step.whose.api_version
    names = listed(sorted(str(version) for version in versions), last="and")
    if wanted is None and len(versions) == 1:
        return next(iter(versions.values()))
    if wanted is None:
        what = f"{step.whose.kind} {quoted(step.whose.name)}"
        text = f"{what} is declared under more than one apiVersion"
        help_text = f"give this {step.title} the apiVersion that it is for: {names}"
        step.remarks.add(step.name_at, "ambiguous-agent", text, help_text)
        return None
    if wanted not in versions:
        text = f"the manifest of this agent has the apiVersion {names}"
        step.remarks.add(
            step.version_at, "wrong-value", text, "write the same here, or leave it out"
        )
        return None
    return versions[wanted]


@dataclass(frozen=True, slots=True)
class Leftover:
    """Steps that fit no manifest, the kinds and names there are, and whether those are all."""

    steps: Sequence[Step]
    known: Collection[tuple[str, str]]
    complete: bool

    def tell(self, elsewhere: Callable[[], Collection[tuple[str, str]]]) -> None:
        """Complain about steps for agents that don't exist, here or `elsewhere`."""
        if not self.steps or not self.complete:
            return
        others = elsewhere()
        for step in self.steps:
            kind, name = step.whose[:2]
            if (kind, name) in others:
                continue
            names = sorted({one for of, one in (*self.known, *others) if of == kind})
            text = f"there is no {kind} {quoted(name)} that this {step.title} could change"
            help_text = did_you_mean(name, names)
            if not help_text:
                help_text = f"there is {listed(names, last='and')}" if names else ""
            help_text = help_text or f"no manifest has the kind {kind}"
            step.remarks.add(step.name_at, "unknown-agent", text, help_text)
