"""Small files that would grow when their aliases are written out."""

from tests.hostile.recipe import BOT, GOOD, HEAD, texts


def _flow_lists(levels: int, width: int) -> str:
    lines = [f"a0: &a0 [{', '.join(['x'] * width)}]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


def _block_lists(levels: int, width: int) -> str:
    lines = ["a0: &a0", *["- x"] * width]
    for n in range(1, levels):
        lines += [f"a{n}: &a{n}", *[f"- *a{n - 1}"] * width]
    return "\n".join(lines) + "\n"


def _mappings(levels: int, width: int) -> str:
    def flow(value: str) -> str:
        return "{" + ", ".join(f"k{n}: {value}" for n in range(width)) + "}"

    lines = [f"a0: &a0 {flow('x')}"]
    lines += [f"a{n}: &a{n} {flow(f'*a{n - 1}')}" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


def _indented(text: str, by: int) -> str:
    return "".join(f"{' ' * by}{line}\n" for line in text.splitlines())


def _doubling(levels: int) -> str:
    lines = ["- &a0 x", *(f"- &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, levels))]
    return "\n".join(lines) + "\n"


texts(
    "bombs",
    "syntax",
    {
        "nine to the ninth in flow lists": _flow_lists(10, 9),
        "nine to the ninth in block lists": _block_lists(10, 9),
        "nine to the ninth in mappings": _mappings(10, 9),
        "nine to the ninth in spec": HEAD + "spec:\n" + _indented(_flow_lists(10, 9), 2),
        "nine to the ninth in properties": BOT + _indented(_mappings(10, 9), 4),
        "nine to the ninth in labels": HEAD.replace("{name: a}", "{name: a, labels: {l: &l x}}")
        + "spec:\n"
        + _indented(_flow_lists(10, 9), 2),
        "two to the fortieth": _doubling(40),
        "two to the ninetieth": _doubling(90),
        "three to the thirtieth": _flow_lists(30, 3),
        "a hundred to the fifth": _flow_lists(5, 100),
        "a thousand squared": _flow_lists(3, 1000),
        "in the second document": GOOD + "---\n" + _flow_lists(10, 9),
        "in a list at the top": _doubling(60),
        "a long list repeated": "a: &a [" + "x, " * 20_000 + "]\nb: [*a, *a, *a]\n",
        "a long mapping repeated": "a: &a {"
        + ", ".join(f"k{n}: {n}" for n in range(20_000))
        + "}\nb: [*a, *a, *a]\n",
        "a long text repeated": 'a: &a "' + "x" * 100_000 + '"\nb: [' + "*a, " * 60_000 + "]\n",
        "sixty thousand aliases": "a: &a x\nb: [" + "*a, " * 60_000 + "]\n",
        "anchors that are named again": "a: &a [x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"b{n}: &a [{', '.join(['*a'] * 9)}]\n" for n in range(10)),
        "tagged on the way": _flow_lists(10, 9).replace(" [*", " !!seq [*"),
        "written as JSON": _flow_lists(10, 9).replace("x", '"x"'),
    },
)

texts(
    "bombs",
    "syntax",
    {
        "a list within itself": "a: &a [1, *a]\n",
        "a mapping within itself": "a: &a {b: *a}\n",
        "a document within itself": "&a [*a]\n",
        "a key within itself": "a: &a {*a : 1}\n",
        "within itself further down": "a: &a [[[[[[[[*a]]]]]]]]\n",
    },
)

texts(
    "bombs",
    "alias",
    {
        "an alias to nothing": HEAD + "spec: {cpu: *gone}\n",
        "an alias to a later anchor": HEAD + "spec: {cpu: *late, memory: &late 2048}\n",
        "an alias into another document": "# &x\n---\n" + HEAD + "spec: {cpu: *x}\n",
        "an alias with a long name": HEAD + "spec: {cpu: *" + "n" * 100_000 + " }\n",
    },
)
