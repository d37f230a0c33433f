"""The report of how good the painter is: every figure is measured once and kept.

`report.json` holds the data, `report.md` and plots what they say. A figure is taken anew where its
name is given, or where it was never taken; the others are told from what is kept.
"""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from studio.ai.training import reports
from studio.ai.training.painter.figures import recordings
from studio.ai.training.painter.figures.methods import METHODS, Method
from studio.core.errors import StudioError

_log = logging.getLogger(__name__)
FIGURES = {"gaps": "Gaps", "outlines": "Outlines", "speed": "Speed and memory"}
USUAL_ROUNDS = 2
INTRODUCTION = (
    "Recorded music with gaps cut into it, filled from the rest. What was there is one of many "
    "things that could have been: a fill that differs from it may still be good, so agreement says "
    "whether rhythm, harmony and sound go on, not whether it is right. Weak figures stay in."
)
_REPORT = reports.Report(
    "studio.ai.training.painter.figures", "How good the painter is", INTRODUCTION, FIGURES
)


def models(work: Path, names: Sequence[str] = ()) -> Mapping[str, Method]:
    """All ways to fill a gap, or those named.

    Raises:
        StudioError: None is called so, there are no recordings, or a package that measures is not
            there.
    """
    if importlib.util.find_spec("matplotlib") is None:
        raise StudioError(
            "Measuring needs “matplotlib”, which is not installed.",
            "Install the studio with its group “train”.",
        )
    if not recordings.paths(work):
        raise StudioError(
            f"There are no recordings in “{work / 'real'}”.", "Put some WAV or FLAC files there."
        )
    chosen = {name: one for name, one in METHODS.items() if not names or name in names}
    if not chosen:
        raise StudioError("Nothing here is called so.", f"There are: {', '.join(METHODS)}.")
    return chosen


def write(
    work: Path,
    out: Path,
    models: Mapping[str, Method],
    anew: Sequence[str] = (),
    songs: int | None = None,
    say: Callable[[str], None] = _log.info,
    processes: int = 1,
) -> Path:
    """Take the figures named (or else those never taken), and write the report into `out`.

    Args:
        songs: How many gaps of each length are cut into every recording.

    Returns the text of the report.

    Raises:
        StudioError: A figure has no such name.
    """
    del processes  # what is timed has to be alone
    rounds = songs or USUAL_ROUNDS
    return _REPORT.take(out, anew, lambda figure: figure.measure(work, models, rounds), say)


def paint(models: Mapping[str, Method], folder: Path, songs: int) -> None:
    """Raises StudioError: the painter writes no notes to draw."""
    del models, folder, songs
    raise StudioError("There are no piano rolls of recordings.", "Leave --pictures out.")
