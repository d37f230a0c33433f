"""How long a wish will take, by what earlier ones took on this machine."""

from __future__ import annotations

from collections import deque
from statistics import median

from studio.ai import wishes
from studio.ai.requests import Request, Take, Task
from studio.ai.words import understand

_REMEMBERED = 5  # takes of a model
_USUAL_PARTS = 4  # of a song whose words name no instruments
_NOTES_A_BAR = 8  # of one part
# Seconds for a bar of one part until a take told better: measured on two cores of a small server.
_USUAL_SECONDS = {"composer": 0.08}


class Estimates:
    """Remembers what the latest takes of each model took."""

    def __init__(self) -> None:
        self._seconds: dict[str, deque[float]] = {}  # for a bar of one part

    def add(self, take: Take) -> None:
        """Learn from a take that was made here just now."""
        known = self._seconds.setdefault(take.request.model, deque(maxlen=_REMEMBERED))
        parts = len(take.result.parts) or 1
        known.append(take.seconds / (_bars(take.request) * parts))

    def seconds(self, request: Request, takes: int = 1) -> float | None:
        """What so many takes of `request` will last; None where nothing is known of its model."""
        known = self._seconds.get(request.model)
        one = median(known) if known else _USUAL_SECONDS.get(request.model)
        return None if one is None else one * _bars(request) * _parts(request) * takes


def _bars(request: Request) -> float:
    """How much is written on each part, in bars; of a gap that names notes, by their number."""
    gap = request.gap
    named = sum(len(ids) for _, ids in gap.notes)
    if named:
        return max(named / _NOTES_A_BAR, 1.0)
    tempo = wishes.tempo_of(request)
    return tempo.bar_at(gap.end - 1) - tempo.bar_at(gap.start) + 1


def _parts(request: Request) -> int:
    if request.gap.tracks:
        return len(request.gap.tracks)
    named = request.controls.instruments or understand(request.prompt).instruments
    return len(named) or (_USUAL_PARTS if request.task is Task.COMPOSE else 1)
