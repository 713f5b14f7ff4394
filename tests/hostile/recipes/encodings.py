"""Bytes that are no UTF-8, or are when they should not be."""

import codecs

from tests.hostile.recipe import BOT, GOOD, HEAD, texts

_BYTES = {
    "a lone continuation": b"\x80",
    "two continuations": b"\xbf\xbf",
    "a two-byte lead alone": b"\xc3",
    "a two-byte lead and a letter": b"\xc3a",
    "a three-byte lead alone": b"\xe4",
    "three bytes cut after two": b"\xe8\xae",
    "four bytes cut after three": b"\xf0\x9f\x98",
    "an overlong slash in two bytes": b"\xc0\xaf",
    "an overlong slash in three bytes": b"\xe0\x80\xaf",
    "an overlong slash in four bytes": b"\xf0\x80\x80\xaf",
    "an overlong null": b"\xc0\x80",
    "a high surrogate": b"\xed\xa0\x80",
    "a low surrogate": b"\xed\xbf\xbf",
    "a pair of surrogates": b"\xed\xa0\xbd\xed\xb8\x80",
    "beyond Unicode": b"\xf4\x90\x80\x80",
    "a five-byte form": b"\xf8\x88\x80\x80\x80",
    "a six-byte form": b"\xfc\x84\x80\x80\x80\x80",
    "the byte FE": b"\xfe",
    "the byte FF": b"\xff",
    "Latin-1": "café".encode("latin-1"),
    "GBK": "大话设计模式".encode("gbk"),
    "GB 18030": "大话设计模式".encode("gb18030"),
    "Big5": "設計".encode("big5"),
    "Shift JIS": "設計パターン".encode("shift_jis"),
    "Windows-1252": "“quoted”".encode("cp1252"),
}

texts(
    "encodings",
    "encoding",
    {
        **{
            f"{name} in a text": BOT.encode() + b'    instructions: "' + data + b'"\n'
            for name, data in _BYTES.items()
        },
        "FF at the beginning": b"\xff" + GOOD.encode(),
        "FF at the end": GOOD.encode() + b"\xff",
        "FF in a comment": GOOD.encode() + b"# \xff\n",
        "FF in a key": HEAD.encode() + b"spec: {c\xffu: 2}\n",
        "FF after a megabyte": GOOD.encode() + b"# " + b"x" * 1_000_000 + b"\xff",
        "FF in JSON": b'{"kind": "\xff"}',
        "UTF-16, little end first, marked": codecs.BOM_UTF16_LE + GOOD.encode("utf-16-le"),
        "UTF-16, big end first, marked": codecs.BOM_UTF16_BE + GOOD.encode("utf-16-be"),
        "UTF-32, little end first, marked": codecs.BOM_UTF32_LE + GOOD.encode("utf-32-le"),
        "UTF-32, big end first, marked": codecs.BOM_UTF32_BE + GOOD.encode("utf-32-be"),
        "a mark of UTF-16 alone": codecs.BOM_UTF16_LE,
        "a mark of UTF-32 alone": codecs.BOM_UTF32_BE,
        "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\x00\x00\x83\xdc\x17\x06\x01",
        "a PNG": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        "ten thousand bad bytes": b"\xff" * 10_000,
    },
)

texts(
    "encodings",
    "character",
    {
        "UTF-16, little end first": GOOD.encode("utf-16-le"),
        "UTF-16, big end first": GOOD.encode("utf-16-be"),
        "UTF-32, little end first": GOOD.encode("utf-32-le"),
        "UTF-32, big end first": GOOD.encode("utf-32-be"),
        "a null": b"\x00",
        "a null in a text": BOT.encode() + b'    instructions: "a\x00b"\n',
        "a null in a comment": GOOD.encode() + b"# \x00\n",
        "a null at the end": GOOD.encode() + b"\x00",
        "a null in a key": HEAD.encode() + b"spec: {c\x00pu: 2}\n",
        "a null in JSON": b'{"kind":\x00 "x"}',
        "a million nulls": b"\x00" * 1_000_000,
        "an escape sequence": BOT.encode() + b'    instructions: "\x1b[31mred"\n',
        "an escape sequence in a comment": GOOD.encode() + b"# \x1b[2J\n",
        "a bell": BOT.encode() + b'    instructions: "\x07"\n',
        "a backspace": BOT.encode() + b'    instructions: "a\x08b"\n',
        "a delete": BOT.encode() + b'    instructions: "a\x7fb"\n',
        "a form feed": GOOD.encode() + b"\x0c\n",
        "a vertical tab": GOOD.encode() + b"\x0b\n",
        "a C1 control": BOT + '    instructions: "\x9b31m"\n',
        "U+FFFE": BOT + '    instructions: "\ufffe"\n',
        "U+FFFF": BOT + '    instructions: "\uffff"\n',
        "an ELF program": b"\x7fELF\x02\x01\x01\x00",
        "a ZIP": b"PK\x03\x04\x14\x00\x00\x00",
        "a SQLite file": b"SQLite format 3\x00",
    },
)

texts(
    "encodings",
    "",
    {
        "UTF-8 with a mark": codecs.BOM_UTF8 + GOOD.encode(),
        "UTF-8 with a mark and Windows line breaks": codecs.BOM_UTF8
        + GOOD.replace("\n", "\r\n").encode(),
        "the last character of Unicode": BOT + '    instructions: "\U0010ffff"\n',
        "characters of four bytes": BOT + '    instructions: "😀𠀀"\n',
        "characters of private use": BOT + '    instructions: "\ue000\uf8ff"\n',
    },
)

texts(
    "encodings",
    "character",
    {
        "a high surrogate by an escape": BOT + r'    instructions: "\ud800"' + "\n",
        "a low surrogate by an escape": BOT + r'    instructions: "\udc00"' + "\n",
        "surrogates the wrong way round": BOT + r'    instructions: "\udc00\ud800"' + "\n",
        "a surrogate by a long escape": BOT + r'    instructions: "\U0000d800"' + "\n",
        "a surrogate in a key": BOT + r'    "\ud800": x' + "\n",
        "a surrogate in a name": HEAD.replace("name: a", r'name: "\udfff"') + "spec: {cpu: 2}\n",
        "half a pair at the end": BOT + r'    instructions: "x\ud83d"' + "\n",
    },
)

texts("encodings", "", {"a pair of surrogates": BOT + r'    instructions: "\ud83d\ude00"' + "\n"})
