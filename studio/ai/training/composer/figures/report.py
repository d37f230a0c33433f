"""The report of how good the composer is: every figure is measured once and kept.

`report.json` holds the data, and of which versions of the models they are; `report.md` and small
plots say it. A figure is taken anew where its name is given, or where it was never taken of the
models as they are; the others are told from what is kept. So one command makes the whole report,
and makes it again where it was stopped.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.ai.nets.composer_weights import told_of
from studio.ai.training import reports
from studio.ai.training.composer.figures import pictures, summary
from studio.ai.training.composer.figures.songs import Player, composed, players, writers
from studio.core import paths
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
    "choosing": "Which model is the default",
    "obedience": "Obedience",
    "telling": "Telling real bars from written ones",
    "form": "Form",
    "copying": "Memorisation",
    "alarmed": "Alarms",
    "speed": "Speed",
    "humanising": "Playing by hand",
}
SONGS = {"obedience": 1000, "copying": 100, "form": 100, "telling": 40, "infilling": 30,
         "humanising": 20, "likelihood": 200, "consistency": 22, "tasks": 60,
         "choosing": 100}  # fmt: skip
USUAL_SONGS = 200
_WEIGHTS_ALONE = ("likelihood",)  # ask the network itself, not the model that writes by it
_ITS_OWN = ("chorales",)  # of networks trained for the figure
INTRODUCTION = (
    "People's music in here is held out: no training piece has its title. Of bands over charts, "
    "the chords and forms are people's and so may be the drums; the other parts are patterns that "
    "people wrote. Requests and seeds are fixed, so that figures can be taken again. Weak figures "
    "stay in."
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
    """Take the figures named (or else those never taken of these models), and write the report.

    Figures that are named are left out of the report until they are taken, so that a call that was
    stopped is taken up by one that names none. What models wrote is kept by request in any case.
    While one figure is measured, other processes write for the next.

    Args:
        out: The folder that the report is written into.
        processes: That models write in.

    Returns the text of the report.

    Raises:
        StudioError: A figure has no such name.
    """
    _REPORT.check(anew)
    out.mkdir(parents=True, exist_ok=True)
    kept = {name: data for name, data in reports.kept(out).items() if name not in anew}
    versions = kept.setdefault(reports.MEASURED, {})
    wanted = anew or [
        name for name in FIGURES
        if name not in kept or versions.get(name) != _versions(name, models)
    ]  # fmt: skip
    modules = {name: _REPORT.module(name) for name in wanted}
    with writers(processes) as fill:
        written = {
            name: [fill(player, module.requests(work, player, songs or _songs(name)))
                   for player in models if hasattr(module, "requests")]
            for name, module in modules.items()
        }  # fmt: skip
        for name, module in modules.items():
            began = time.monotonic()
            for wait in written[name]:
                wait()
            waited = time.monotonic()
            data = module.measure(work, models, songs or _songs(name))
            kept[name] = json.loads(json.dumps(data, default=float))
            versions[name] = _versions(name, models)
            say(f"{name}: {waited - began:.0f} s of waiting, {time.monotonic() - waited:.0f} s")
            _told(out, kept, models)
    return _told(out, kept, models)


def _songs(name: str) -> int:
    return SONGS.get(name, USUAL_SONGS)


def _versions(name: str, models: list[Player]) -> dict[str, str]:
    """What a figure is measured of, by title."""
    if name in _ITS_OWN:
        return {}
    if name in _WEIGHTS_ALONE:
        return {"weights": str(told_of(paths.resource("models", "composer"))["digest"])}
    return {player.title: player.card.digest for player in models}


def _told(out: Path, kept: dict[str, Any], models: list[Player]) -> Path:
    """Write the report, with the versions that it is of."""
    versions = kept[reports.MEASURED]
    now = ", ".join(f"{player.title} {player.card.digest}" for player in models)
    said = [f"Of the models as they are: {now}."]
    for name, title in FIGURES.items():
        current, found = _versions(name, models), versions.get(name, {})
        if name in kept and found != current:
            older = [f"{of} {digest}" for of, digest in found.items() if current.get(of) != digest]
            said.append(f"“{title}” is of {', '.join(older) or 'versions not told'}.")
    introduction = "\n\n".join((INTRODUCTION, " ".join(said), summary.table(kept)))
    return replace(_REPORT, introduction=introduction).write(out, kept)


def paint(models: list[Player], folder: Path, songs: int) -> None:
    """Piano rolls of songs of every model, half of them with a form."""
    for player in models:
        for form in (False, True):
            takes = composed(player, (songs + 1) // 2, form=form)
            for index, (_, take) in enumerate(takes):
                pictures.draw(take, folder / pictures.name_of(2 * index + form, take))
