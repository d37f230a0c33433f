"""Torchaudio beside any build of torch.

The compiled extension of torchaudio is linked against CUDA, so beside a CPU build of torch the
import fails with an OSError. All that the studio uses of torchaudio is written in Python: where the
extension cannot be loaded, a stand-in takes its place and says that it is not there.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, NoReturn

_EXTENSION = "torchaudio._extension"


def load_torchaudio() -> ModuleType:
    """Import torchaudio, without its compiled extension only where that cannot be loaded.

    Once this has returned, ordinary imports of torchaudio's parts work too.

    Raises:
        ImportError: torchaudio is not installed.
    """
    try:
        return importlib.import_module("torchaudio")
    except OSError:
        _forget_torchaudio()
    stand_in = _stand_in()
    sys.modules[_EXTENSION] = stand_in
    torchaudio = importlib.import_module("torchaudio")
    vars(torchaudio)["_extension"] = stand_in
    return torchaudio


def _forget_torchaudio() -> None:
    """Drop what a failed import left behind."""
    for name in [name for name in sys.modules if name.split(".")[0] == "torchaudio"]:
        del sys.modules[name]


def _stand_in() -> ModuleType:
    module = ModuleType(_EXTENSION, "Says that the compiled extension is not there.")
    vars(module).update(
        _IS_TORCHAUDIO_EXT_AVAILABLE=False,
        _IS_ALIGN_AVAILABLE=False,
        fail_if_no_align=_unavailable,
    )
    return module


def _unavailable(function: Callable[..., Any]) -> Callable[..., NoReturn]:
    """A decorator: calling `function` says why it cannot work here."""

    def refuse(*_args: object, **_keywords: object) -> NoReturn:
        raise RuntimeError(
            f"{function.__name__} needs torchaudio's compiled extension, "
            "which does not load beside this build of torch."
        )

    return refuse
