"""Signing vectors that others made: what the vendor's own client signed, with its source inside.

The provider signs them and the sandbox verifies them, each with code of its own.
"""

import json
from pathlib import Path
from typing import Any

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parent / "acs3_signatures.json").read_text("utf-8")
)
