"""What a read of AppStage says, as `Live`. Nothing in a reply is trusted to have its shape.

The documented 200 shows metadata only; whether the wire carries `properties`, and whether at the
top level or below `data`, is not established. All three are taken. Live secrets are sealed here,
before anything else can see them.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from reconciler.model.live import Health, Live, Unread
from reconciler.model.outcome import Cause
from reconciler.model.rules import names_secret, secret_name
from reconciler.model.sealed import Sealed
from reconciler.model.tree import Json, Tree, kind_of
from reconciler.providers.appstage.rules import DOCUMENTS, SECRET_NAMES
from reconciler.providers.appstage.text import NOT_JSON, decode
from reconciler.wire.call import Reply

_METADATA: Final = ("name", "description")
_SET_WHEN_PUBLISHED: Final = ("agent_uri", "web_uri", "api_key")
_LATEST_MS: Final = 1e14  # the year 5138: more is no time
_TOO_DEEP: Final = "the cloud sent an agent that is nested too deeply to read"


class _Odd(Exception):
    """A member of the reply does not have the shape that the page gives it."""


def decode_agent(agent_id: str, reply: Reply, learn: Callable[[str], None]) -> Live | Unread:
    """The agent as this read shows it; `Unread` where the reply is not an agent at all.

    `learn` is told every live secret in the reply before anything else is made of it.
    """
    try:
        for secret in live_secrets(reply.data):
            learn(secret)
        return _agent(agent_id, reply)
    except _Odd as odd:
        return Unread(str(odd), Cause.CLOUD)
    except RecursionError:
        return Unread(_TOO_DEEP, Cause.CLOUD)


def _agent(agent_id: str, reply: Reply) -> Live:
    if not isinstance(reply.data, dict):
        raise _Odd(f"the cloud sent {_shape(reply.data)} instead of an agent")
    layers = _layers(reply.data)
    properties = _typed(layers, "properties", dict)
    tree: Tree = {
        name: value
        for name, kind in (("region", str), ("tags", list))
        if (value := _typed(layers, name, kind)) is not None
    }
    tree["properties"] = _metadata(layers) if properties is None else properties
    stamp, stamp_text = _stamp(_member(layers, "update_time"))
    return Live(
        id=agent_id,
        tree=seal_live(tree),
        health=Health.NONE,
        stamp=stamp,
        stamp_text=stamp_text,
        age_seconds=_age(stamp, reply.date),
        partial=properties is None,
        hints=tuple(_hints([properties or {}, *layers])),
    )


def _layers(data: Tree) -> list[Tree]:
    """Where members are looked for, best first: beside `properties`, then in the other layer."""
    inner = data.get("data")
    if not isinstance(inner, dict):
        return [data]
    return [data, inner] if data.get("properties") is not None else [inner, data]


def _member(layers: list[Tree], name: str) -> Any:
    return next((layer[name] for layer in layers if layer.get(name) is not None), None)


def _typed(layers: list[Tree], name: str, kind: type) -> Any:
    value = _member(layers, name)
    if value is not None and not isinstance(value, kind):
        raise _Odd(f"the cloud sent {_shape(value)} as {name}")
    return value


def _shape(value: Json) -> str:
    return "no JSON" if value is None else kind_of(value)


def _metadata(layers: list[Tree]) -> Tree:
    """What a read without `properties` shows of them all the same."""
    return {name: value for name in _METADATA if isinstance(value := _member(layers, name), str)}


def _stamp(value: Json) -> tuple[float | None, str]:
    """`update_time` in seconds since the epoch (13-digit milliseconds on the wire) and as told."""
    if isinstance(value, str):
        told = value.strip()
        milliseconds = float(told) if told.isascii() and told.isdigit() else 0.0
    elif isinstance(value, int | float) and not isinstance(value, bool):
        told = str(value)
        milliseconds = float(value) if abs(value) < _LATEST_MS else 0.0
    else:
        return None, ""
    return (milliseconds / 1000 if 0 < milliseconds < _LATEST_MS else None), told[:64]


def _age(stamp: float | None, date: float | None) -> float | None:
    # Date has whole seconds and the stamp milliseconds: an agent just written may look unborn.
    return None if stamp is None or date is None else max(0.0, date - stamp)


def _hints(layers: list[Tree]) -> Iterator[str]:
    shown = [name for name in _SET_WHEN_PUBLISHED if _member(layers, name) not in (None, "")]
    if shown:
        yield (
            f"looks published ({', '.join(shown)} set): an update may be refused "
            "with AIAE.20002042; this is a guess"
        )


def seal_live(tree: Tree) -> Tree:
    """A copy of a live tree in which no live secret stands open.

    A secret member is sealed as a leaf, a string that is JSON and holds one is sealed whole. Only
    the known JSON documents of `properties` stay text: the comparison opens them, shows nothing
    that stands at one of `Rules.secret_names`, and must be able to keep their other members.
    """
    sealed: Tree = _seal(tree)
    properties = tree.get("properties")
    if isinstance(properties, dict):
        sealed["properties"] |= {
            name: properties[name]
            for name in DOCUMENTS & properties.keys()
            if isinstance(properties[name], str)
        }
    return sealed


def _seal(value: Json) -> Any:
    if isinstance(value, dict):
        return {
            name: _seal_all(member) if _is_secret(name) else _seal(member)
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [_seal(element) for element in value]
    if isinstance(value, str) and any(True for _ in _in_text(value)):
        return Sealed(value)
    return value


def _seal_all(value: Json) -> Any:
    if isinstance(value, dict):
        return {name: _seal_all(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_seal_all(element) for element in value]
    return Sealed(value) if isinstance(value, str) and value else value


def live_secrets(value: Json) -> Iterator[str]:
    """Every live secret in a reply, wherever it stands. Raises RecursionError like `seal_live`."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _texts(member) if _is_secret(name) else live_secrets(member)
    elif isinstance(value, list):
        for element in value:
            yield from live_secrets(element)
    elif isinstance(value, str):
        yield from _in_text(value)


def _is_secret(name: str) -> bool:
    return names_secret(name, SECRET_NAMES)


def _texts(value: Json) -> Iterator[str]:
    """The texts of a secret; a number that is one is learnt by its digits."""
    if isinstance(value, str):
        if value:
            yield value
    elif isinstance(value, int | float) and value and value is not True:
        yield json.dumps(value)
    elif isinstance(value, dict | list):
        for member in value.values() if isinstance(value, dict) else value:
            yield from _texts(member)


def _may_hold_secret(text: str) -> bool:
    # A member name may be escaped (\u0061 for a), so any escape makes the text worth a look.
    if "\\u" in text:
        return True
    plain = secret_name(text)
    return any(name in plain for name in SECRET_NAMES)


def _in_text(text: str) -> Iterator[str]:
    if _may_hold_secret(text) and (value := decode(text)) is not NOT_JSON:
        yield from live_secrets(value)
