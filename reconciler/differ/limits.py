"""How long the text at a pointer may be."""

from reconciler.model.rules import Field, Rules, Shape
from reconciler.model.tree import tokens


def limit_of(rules: Rules, path: str) -> int | None:
    """The limit of the field at `path`, None where no page names one."""
    rule: Field | None = rules.root
    for token in tokens(path):
        if rule is None:
            return None
        inner = rule.item if rule.shape in (Shape.LIST, Shape.MAP) else None
        rule = inner or rule.members.get(token)
    return rule.limit if rule is not None else None
