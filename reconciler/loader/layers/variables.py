"""`${var.NAME}` inside strings: replaced by the text that the target has for it.

`$${var.` stands for `${var.` itself. Nothing else that begins with `$` is touched, for prompts and
commands are full of it. The text of a variable is not looked into.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from reconciler.loader.layers.nodes import Node, holding
from reconciler.loader.remarks import Spot
from reconciler.loader.words import did_you_mean, listed, quoted
from reconciler.model.manifest import Use
from reconciler.model.target import Variable
from reconciler.model.tree import Json

NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
"""What a variable may be called."""

BEGIN: Final = "${var."
"""How every variable begins."""

MAX_TEXT: Final = 64 * 1024 * 1024
"""How many characters variables may put into the manifests of one target."""

_MAX_TOLD: Final = 20
"""How many names that are not known are told of one text."""

_WORD: Final = re.compile(r"(\$?)\$\{var\.(?:([A-Za-z_][A-Za-z0-9_-]*)(\}))?")


def mentions(value: Json) -> bool:
    """Whether a variable, or what stands for its sign, is anywhere in a value or a key."""
    if isinstance(value, str):
        return BEGIN in value
    if isinstance(value, dict):
        return any(BEGIN in key or mentions(member) for key, member in value.items())
    return isinstance(value, list) and any(map(mentions, value))


def may_mention(text: str) -> bool:
    """Whether a file may: what its text doesn't show an escape in a string can hide."""
    return BEGIN in text or "\\" in text


def escaped(text: str) -> str:
    """The text as a manifest has to write it so that no variable is seen in it."""
    return text.replace(BEGIN, f"${BEGIN}")


@dataclass(slots=True)
class Scope:
    """The variables of one target. `target` is its name, None where none was chosen."""

    target: str | None = None
    variables: Mapping[str, Variable] = field(default_factory=dict)
    _added: int = 0

    def substitute(self, node: Node) -> Node:
        """The tree with every variable replaced; what is wrong goes to the files it stands in."""
        value = node.value
        if isinstance(value, str):
            return self._text(node, value) if BEGIN in value else node
        if isinstance(value, dict):
            for key, member in value.items():
                if BEGIN in key:
                    _refuse_key(member)
            return self._held(node, value.items(), dict)
        if isinstance(value, list):
            return self._held(node, enumerate(value), lambda pairs: [one for _, one in pairs])
        return node

    def _held(self, node: Node, pairs: Any, make: Callable[[Any], Any]) -> Node:
        before = list(pairs)
        after = [(key, self.substitute(member)) for key, member in before]
        if all(old is new for (_, old), (_, new) in zip(before, after, strict=True)):
            return node
        return holding(node, make(after))

    def _text(self, node: Node, text: str) -> Node:
        uses: dict[str, Use] = {}
        unknown: dict[str, int] = {}
        before = self._added
        found = list(_WORD.finditer(text))
        for number, match in enumerate(found):
            variable = self.variables.get(match[2] or "")
            if match[1]:
                continue
            if variable is None:
                unknown.setdefault(match[2] or "", number)
            else:
                uses[match[2]] = Use(match[2], variable.place)
                self._added += len(variable.text)
        self._tell(node, found, unknown)
        if self._added > MAX_TEXT:
            if before <= MAX_TEXT:
                told = f"variables would put more than {MAX_TEXT:,} characters into the manifests"
                node.origin.spot.add("too-large", told)
            return replace(node, broken=True)
        made = _WORD.sub(self._word, text)
        return replace(node, value=made, variables=tuple(uses.values()), broken=bool(unknown))

    def _word(self, match: re.Match[str]) -> str:
        """What stands for one occurrence; itself where it was complained about."""
        if match[1]:
            return match[0][1:]
        variable = self.variables.get(match[2] or "")
        return variable.text if variable is not None else match[0]

    def _tell(self, node: Node, found: Sequence[re.Match[str]], unknown: Mapping[str, int]) -> None:
        """Complain about each name that is not known, and about what is no variable, once."""
        spots = _inside(node, found) if unknown else []
        for name, number in list(unknown.items())[:_MAX_TOLD]:
            spot = spots[number] if spots else node.origin.spot
            if name:
                spot.add("undefined-variable", *self._unknown(name))
            else:
                told = "this is not a variable; one is written ${var.NAME}"
                way_out = "a name has letters, digits, _ and -; the text ${var. itself is $${var."
                spot.add("malformed-variable", told, way_out)

    def _unknown(self, name: str) -> tuple[str, str]:
        """The complaint about a name that nothing defines, and the way out."""
        if self.target is None:
            text = f"the variable {quoted(name)} is not defined: no target was chosen"
            return text, "choose one with --target NAME"
        text = f"the target {quoted(self.target)} has no variable {quoted(name)}"
        if not self.variables:
            return text, f"define it in reconcile.yaml: targets.{self.target}.vars.{name}"
        near = did_you_mean(name, self.variables)
        known = f"it has {listed(self.variables, last='and')}"
        return text, f"{near} {known[0].upper()}{known[1:]}" if near else known


def _refuse_key(member: Node) -> None:
    if member.named is not None:
        text = "a variable cannot stand in a key"
        member.named.spot.add("variable-in-key", text, "write it out; an overlay can add keys")


def _inside(node: Node, found: Sequence[re.Match[str]]) -> list[Spot]:
    """The very characters of each, nothing where the file has them in another form."""
    findings, span = node.origin.spot
    written = list(_WORD.finditer(findings.source.text, *span))
    if [match[0] for match in written] != [match[0] for match in found]:
        return []
    return [Spot(findings, match.span()) for match in written]
