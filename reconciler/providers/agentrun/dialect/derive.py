"""Models and rules in the tool's spelling, made from ours: the same types, limits and texts.

What the tool itself refuses (`required` members, objects whose members need each other) comes in
through `Demands`.
"""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, create_model
from pydantic_core import PydanticUndefined

from reconciler.model.rules import Field, Shape, Trait
from reconciler.providers.agentrun.dialect.names import MEMBERS
from reconciler.providers.fields import Spec


class Theirs(Spec):
    """An object in the tool's spelling. Costs nothing until a document of that spelling is met."""

    model_config = ConfigDict(defer_build=True)


@dataclass(frozen=True, slots=True)
class Demands:
    """What the tool wants beyond our models, by pointer.

    `required` are members that must stand there; `bases` are classes whose validators look at one
    object; `more` are members that no field of ours stands for, as annotation and field.
    """

    required: frozenset[str] = frozenset()
    bases: Mapping[str, type[Spec]] = field(default_factory=dict)
    more: Mapping[str, Mapping[str, tuple[Any, Any]]] = field(default_factory=dict)


def derived_model(model: type[BaseModel], at: str, demands: Demands) -> type[Spec]:
    """Our `model` with the members and the names that the object at `at` has in the tool."""
    fields: dict[str, Any] = {}
    for theirs, ours in _members(at, model.model_fields).items():
        info, below = model.model_fields[ours], f"{at}/{theirs}"
        annotation, copied = _derived(info.annotation, below, demands), copy(info)
        if below in demands.required:
            annotation, copied.default = Union[_parts(annotation)], PydanticUndefined  # noqa: UP007
        fields[theirs] = (annotation, copied)
    fields |= demands.more.get(at, {})
    base = demands.bases.get(at, Theirs)
    name = "".join(part.title() for part in at.split("/") if part != "*") or "Document"
    made: type[Spec] = create_model(name, __base__=base, __doc__=model.__doc__, **fields)
    return made


def derived_rules(rule: Field, at: str, more: Mapping[str, Mapping[str, Field]]) -> Field:
    """Our `rule` with the same members and names. A secret may stand there in plain text."""
    if rule.has(Trait.SECRET):  # not refused, and still shown nowhere
        rule = replace(rule, traits=rule.traits & ~Trait.SECRET | Trait.HIDDEN)
    if rule.item is not None and rule.shape is Shape.LIST:
        return replace(rule, item=derived_rules(rule.item, f"{at}/*", more))
    if not rule.members:
        return rule
    members = {
        theirs: derived_rules(rule.members[ours], f"{at}/{theirs}", more)
        for theirs, ours in _members(at, rule.members).items()
    }
    return replace(rule, members=members | dict(more.get(at, {})))


def rules_of(annotation: Any) -> Field:
    """The rules of a value that only the tool has, as far as names and shapes go."""
    for model in (part for part in _parts(annotation) if isinstance(part, type)):
        if issubclass(model, BaseModel):
            members = {name: rules_of(info.annotation) for name, info in model.model_fields.items()}
            return Field(Shape.OBJECT, members=members)
    for part in _parts(annotation):
        if get_origin(part) is list:
            return Field(Shape.LIST, item=rules_of(get_args(part)[0]))
    return Field(Shape.ANY)


def _members(at: str, ours: Mapping[str, Any]) -> Mapping[str, str]:
    return MEMBERS.get(at) or {name: name for name in ours}


def _derived(annotation: Any, at: str, demands: Demands) -> Any:
    """The annotation with every model in it derived."""
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return derived_model(annotation, at, demands) if _is_model(annotation) else annotation
    if get_origin(annotation) is list:
        item: Any = _derived(get_args(annotation)[0], f"{at}/*", demands)
        return list[item]
    if get_origin(annotation) in {Union, UnionType}:
        return Union[tuple(_derived(part, at, demands) for part in get_args(annotation))]  # noqa: UP007
    return annotation


def _is_model(annotation: type[Any]) -> bool:
    return issubclass(annotation, BaseModel)


def _parts(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) in {Union, UnionType}:
        return tuple(part for part in get_args(annotation) if part is not NoneType)
    return (annotation,)
