"""Texts that make a badly written pattern run for ever: each of our own is tried."""

from tests.hostile.recipe import BOT, GOOD, HEAD, texts

_N = 100_000


def _rollout(value: str) -> str:
    return GOOD + f'rollout: {{timeout: "{value}"}}\n'


texts(
    "patterns",
    "wrong-value",
    {
        "a duration of digits": _rollout("1" * _N),
        "a duration of parts": _rollout("1m" * _N),
        "a duration that nearly fits": _rollout("1m" * _N + "x"),
        "a duration of milliseconds": _rollout("1ms" * _N + "!"),
        "a duration of dots": _rollout("1." * _N),
        "a duration of other digits": _rollout("١٢٣m"),
        "a duration of points and digits": _rollout("1.1" * _N + "m"),
        "a duration of years": _rollout("999999999h"),
    },
)

texts(
    "patterns",
    "endpoint",
    {
        name: f'targets: {{t: {{agentrun: {{endpoint: "{url}"}}}}}}\n'
        for name, url in {
            "a host of dots": "https://" + "a." * _N,
            "a host of letters": "https://" + "a" * _N,
            "a host of dashes": "https://a" + "-" * _N + "b",
            "a host of labels that nearly fit": "https://" + "a-a." * _N + "!",
            "a scheme of letters": "a" * _N,
            "a scheme that nearly fits": "a+" * _N + "://x",
            "an address of colons": "https://[" + ":" * _N + "]",
            "a port of digits": "https://x:" + "1" * _N,
            "slashes": "https://x" + "/" * _N,
            "at signs": "https://" + "@" * _N,
        }.items()
    },
    file="reconcile.yaml",
    beside={"m/a.yaml": GOOD},
)

for _name, _selector in {
    "letters": "a" * _N,
    "spaces": " " * _N,
    "commas": "a," * _N,
    "equals signs": "=" * _N,
    "an open list": "a in (" + "b," * _N,
    "spaces before in": "a" + " " * _N + "in (b",
    "exclamation marks": "!" * _N,
    "spaces and commas": " ," * _N,
}.items():
    texts(
        "patterns",
        "nothing-selected" if _name == "letters" else "selector",
        {f"a selector of {_name}": GOOD},
        arguments=("validate", "m", "-l", _selector),
    )

texts(
    "patterns",
    "unknown-field",
    {
        "a line of secret": HEAD + "spec: {nonsense: 1} # " + "secret" * _N + "\n",
        "a line of secret and dots": HEAD + "spec: {nonsense: 1} # secret" + "." * _N + "\n",
        "a line of passwords": HEAD + "spec: {nonsense: 1} # " + "password " * _N + "\n",
        "a line of passwords and colons": HEAD + "spec: {nonsense: 1} # " + "password:" * _N + "\n",
        "a line of quotes": HEAD + "spec: {nonsense: 1} # " + '"' * _N + "\n",
        "a line of backslashes": HEAD + "spec: {nonsense: 1} # " + '"' + "\\" * _N + "\n",
        "a line of colons and spaces": HEAD + "spec: {nonsense: 1} # token" + " " * _N + ":\n",
        "a line of dashes": HEAD + "spec: {nonsense: 1} # sk-" + "-" * _N + "\n",
        "a line of base64": HEAD + "spec: {nonsense: 1} # eyJ" + "A" * _N + "\n",
        "a line of dots and eyJ": HEAD + "spec: {nonsense: 1} # " + "eyJa." * _N + "\n",
        "a line of addresses": HEAD + "spec: {nonsense: 1} # " + "http://a:" * _N + "\n",
        "a line of dollar signs": HEAD + "spec: {nonsense: 1} # " + "$" * _N + "{var.\n",
    },
)

texts(
    "patterns",
    "",
    {
        f"a text of {name}": BOT + f'    x: "{text}"\n'
        for name, text in {
            "secret": "secret" * 10_000,
            "eyJ": "eyJ" * 20_000,
            "eyJ and dots": "eyJa." * 10_000,
            "dashes": "-" * 50_000,
            "BEGIN": "-----BEGIN " * 5000,
            "addresses": "http://a:" * 5000,
            "dollar signs": "$" * 50_000,
            "open braces": "${" * 20_000,
            "letters": "A" * 60_000,
        }.items()
    },
)
