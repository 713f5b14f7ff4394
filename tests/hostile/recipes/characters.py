"""Characters that act on a terminal or cannot be seen: refused in names, escaped in texts."""

from tests.hostile.recipe import BOT, GOOD, HEAD, texts

_ACTIVE = {
    "a null": r"\0",
    "an escape sequence": r"\e[31m",
    "a hyperlink": r"\e]8;;https://example.com\e\\x",
    "a title": r"\e]0;owned\a",
    "a carriage return": r"\r",
    "a line break": r"\n",
    "a bell": r"\a",
    "a backspace": r"\b",
    "a C1 control": r"\x9b31m",
    "a right-to-left override": r"\u202e",
    "an isolate": r"\u2066",
    "a zero-width space": r"\u200b",
    "a zero-width joiner": r"\u200d",
    "a word joiner": r"\u2060",
    "a byte order mark": r"\ufeff",
    "a soft hyphen": r"\xad",
    "a line separator": r"\u2028",
    "a paragraph separator": r"\u2029",
    "a tag character": r"\U000e0041",
    "a private character": r"\ue000",
}

texts(
    "characters",
    "wrong-value",
    {
        **{
            f"{name} in a name": GOOD.replace("name: a", f'name: "a{text}b"')
            for name, text in _ACTIVE.items()
        },
        "an empty name": GOOD.replace("name: a", 'name: ""'),
        "a name of spaces": GOOD.replace("name: a", 'name: "   "'),
        "a name with a space before": GOOD.replace("name: a", 'name: " a"'),
        "a name of ten thousand letters": GOOD.replace("name: a", f"name: {'a' * 10_000}"),
    },
)

texts(
    "characters",
    "wrong-value",
    {
        f"{name} in a label": GOOD.replace("name: a", f'name: a, labels: {{team: "a{text}b"}}')
        for name, text in list(_ACTIVE.items())[:12]
    },
)

texts(
    "characters",
    "wrong-value",
    {
        f"{name} in a label's key": GOOD.replace("name: a", f'name: a, labels: {{"a{text}b": x}}')
        for name, text in list(_ACTIVE.items())[:12]
    },
)

texts(
    "characters",
    "target",
    {
        f"{name} in a target": f'targets: {{"a{text}b": {{}}}}\n'
        for name, text in list(_ACTIVE.items())[:12]
    },
    file="reconcile.yaml",
    beside={"m/a.yaml": GOOD},
)

texts(
    "characters",
    "",
    {
        f"{name} in a prompt": BOT + f'    instructions: "a{text}b"\n'
        for name, text in _ACTIVE.items()
    },
    arguments=("validate", "m"),
)

for _name, _text in _ACTIVE.items():
    texts(
        "characters",
        "unknown-field",
        {f"{_name} in a field": HEAD + f'spec: {{cpu: 2, "a{_text}b": 1}}\n'},
    )
    texts(
        "characters",
        "unknown-kind",
        {f"{_name} in a kind": GOOD.replace("AgentRuntime", f'"a{_text}b"')},
    )
