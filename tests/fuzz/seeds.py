"""Where the fuzzing begins: the samples, every broken manifest of the tests, small hostile texts.

The corpus is put together each time and stored nowhere.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.hostile.recipe import BOT, GOOD, HEAD
from tests.support.loader import BOT_HEAD
from tests.support.loader import HEAD as RUNTIME_HEAD

SEPARATOR: Final = b"\x1f"
"""Between the parts of a seed of the loader: no YAML can hold it."""

CANARY: Final = "canary-5e0b1d"
VARIABLE: Final = "FUZZ_SECRET"
"""Set to the canary in every run; nothing may show what it holds."""

_ROOT: Final = Path(__file__).parents[2]
_HEADS: Final = {"file": "", "runtime": RUNTIME_HEAD, "bot": BOT_HEAD}

_TEXTS: Final = (
    "a: &a [1, 2]\nb: *a\n",
    "- |2-\n   a\n  b\n- >+\n c\n\n",
    "\"\\u263A\\x41\\ud83d\\ude00\": 'it''s'\n",
    "? a\n: b\n? [c]\n: d\n",
    "%YAML 1.2\n%TAG !e! tag:example.com,2000:\n---\n!e!x a\n...\n# end\n",
    "{a: 1, 'b': [~, true, 0x1f, 0o17, -1.5e3, .inf], <<: *x}",
    "a: !!str 1\nb: !!int 2\nc: !local 3\n",
    "\ufeffa: 1\r\nb: 2\rc: \u20283\n",
    '{"a":{"b":[1,2,{"c":null}]},"d":"\\/"}',
    "--- a\n--- b\n...\n---\n",
)
_CONFIG: Final = b"""\
defaultTarget: staging
targets:
  staging:
    agentrun: {region: cn-hangzhou, workspace: default}
    overlays: [o]
    vars: {NAME: one, IMAGE: "registry.example.com/a:v1"}
    wait: {timeout: 10m, settle: 15s}
    limits: {maxChange: "30%", maxUnavailable: 5}
  sandbox: {}
"""
_OVERLAYS: Final = (
    b"kind: AgentRuntime\nmetadata: {name: a}\nspec: {cpu: 4, port: null}\n",
    b"kind: JSONPatch\ntarget: {kind: AgentRuntime, name: a}\n"
    b'ops: [{op: replace, path: /spec/cpu, value: 8}, {op: add, path: /spec/tags/-, value: "x"}]\n',
)
_SECRET: Final = f'{{secret: "env:{VARIABLE}"}}'
_BASES: Final = (
    GOOD.encode(),
    f'{HEAD}spec:\n  cpu: 2\n  description: "${{var.NAME}}"\n'
    f"  environmentVariables: {{K: {_SECRET}}}\n".encode(),
    f"{BOT}    name: 设计\n    model_setting: {{temperature: 0.3}}\n    api_key: {_SECRET}\n".encode(),
    b"apiVersion: agentrun/v1\nkind: AgentRuntime\nmetadata: {name: a}\n"
    b"spec: {container: {image: x}, resources: {cpu: 2, memory: 4096}}\n",
)


def texts() -> Iterator[bytes]:
    """Texts for the parser."""
    for path in sorted((_ROOT / "manifests").rglob("*.yaml")):
        yield path.read_bytes()
    for path in sorted((_ROOT / "tests" / "loader" / "broken").glob("*.txt")):
        for case in path.read_text("utf-8").split(">>> ")[1:]:
            head, _, rest = case.partition("\n")
            yield (_HEADS.get(head, "") + rest.partition("\n<<<\n")[0]).encode()
    for text in _TEXTS:
        yield text.encode()
    yield from (*_BASES, *_OVERLAYS, _CONFIG)


def folders() -> Iterator[bytes]:
    """Parts for the loader: a manifest, an overlay, a configuration."""
    for base in _BASES:
        for overlay in _OVERLAYS:
            yield SEPARATOR.join([base, overlay, _CONFIG])
    for text in texts():
        yield SEPARATOR.join([text, b"", b""])
    for path in sorted((_ROOT / "manifests").glob("*.yaml")):
        yield SEPARATOR.join([path.read_bytes(), _OVERLAYS[0], _CONFIG])
