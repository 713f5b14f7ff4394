"""Text that is not YAML, or is more YAML than anybody wants."""

from pathlib import Path

from tests.hostile.recipe import BOT, GOOD, HEAD, recipe, texts, write

texts(
    "syntax",
    "syntax",
    {
        "an unclosed list": HEAD + "spec: {cpu: [1, 2\n",
        "an unclosed mapping": HEAD + "spec: {cpu: 2\n",
        "an unclosed double quote": HEAD + 'spec: {description: "x\n',
        "an unclosed single quote": HEAD + "spec: {description: 'x\n",
        "a megabyte in an unclosed quote": HEAD + 'spec: {description: "' + "x y\n " * 200_000,
        "a bracket too many": HEAD + "spec: {cpu: 2}}\n",
        "the wrong bracket": HEAD + "spec: {cpu: 2]\n",
        "a tab before a key": HEAD + "spec:\n\tcpu: 2\n",
        "a tab between spaces": HEAD + "spec:\n  cpu: 2\n \tmemory: 2\n",
        "a tab after a dash": "a:\n-\t- b\n\t- c\n",
        "indentation that goes back half way": HEAD + "spec:\n    cpu: 2\n  memory: 2\n",
        "a key without its colon": HEAD + "spec:\n  cpu: 2\n  memory\n  port: 1\n",
        "two colons": HEAD + "spec:\n  cpu: 2: 3\n",
        "a colon in a plain text": HEAD + "spec:\n  description: a: b\n",
        "an unknown escape": HEAD + r'spec: {description: "\q"}',
        "a short escape": HEAD + r'spec: {description: "\x4"}',
        "a long escape cut off": HEAD + r'spec: {description: "\U0001F60"}',
        "an escape beyond Unicode": HEAD + r'spec: {description: "\UFFFFFFFF"}',
        "an escape just beyond Unicode": HEAD + r'spec: {description: "\U00110000"}',
        "a backquote": HEAD + "spec: {description: `x`}\n",
        "an at sign": HEAD + "spec: {description: @x}\n",
        "a percent sign": HEAD + "spec: {description: %x}\n",
        "text after a document's end": GOOD + "... x\n",
        "text after a quoted value": HEAD + 'spec: {description: "a" b}\n',
        "a literal with an odd header": HEAD + "spec:\n  description: |xyz\n    a\n",
        "a literal indented by nothing": HEAD + "spec:\n  description: |0\n    a\n",
        "two anchors on one value": HEAD + "spec: {cpu: &a &b 2}\n",
        "an anchor on an alias": HEAD + "spec: {cpu: &a 2, memory: &b *a}\n",
        "an anchor without a name": HEAD + "spec: {cpu: & 2}\n",
        "an alias without a name": HEAD + "spec: {cpu: * }\n",
        "JSON with a comment": '{"apiVersion": "x" // y\n}',
        "JSON that ends early": '{"apiVersion": "agentrun.aliyun.com/v1", "kind"',
        "an end mark in a quote": HEAD + 'spec: {description: "a\n...\nb"}\n',
        "a list and a mapping in one": "- a\nb: c\n",
        "a mapping and a list in one": "b: c\n- a\n",
        "a key in flow of two thousand": "{" + "k" * 2000 + ": 1}\n",
    },
)

texts(
    "syntax",
    "wrong-type",
    {
        "a list below a scalar": HEAD + "spec: x\n  - y\n",
        "a text": "hello\n",
        "a number": "42\n",
        "a list": "- a\n- b\n",
        "a JSON list": "[1, 2, 3]",
        "a quoted text": '"hello"',
        "a literal text": "|\n  hello\n",
        "a boolean": "true\n",
        "a web page": "<html><body>Not Found</body></html>\n",
        "a script": "#!/bin/sh\necho hello\n",
        "a private key": "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n",
    },
)

_BROKEN_AT_THE_TOP = {
    "a conflict that git left": "<<<<<<< HEAD\n" + GOOD + "=======\n>>>>>>> x\n",
    "a key of two lines": '"a\n b": c\n"d\n\n e": f\n',
    "a key of two thousand characters": "k" * 2000 + ": 1\n",
}
texts("syntax", "syntax", _BROKEN_AT_THE_TOP)

texts("syntax", "missing", {"an empty mapping": "{}\n", "an empty JSON object": "{}"})

texts(
    "syntax",
    "unknown-field",
    {
        "a field of megabytes": HEAD + 'spec: {? "' + "f" * 1_000_000 + '" : 1, cpu: 2}\n',
        "JSON with NaN": '{"apiVersion":"agentrun.aliyun.com/v1","kind":"AgentRuntime",'
        '"metadata":{"name":"a"},"spec":{"cpu":2,"memory":4096,"port":8080,"nan":NaN}}',
        "a prototype": HEAD + "spec: {cpu: 2, __proto__: {x: 1}}\n",
        "a method": HEAD + "spec: {cpu: 2, __class__: x}\n",
        "a field with a slash": HEAD + 'spec: {cpu: 2, "a/b~c": 1}\n',
        "a field of a hash": HEAD + 'spec: {cpu: 2, "#": 1}\n',
        "an empty field": HEAD + 'spec: {cpu: 2, "": 1}\n',
        "a field called like ours": HEAD + "spec: {cpu: 2, model_fields: 1}\n",
    },
)

texts(
    "syntax",
    "",
    {
        "Windows line breaks": GOOD.replace("\n", "\r\n"),
        "old Macintosh line breaks": GOOD.replace("\n", "\r"),
        "line breaks of three kinds": GOOD.replace("\n", "\r\n", 1).replace("\nmeta", "\rmeta"),
        "no line break at the end": GOOD.rstrip(),
        "JSON with a trailing comma": '{"apiVersion":"agentrun.aliyun.com/v1","kind":"AgentRuntime",'
        '"metadata":{"name":"a",},"spec":{"cpu":2,"memory":4096,"port":8080,},}',
        "JSON with tabs": '{\n\t"apiVersion": "agentrun.aliyun.com/v1",\n\t"kind": "AgentRuntime",'
        '\n\t"metadata": {"name": "a"},\n\t"spec": {"cpu": 2, "memory": 4096, "port": 8080}\n}',
        "empty documents around": "---\n---\n" + GOOD + "---\n...\n---\n",
        "U+2028 in a text": BOT + '    instructions: "a\u2028b"\n',
        "U+0085 in a text": BOT + '    instructions: "a\u0085b"\n',
        "a text with a null escape": BOT + r'    instructions: "a\0b"' + "\n",
    },
)


@recipe("syntax", "wrong-type")
def _a_document_mark_in_a_quote(folder: Path) -> None:
    write(folder / "m" / "a.yaml", HEAD + 'spec: {description: "a\n---\nb"}\n')
