"""The report of how good the composer is: every figure is measured once and kept.

`report.json` holds the data, `report.md` and small plots what they say. A figure is taken anew
where its name is given, or where it was never taken; the others are told from what is kept.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from studio.ai.training import reports
from studio.ai.training.composer.figures import pictures
from studio.ai.training.composer.figures.songs import Player, composed, players, writers
from studio.core.errors import StudioError

_log = logging.getLogger(__name__)
# What each is called on the command line; a module of this package with `measure`, `draw`, `tell`,
# and `requests` where models write for it.
FIGURES = {
    "likelihood": "Likelihood of held-out notes",
    "chorales": "Bach's chorales in the token set of the literature",
    "consistency": "Pitch-class entropy, scale and groove consistency",
    "infilling": "Infilling",
    "tasks": "Task by task",
    "obedience": "Obedience",
    "telling": "Telling real bars from written ones",
    "form": "Form",
    "copying": "Memorisation",
    "alarmed": "Alarms",
    "speed": "Speed",
    "humanising": "Playing by hand",
}
SONGS = {"obedience": 1000, "copying": 100, "form": 100, "telling": 60, "infilling": 60,
         "humanising": 40, "likelihood": 200, "consistency": 60, "tasks": 100}  # fmt: skip
USUAL_SONGS = 200
INTRODUCTION = (
    "People's music in here is held out: no training piece has its title. Requests and seeds are "
    "fixed, so that figures can be taken again. Weak figures stay in."
)
_REPORT = reports.Report(
    "studio.ai.training.composer.figures", "How good the composer is", INTRODUCTION, FIGURES
)


def models(work: Path, names: Sequence[str] = ()) -> list[Player]:
    """The models that compose, those named or all; what they write is kept under `work`.

    Raises:
        StudioError: None of those named composes, or matplotlib or muspy is not there.
    """
    for needed in ("matplotlib", "muspy"):
        if importlib.util.find_spec(needed) is None:
            raise StudioError(
                f"Measuring needs “{needed}”, which is not installed.",
                "Install the studio with its group “train”.",
            )
    found = players(work / "figures", names)
    if not found:
        raise StudioError("None of these models composes.", "See: studio models")
    return found


def write(
    work: Path,
    out: Path,
    models: list[Player],
    anew: Sequence[str] = (),
    songs: int | None = None,
    say: Callable[[str], None] = _log.info,
    processes: int = 1,
) -> Path:
    """Take the figures named (or else those never taken), and write the report into `out`.

    Figures that are named are left out of the report until they are taken, so that a call that was
    stopped is taken up by one that names none. What models wrote is kept by request in any case.

    Args:
        processes: That models write in.

    Returns the text of the report.

    Raises:
        StudioError: A figure has no such name.
    """
    _REPORT.check(anew)
    out.mkdir(parents=True, exist_ok=True)
    kept = {name: data for name, data in reports.kept(out).items() if name not in anew}
    with writers(processes) as fill:
        for name in anew or [name for name in FIGURES if name not in kept]:
            began = time.monotonic()
            module, number = _REPORT.module(name), songs or SONGS.get(name, USUAL_SONGS)
            for player in models if hasattr(module, "requests") else ():
                fill(player, module.requests(work, player, number))
            written = time.monotonic()
            data = module.measure(work, models, number)
            kept[name] = json.loads(json.dumps(data, default=float))
            say(f"{name}: {written - began:.0f} s of writing, {time.monotonic() - written:.0f} s")
            _REPORT.write(out, kept)
    return _REPORT.write(out, kept)


def paint(models: list[Player], folder: Path, songs: int) -> None:
    """Piano rolls of songs of every model, half of them with a form."""
    for player in models:
        for form in (False, True):
            takes = composed(player, (songs + 1) // 2, form=form)
            for index, (_, take) in enumerate(takes):
                pictures.draw(take, folder / pictures.name_of(2 * index + form, take))
