"""Tags that would make objects, and directives that would change what the text means."""

from tests.hostile.recipe import GOOD, HEAD, texts

_TAGS = (
    "!!python/object:os.system",
    "!!python/object/apply:os.system",
    "!!python/object/new:os.system",
    "!!python/name:os.system",
    "!!python/module:os",
    "!!python/tuple",
    "!!python/bytes",
    "!!binary",
    "!!timestamp",
    "!!value",
    "!!merge",
    "!!yaml",
    "!local",
    "!Ref",
    "!include",
    "!<tag:example.com,2000:x>",
    "!<!x>",
    "!!js/function",
    "!ruby/object:Gem::Installer",
    "!!java.net.URL",
    "!%41",
    "!vault",
)

texts(
    "tags",
    "tag",
    {
        **{f"{tag} on a scalar": HEAD + f"spec: {{description: {tag} x}}\n" for tag in _TAGS},
        "!!python/object/apply on a list": HEAD
        + "spec: {description: !!python/object/apply:os.system [echo]}\n",
        "!!set": HEAD + "spec: {environmentVariables: !!set {? a, ? b}}\n",
        "!!omap": HEAD + "spec: {environmentVariables: !!omap [{a: b}]}\n",
        "!!pairs": HEAD + "spec: {environmentVariables: !!pairs [{a: b}]}\n",
        "!!map on a text": HEAD + "spec: {description: !!map x}\n",
        "!!seq on a mapping": HEAD + "spec: !!seq {cpu: 2}\n",
        "!!str on a list": HEAD + "spec: {description: !!str [x]}\n",
        "on a key": HEAD + "spec: {!x cpu: 2}\n",
        "on the document": "!x\n" + GOOD,
        "with a handle of its own": "%TAG !e! tag:example.com,2000:\n---\n"
        + HEAD
        + "spec: {description: !e!x y}\n",
        "with the first handle bent": "%TAG !! tag:example.com,2000:\n---\n"
        + HEAD
        + "spec: {description: !!str y}\n",
    },
)

texts(
    "tags",
    "syntax",
    {
        "an unknown handle": HEAD + "spec: {description: !e!x y}\n",
        "a directive without an end": "%YAML 1.2\n" + GOOD,
        "YAML 2.0": "%YAML 2.0\n---\n" + GOOD,
        "YAML of no version": "%YAML\n---\n" + GOOD,
        "YAML of a word": "%YAML one\n---\n" + GOOD,
        "YAML twice": "%YAML 1.2\n%YAML 1.2\n---\n" + GOOD,
        "a handle twice": "%TAG !e! a:\n%TAG !e! b:\n---\n" + GOOD,
        "a handle of nothing": "%TAG\n---\n" + GOOD,
        "a tag that is never closed": HEAD + "spec: {description: !<tag:x y}\n",
        "a tag with an odd escape": HEAD + "spec: {description: !a%zz y}\n",
        "a tag that is no UTF-8": HEAD + "spec: {description: !a%ff y}\n",
    },
)

texts(
    "tags",
    "",
    {
        "YAML 1.1 changes nothing": "%YAML 1.1\n---\n" + GOOD,
        "core tags that say what is so": HEAD
        + "spec: !!map {cpu: !!int 2, memory: !!int 4096, port: !!int 8080}\n",
        "the empty tag": HEAD + "spec: {cpu: 2, memory: 4096, port: 8080, description: ! x}\n",
    },
)
