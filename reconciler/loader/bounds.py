"""How much of everything one file may hold: more is a mistake, or an attack on the machine."""

from typing import Final

MAX_FILE_BYTES: Final = 32 * 1024 * 1024
MAX_DOCUMENT: Final = 8 * 1024 * 1024
"""Characters of one document."""

MAX_DOCUMENTS: Final = 50_000
"""Documents in one file, the empty ones too."""

MAX_DEPTH: Final = 100
MAX_NODES: Final = 50_000
"""Values in one document, keys and each repetition by an alias counted."""

MAX_FILE_NODES: Final = 2_000_000
"""Values in all documents of one file: ten thousand manifests of two hundred."""

MAX_SYNTAX_ERRORS: Final = 100
"""Documents of one file whose syntax error is told; then the rest is not looked at."""

MAX_REFUSALS: Final = 1000
"""Keys and values of one file that are refused and told; then the rest is not read."""

MAX_STEPS: Final = 2 * MAX_NODES + 10
"""Events of one document, beyond which a bound is certainly passed."""

MAX_CAREFUL: Final = 192 * 1024
"""Characters of one file that the pure parser is asked about when there is a faster one.

It takes up to ten microseconds for each (measured on lists of digits).
"""
