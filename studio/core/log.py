"""The log: a rotating file in the studio's own folder, and standard error for warnings."""

from __future__ import annotations

import logging
import logging.handlers
import sys
from pathlib import Path


def start(folder: Path, name: str) -> None:
    """Send records of every `studio.*` logger to `folder/name.log` (1 MB, three kept)."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        folder / f"{name}.log", maxBytes=1_000_000, backupCount=3, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    console = logging.StreamHandler(sys.stderr)
    console.setLevel(logging.WARNING)
    root = logging.getLogger("studio")
    root.setLevel(logging.INFO)
    root.handlers[:] = [handler, console]
