"""A `reconcile.yaml` that a stranger wrote, and overlays that lead where they should not."""

from collections.abc import Mapping
from pathlib import Path

from tests.hostile.recipe import GOOD, Content, recipe, texts, write

_N = 100_000


def _config(code: str, cases: Mapping[str, Content], *, shows: str = "") -> None:
    beside: dict[str, Content] = {"m/a.yaml": GOOD}
    texts("config", code, cases, file="reconcile.yaml", beside=beside, shows=shows)


_config(
    "wrong-type",
    {
        "a text": "hello\n",
        "a list": "- targets\n",
        "a number": "1e3\n",
        "targets that are a list": "targets: [a, b]\n",
        "targets that are a text": "targets: a\n",
        "a target that is a list": "targets: {t: [a]}\n",
        "a default that is a mapping": "defaultTarget: {a: b}\n",
        "limits that are a text": "targets: {t: {limits: much}}\n",
        "a limit of a fraction": "targets: {t: {limits: {maxUnavailable: 1.5}}}\n",
        "a limit of nothing": "targets: {t: {limits: {maxUnavailable: 0}}}\n",
        "a limit below nothing": "targets: {t: {limits: {maxFailures: -1}}}\n",
    },
)

_config(
    "wrong-value",
    {
        "a wait of digits": f'targets: {{t: {{wait: {{timeout: "{"1" * _N}"}}}}}}\n',
        "a wait of parts": f'targets: {{t: {{wait: {{timeout: "{"1m" * _N}"}}}}}}\n',
        "a wait without a unit": "targets: {t: {wait: {timeout: 10}}}\n",
        "a wait below nothing": "targets: {t: {wait: {settle: -1s}}}\n",
        "a wait of nothing": "targets: {t: {wait: {settle: 0s}}}\n",
        "a wait of a thousand years": "targets: {t: {wait: {timeout: 9000000h}}}\n",
        "a change of more than everything": 'targets: {t: {limits: {maxChange: "101%"}}}\n',
        "a change without its sign": "targets: {t: {limits: {maxChange: 30}}}\n",
        "a change of digits": f'targets: {{t: {{limits: {{maxChange: "{"1" * _N}%"}}}}}}\n',
    },
)

_config(
    "syntax",
    {
        "brackets": "[" * _N,
        "braces": "{a: " * _N,
        "an open quote": 'targets: {t: "\n',
        "nine to the ninth": "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)),
        "sixty thousand targets": "targets:\n" + "".join(f"  t{n}: {{}}\n" for n in range(60_000)),
    },
)

_config("encoding", {"UTF-16": "targets: {}\n".encode("utf-16"), "a bad byte": b"targets: {}\xff"})
_config("character", {"a null": "targets: {}\0", "an escape sequence": "targets: {} # \x1b[2J\n"})
_config("tag", {"a tag": "targets: !!python/object/apply:os.system {}\n"})
_config("merge-key", {"a merge key": "targets: {a: &a {}, b: {<<: *a}}\n"})
_config("duplicate-key", {"a target twice": "targets: {a: {}, a: {}}\n"})
_config("key-type", {"a target of a number": "targets: {1: {}}\n"})
_config("config", {"two documents": "targets: {}\n---\ntargets: {}\n"})
_config(
    "unknown-field",
    {
        "an unknown setting": "nonsense: 1\n",
        "an unknown setting with an escape sequence": 'targets: {t: {"\\e[31m": 1}}\n',
        "an unknown limit": "targets: {t: {limits: {maxEverything: 1}}}\n",
        "a prototype": "__proto__: {}\n",
    },
)
_config(
    "target",
    {
        "a default that is not there": "defaultTarget: prod\n",
        "a default with an escape sequence": 'defaultTarget: "\\e[31m"\n',
        "a default of a hundred kilobytes": f"defaultTarget: {'x' * _N}\n",
        "a sandbox with an account": "targets: {sandbox: {agentrun: {region: cn-hangzhou}}}\n",
        "a target without a name": 'targets: {"": {}}\n',
        "a target of spaces": 'targets: {"  ": {}}\n',
    },
)
_config(
    "endpoint",
    {
        name: f'targets: {{t: {{agentrun: {{endpoint: "{url}"}}}}}}\n'
        for name, url in {
            "a host of somebody else": "https://example.com",
            "a host that begins like ours": "https://aliyuncs.com.example.com",
            "a host that ends like ours": "https://evilaliyuncs.com",
            "a host with a user": "https://agentrun.cn-hangzhou.aliyuncs.com@example.com",
            "a host with a fragment": "https://example.com#.aliyuncs.com",
            "a host with a question": "https://example.com?.aliyuncs.com",
            "a host with a backslash": "https://example.com\\\\.aliyuncs.com",
            "a host with a line break": "https://a.aliyuncs.com\\nexample.com",
            "a host in full-width letters": "https://example。aliyuncs.com",
            "a host in Cyrillic": "https://а.aliyuncs.com",
            "no protection": "http://agentrun.cn-hangzhou.aliyuncs.com",
            "a file": "file:///etc/passwd",
            "a script": "javascript:alert(1)",
            "an address of the network": "http://10.0.0.1",
            "an address in decimal": "http://2130706433",
            "an address in hexadecimal": "http://0x7f000001",
            "an address that looks like loopback": "http://127.0.0.1.example.com",
            "the metadata service": "http://100.100.100.200",
            "the empty text": "",
        }.items()
    },
)


@recipe(shows="1 agent in 1 file")
def _ten_thousand_targets(folder: Path) -> None:
    write(folder / "m" / "a.yaml")
    write(
        folder / "reconcile.yaml", "targets:\n" + "".join(f"  t{n}: {{}}\n" for n in range(10_000))
    )


@recipe("target", arguments=("validate", "m", "--target", "t10001"))
def _a_target_that_is_nearly_one_of_ten_thousand(folder: Path) -> None:
    write(folder / "m" / "a.yaml")
    write(
        folder / "reconcile.yaml", "targets:\n" + "".join(f"  t{n}: {{}}\n" for n in range(10_000))
    )


@recipe("path")
def _a_configuration_of_a_hundred_megabytes(folder: Path) -> None:
    write(folder / "m" / "a.yaml")
    write(folder / "reconcile.yaml", b"# hello\n" * (100 * (1 << 20) // 8))


@recipe("path")
def _a_configuration_with_the_wrong_ending(folder: Path) -> None:
    write(folder / "m" / "a.yaml")
    write(folder / "m" / "reconcile.yml", "targets: {}\n")


@recipe("config", arguments=("validate", "m", "n"))
def _two_configurations(folder: Path) -> None:
    for name in "mn":
        write(folder / name / "a.yaml", GOOD.replace("name: a", f"name: {name}"))
        write(folder / name / "reconcile.yaml", "targets: {}\n")
