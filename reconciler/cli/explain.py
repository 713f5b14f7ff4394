"""`reconcile explain`: the story of a problem's code, or what a field means and takes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import click

from reconciler.cli.world import World
from reconciler.loader.words import did_you_mean, meant_or_known, quoted
from reconciler.model.errors import InputError
from reconciler.model.rules import Rules
from reconciler.report.fieldtext import field_table, field_text
from reconciler.report.fieldtree import Node, Tree, tokens_of
from reconciler.report.plain import plain
from reconciler.report.planissues import RULES
from reconciler.report.stories import STORIES
from reconciler.report.storytext import story_text

_STORIES: Final = {**STORIES, **RULES}
"""Of what is wrong in files, and of what SARIF and annotations say of a plan."""

_MAX_HITS: Final = 40
_PASTED: Final = re.compile(r"(?:error|warning)?\[([^\]]*)\]:?")
"""A code as it stands in a message: `error[unknown-field]:`."""

_LISTS: Final = "`reconcile explain` lists the codes, `reconcile explain KIND` the fields"
_OTHERS: Final = ("config", "JSONPatch")
"""Documents beside manifests whose fields are explained: `reconcile.yaml`, and patches."""

_LOCALE: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
"""Where the language is found: the first that is set counts."""


@click.command(
    epilog="\b\nExamples:\n  reconcile explain unknown-field"
    "\n  reconcile explain AgentRuntime.spec.cpu\n  reconcile explain model_setting"
)
@click.argument("topic", required=False, metavar="[CODE|FIELD]")
@click.pass_obj
def command(world: World, topic: str | None) -> int:
    """Explain a problem's CODE or a FIELD of a manifest; without either, list all codes.

    A field is written with its path (AgentRuntime.spec.cpu) or with the end of it (cpu).
    """
    if topic is None:
        world.out.write(_codes())
        return 0
    parts: list[str] = []
    code = _PASTED.sub(r"\1", topic.strip()).casefold()
    if code in _STORIES:
        parts.append(story_text(_STORIES[code]))
    trees = _trees(world)
    hits = _hits(trees, topic)
    if hits:
        parts.append(_fields(hits, world, below=bool(parts)))
    if not parts:
        raise _unknown(topic, [tree for tree, _ in trees])
    world.out.write("\n".join(parts))
    return 0


def _codes() -> str:
    width = max(map(len, _STORIES))
    lines = (f"{code:<{width}}  {story.summary}" for code, story in _STORIES.items())
    return "".join(f"{line}\n" for line in lines)


_Ruled = tuple[Tree, Rules | None]
_Hit = tuple[Tree, Rules | None, Node]


def _trees(world: World) -> Sequence[_Ruled]:
    """Every kind of document that has fields to explain."""
    from reconciler.cli.schema import schemas
    from reconciler.cli.setup import Catalogue

    catalogue = Catalogue(world.providers())
    documents = schemas(catalogue)
    kinds: list[_Ruled] = [
        (Tree(kind.name, documents[kind.name](), kind.rules.root), kind.rules)
        for kind in catalogue.kinds
    ]
    return [*kinds, *((Tree(name, documents[name]()), None) for name in _OTHERS)]


def _hits(trees: Sequence[_Ruled], topic: str) -> list[_Hit]:
    """What a path names: in the kind that it begins with, else in all of them."""
    tokens = tokens_of(topic)
    if not tokens:
        return []
    for tree, rules in trees:
        if tree.title.casefold() == tokens[0].casefold():
            nodes = tree.find(tokens[1:]) if tokens[1:] else [tree.root]
            if nodes:
                return [(tree, rules, node) for node in nodes]
    return [(tree, rules, node) for tree, rules in trees for node in tree.find(tokens)]


def _fields(hits: Sequence[_Hit], world: World, *, below: bool) -> str:
    """One field explained, or several listed."""
    chinese = _speaks_chinese(world.environ)
    texts = {
        field_text(tree, node, rules, chinese_first=chinese).partition("\n")[2]: (tree, node, rules)
        for tree, rules, node in hits
    }
    if len(texts) == 1 and not below:
        names = "\n".join(node.name for _, _, node in hits)
        return f"{names}\n{next(iter(texts))}"
    if below and len(hits) == 1 and hits[0][2] == hits[0][0].root:
        tree, rules, root = hits[0]
        hits = [(tree, rules, node) for node in tree.members(root)]
    rows = [(tree, node, node.name) for tree, _, node in hits[:_MAX_HITS]]
    more = len(hits) - _MAX_HITS
    head = "Fields of this name:" if below else "Several fields have this name:"
    table = field_table(rows, chinese_first=chinese)
    return f"{head}\n\n{table}" + (f"  ({more} more)\n" if more > 0 else "")


def _speaks_chinese(environ: Mapping[str, str]) -> bool:
    language = next((environ[name] for name in _LOCALE if environ.get(name)), "")
    return language.casefold().startswith("zh")


def _unknown(topic: str, trees: Sequence[Tree]) -> InputError:
    """What to say of a topic that is none: the nearest name there, or anywhere."""
    tokens = tokens_of(topic)
    for tree in trees:
        if tokens[1:] and tree.title.casefold() == tokens[0].casefold():
            return _unknown_below(tree, tokens[1:])
    names = list(dict.fromkeys([*_STORIES, *_names(trees)]))
    hint = did_you_mean(topic, names) or did_you_mean(tokens[-1] if tokens else "", names)
    text = f"there is no code and no field {quoted(topic)}"
    return InputError(plain(f"{text}; {hint or _LISTS}"))


def _unknown_below(tree: Tree, tokens: Sequence[str]) -> InputError:
    """A path that begins well: where it goes wrong, and what there is."""
    above, wrong = tree.root, tokens[0]
    for length in range(1, len(tokens)):
        found = tree.find(tokens[:length])
        if len(found) != 1 or len(found[0].path) != length + 1:
            break
        above, wrong = found[0], tokens[length]
    known = [node.path[-1] for node in tree.members(above)]
    hint = meant_or_known(wrong, known)
    text = f"{above.name} has no field {quoted(wrong)}"
    return InputError(plain(f"{text}; {hint}" if known else f"{text}, nor any other"))


def _names(trees: Sequence[Tree]) -> Iterator[str]:
    for tree in trees:
        yield tree.title
        for node in tree.walk():
            yield node.path[-1]
