"""Keys that are there twice, are no strings, or are not there."""

from tests.hostile.recipe import GOOD, HEAD, texts


def _spec(text: str) -> str:
    return HEAD + f"spec: {{{text}}}\n"


texts(
    "keys",
    "duplicate-key",
    {
        "the same twice": _spec("cpu: 2, cpu: 2"),
        "the same twice with other values": _spec("cpu: 2, cpu: 4"),
        "quoted and plain": _spec('cpu: 2, "cpu": 2'),
        "single and double quotes": _spec("'cpu': 2, \"cpu\": 2"),
        "by an escape": _spec(r'cpu: 2, "c\x70u": 2'),
        "by a long escape": _spec(r'cpu: 2, "\U00000063pu": 2'),
        "by an alias": HEAD + "spec: {cpu: 2, description: &k cpu, *k : 4}\n",
        "tagged and plain": _spec("cpu: 2, !!str cpu: 4"),
        "explicit and plain": HEAD + "spec:\n  cpu: 2\n  ? cpu\n  : 4\n",
        "at the top": GOOD + "kind: AgentRuntime\n",
        "apiVersion": GOOD + "apiVersion: x/v1\n",
        "far apart": HEAD + "spec:\n  cpu: 2\n" + "  # x\n" * 10_000 + "  cpu: 4\n",
        "long ones": _spec(f'environmentVariables: {{"{"k" * 999}": a, "{"k" * 999}": b}}'),
        "in JSON": '{"apiVersion":"agentrun.aliyun.com/v1","kind":"AgentRuntime","kind":"Agent",'
        '"metadata":{"name":"a"},"spec":{"cpu":2}}',
    },
)

texts(
    "keys",
    "key-type",
    {
        "a number": _spec("1: 2"),
        "a boolean": _spec("true: 2"),
        "nothing": _spec("null: 2"),
        "a tilde": _spec("~: 2"),
        "empty": HEAD + "spec:\n  : 2\n",
        "a float": _spec("1.5: 2"),
        "a list": _spec("[a, b]: 2"),
        "a mapping": _spec("{a: b}: 2"),
        "an explicit list": HEAD + "spec:\n  ? - a\n    - b\n  : 2\n",
        "an explicit mapping": HEAD + "spec:\n  ? a: b\n  : 2\n",
        "a list in a list": _spec("[[a]]: 2"),
        "a number at the top": GOOD + "1: 2\n",
        "a set in braces": _spec("? [x]"),
        "an alias to a list": HEAD + "spec: {systemTags: &k [x], *k : 4}\n",
        "a tagged number": _spec("!!int 1: 2"),
        "hexadecimal": _spec("0x10: 2"),
    },
)

texts(
    "keys",
    "merge-key",
    {
        "a mapping to merge": _spec("<<: {cpu: 2}"),
        "a list to merge": _spec("<<: [{cpu: 2}]"),
        "an alias to merge": HEAD + "rollout: &r {timeout: 10m}\nspec: {<<: *r}\n",
        "a text to merge": _spec("<<: x"),
        "at the top to merge": "<<: {kind: Agent}\n" + GOOD,
        "on a line of its own": HEAD + "spec:\n  <<: {cpu: 2}\n  memory: 4096\n",
    },
)
