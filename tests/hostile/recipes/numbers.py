"""Scalars that look like numbers, or are numbers that nobody can hold."""

from tests.hostile.recipe import BOT, HEAD, texts


def _cpu(*values: str) -> dict[str, str]:
    return {f"cpu {value[:30]}": HEAD + f"spec: {{cpu: {value}}}\n" for value in values}


def _temperature(*values: str) -> dict[str, str]:
    return {
        f"temperature {value[:30]}": BOT + f"    model_setting: {{temperature: {value}}}\n"
        for value in values
    }


texts(
    "numbers",
    "scalar",
    {
        **_cpu("1e999", "-1e999", "1e-999", "9" * 309 + ".0", ".inf", "-.inf", "+.INF", ".Inf"),
        **_cpu(".nan", ".NaN", ".NAN", "18446744073709551616", "-9223372036854775809"),
        **_cpu("9" * 100, "0x" + "f" * 17, "0o" + "7" * 23, "1e+99999999999", "00" + "1" * 40),
        **_temperature("1e999", ".nan", "1e-400", "-.INF"),
        "ten thousand digits": HEAD + f"spec: {{cpu: {'9' * 10_000}}}\n",
        "a million digits": HEAD + f"spec: {{cpu: {'9' * 1_000_000}}}\n",
        "a million digits in octal": HEAD + f"spec: {{cpu: 0o{'7' * 1_000_000}}}\n",
        "a million digits in hexadecimal": HEAD + f"spec: {{cpu: 0x{'f' * 1_000_000}}}\n",
        "a million digits with a sign": HEAD + f"spec: {{cpu: -{'1' * 1_000_000}}}\n",
        "a million zeros and an exponent": HEAD + f"spec: {{cpu: 1{'0' * 1_000_000}e9}}\n",
        "an exponent of ten thousand digits": HEAD + f"spec: {{cpu: 1e{'9' * 10_000}}}\n",
        "tagged as what it is not": HEAD + "spec: {cpu: !!int two}\n",
        "tagged as a number without digits": HEAD + 'spec: {cpu: !!float ""}\n',
        "tagged as a boolean": HEAD + "spec: {cpu: !!bool 1}\n",
        "tagged as null": HEAD + "spec: {cpu: !!null x}\n",
        "tagged as not a number": HEAD + "spec: {cpu: !!float .nan}\n",
    },
)

texts(
    "numbers",
    "wrong-type",
    {
        **_cpu(
            "-_", "_", "1_000", "0x", "0o", "0o8", "0b11", "1__0", "+", "-", ".", "..", "+.", "--1"
        ),
        **_cpu(
            "1e", "1e+", "e1", ".e1", "0x-1", "0xg", "-0x10", "+0o7", "1:30", "190:20:30", "1:2:3.5"
        ),
        **_cpu("2001-12-14", "2001-12-14t21:59:43.10-05:00", "2001-13-45", "12:30:45.67"),
        **_cpu("yes", "no", "on", "off", "y", "n", "True", "null-ish", "2GB", "½", "٣", "２"),
        **_cpu(
            '"2"', "'2'", "[2]", "{a: 2}", "1.2.3", "Infinity", "NaN", "inf", "1f", "1L", "0d10"
        ),
    },
)

texts(
    "numbers",
    "out-of-range",
    {**_cpu("0", "-0", "-1", "1000000", "1e18", "9223372036854775807", "0.0", "-2.5", "5e-324")},
)
