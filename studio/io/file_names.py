"""Names that every system takes for a file."""

from __future__ import annotations

import re
import unicodedata

_LONGEST = 60


def file_name(name: str, fallback: str) -> str:
    """`name` in ASCII letters, digits, `-` and `_`; `fallback` where nothing is left of it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9-]+", "_", plain)[:_LONGEST].strip("_-") or fallback
