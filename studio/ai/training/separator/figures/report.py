"""The report of how good the separator is: every figure is measured once and kept.

`report.json` holds the data, `report.md` and a plot what they say. A figure is taken anew where its
name is given, or where it was never taken; the others are told from what is kept.
"""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from studio.ai.training import reports
from studio.ai.training.separator.figures import nearness
from studio.ai.training.separator.figures.splitters import Splitter, splitters
from studio.core import paths
from studio.core.errors import StudioError

_log = logging.getLogger(__name__)
# What each is called on the command line; a module of this package with `measure`, `draw`, `tell`.
FIGURES = {
    "nearness": "Nearness",
    "confidence": "Confidence",
    "joins": "Sum and joins",
    "speed": "Speed and memory",
}
USUAL_SONGS = 8
INTRODUCTION = (
    "No stem in here was learnt from. Rendered songs flatter: they are made as those were that it "
    "learnt from. Recorded music counts; there is little of it whose stems are known, so every "
    "song is told by itself. Weak figures stay in."
)
_REPORT = reports.Report(
    "studio.ai.training.separator.figures", "How good the separator is", INTRODUCTION, FIGURES
)


def models(work: Path, names: Sequence[str] = ()) -> Mapping[str, Splitter]:
    """All that take songs apart, or those named.

    Raises:
        StudioError: None is called so, or a package that measures is not there.
    """
    for needed in ("matplotlib", "fast_bss_eval", "av"):
        if importlib.util.find_spec(needed) is None:
            raise StudioError(
                f"Measuring needs “{needed}”, which is not installed.",
                "Install the studio with its group “train”.",
            )
    found = splitters(paths.resource("models", "separator"), work / "real")
    chosen = {name: one for name, one in found.items() if not names or name in names}
    if not chosen:
        raise StudioError("Nothing here is called so.", f"There are: {', '.join(found)}.")
    return chosen


def write(
    work: Path,
    out: Path,
    models: Mapping[str, Splitter],
    anew: Sequence[str] = (),
    songs: int | None = None,
    say: Callable[[str], None] = _log.info,
    processes: int = 1,
) -> Path:
    """Take the figures named (or else those never taken), and write the report into `out`.

    Of models that are left out, what a figure told before stays.

    Returns the text of the report.

    Raises:
        StudioError: A figure has no such name, or there is no bank.
    """
    del processes  # what is timed has to be alone
    most = songs or USUAL_SONGS
    return _REPORT.take(out, anew, lambda figure: figure.measure(work, models, most), say, _joined)


def _joined(name: str, before: dict[str, Any], fresh: dict[str, Any]) -> dict[str, Any]:
    """What was measured now, and what of before was not since it is of other models."""
    return nearness.joined(before, fresh) if name == "nearness" else {**before, **fresh}


def paint(models: Mapping[str, Splitter], folder: Path, songs: int) -> None:
    """Raises StudioError: a separator writes no notes to draw."""
    del models, folder, songs
    raise StudioError("There are no pictures of stems.", "Leave --pictures out.")
