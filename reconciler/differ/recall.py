"""The way back from what a record says of an update, some time later. Pure.

It is the same way back as right after a failure (`back`), from less: secrets are in no record, and
meanwhile somebody else may have changed the same fields. Then nothing of that agent is taken back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from reconciler.differ.back import MOVED, Done, way_back
from reconciler.differ.moved import told
from reconciler.differ.preimage import VARIABLE
from reconciler.differ.values import decode_document, lookup, unresolved
from reconciler.model.live import Live
from reconciler.model.manifest import Desired
from reconciler.model.plan import NOTHING
from reconciler.model.rules import Rules
from reconciler.model.run import Write
from reconciler.model.sealed import Sealed
from reconciler.model.tree import Tree, tokens

LOST = "a record keeps no secret, so what was sent stays"
UNSURE = "its value is secret and the agent was updated since, so whose it is cannot be told"
ENDLESS = "its value is secret and that run has no end on record, so whose it is cannot be told"


@dataclass(frozen=True, slots=True)
class Recall:
    """What an agent shall be again. `stays` cannot go back, each with its reason.

    `moved` says which touched fields are no longer as that run left them, `blocked` why nothing may
    be sent: of such an agent nothing is taken back.
    """

    desired: Desired
    stays: tuple[tuple[str, str], ...] = ()
    moved: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()


def bare(desired: Desired, write: Write, environ: Mapping[str, str]) -> Desired:
    """The agent with nothing declared but its secrets, by which reads know what to seal.

    An object that goes back can need those that no read shows, and they were sent by the run that
    is taken back: they come from the same variables of `environ` again.
    """
    spec: Tree = dict(desired.spec)
    for path in write.secrets:
        _into(spec, path, Sealed(None, "record"))
    for path, reference in write.references.items():
        secret = environ.get(reference.removeprefix(VARIABLE)) or None
        if secret is not None:
            _into(spec, path, Sealed(secret, reference))
    return replace(desired, spec=spec)


def recall(desired: Desired, writes: Sequence[Write], live: Live, rules: Rules) -> Recall:
    """The way back from these writes of one run. `desired` is a `bare` one."""
    write, desired = merged(writes), replace(desired, spec=_with_values(desired.spec))
    unmoved = write.left_stamp is not None and write.left_stamp == live.stamp
    lost = dict.fromkeys(write.hidden, LOST)
    if not unmoved:
        there = (path for path in write.sealed if lookup(live.tree, tokens(path)) is not NOTHING)
        why = ENDLESS if write.left_stamp is None else UNSURE
        lost |= {path: why for path in there if path not in lost}
    touched = [*write.before, *write.unset, *write.hidden]
    sent: Tree = {**write.supplied, **desired.spec}
    for path, value in write.after.items():
        _into(sent, path, value)
    for path in write.sealed:
        if path not in lost:
            _into(sent, path, Sealed(None, "record"))
    before: Tree = {}
    for path, value in write.before.items():
        _into(before, path, value)
    wanted = replace(desired, spec=sent)
    way = way_back(Done(wanted, before, {}, frozenset(touched), (), lost), live.tree, rules)
    for path in way.returns:  # what a record shows may be shown; it was sealed as any live value is
        if isinstance(lookup(way.desired.spec, tokens(path)), Sealed):
            _into(way.desired.spec, path, write.before[path])
    blocked = list(way.blocked)
    if unresolved(way.desired.spec) is not None:
        blocked.append("a secret would have to go along that is in no record")
    known = {path for path in write.references if lookup(desired.spec, tokens(path)) is not NOTHING}
    missing = [name for path, name in write.references.items() if path not in known]
    if way.blocked and missing:
        blocked.append(f"that run took what no read shows from {', '.join(missing)}: set it again")
    where = {name: value for name, value in desired.spec.items() if name in write.where}
    return Recall(
        replace(way.desired, spec=where | way.desired.spec),
        tuple((path, why) for path, why in way.stays if why != MOVED),
        tuple(_moved(path, write, live) for path, why in way.stays if why == MOVED),
        tuple(blocked),
    )


def merged(writes: Sequence[Write]) -> Write:
    """Several writes of one agent in a run as one: what was before the first, and after the last."""
    first, last = writes[0], writes[-1]
    before, hidden, unset = dict(first.before), list(first.hidden), list(first.unset)
    for write in writes[1:]:
        known = {*before, *hidden, *unset}
        before |= {path: value for path, value in write.before.items() if path not in known}
        hidden += [path for path in write.hidden if path not in known]
        unset += [path for path in write.unset if path not in known]
    after: Tree = {}
    sealed: list[str] = []
    for write in writes:
        after = {path: value for path, value in after.items() if path not in write.sealed}
        gone = {*write.before} - {*write.after} - {*write.sealed}
        after = {p: value for p, value in (after | write.after).items() if p not in gone}
        sealed = [path for path in sealed if path not in write.after and path not in gone]
        sealed += [path for path in write.sealed if path not in sealed]
    return replace(
        last,
        before=before,
        hidden=tuple(hidden),
        unset=tuple(unset),
        after=after,
        sealed=tuple(sealed),
        supplied={**first.supplied, **last.supplied},
        references={**first.references, **last.references},
        secrets=tuple(dict.fromkeys(path for write in writes for path in write.secrets)),
    )


def _with_values(spec: Tree) -> Tree:
    """Without the secrets that have no value here, and what held nothing else."""
    kept: Tree = {}
    for name, value in spec.items():
        member = _with_values(value) if isinstance(value, dict) else value
        empty = not member and isinstance(value, dict)
        if not empty and not (isinstance(member, Sealed) and not member.resolved):
            kept[name] = member
    return kept


def _moved(path: str, write: Write, live: Live) -> str:
    now = told(lookup(live.tree, tokens(path)))
    if path in write.hidden or path in write.sealed:
        return f"{path} was changed since"
    return f"{path} is {now} now; that run left {told(write.after.get(path, NOTHING))}"


def _into(tree: Tree, path: str, value: object) -> None:
    """Put a value where a pointer leads, making the mappings on the way."""
    *above, last = tokens(path)
    for token in above:
        inner = decode_document(tree.get(token))
        tree[token] = inner = dict(inner) if isinstance(inner, dict) else {}
        tree = inner
    tree[last] = value
