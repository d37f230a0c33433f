"""Plans and players of requests in words, for tests of what may be written over them."""

from __future__ import annotations

from studio.ai.requests import Request, Task
from studio.ai.sketch.cast import Player
from studio.ai.sketch.outcome import prepared
from studio.ai.sketch.plan import Plan
from studio.domain.gap import Gap
from studio.domain.project import new_song

SONG = "intro 4, verse 8, chorus 8, verse 8, outro 4"
SONG_BARS = 32


def planned(prompt: str, bars: int = 8, seed: int = 1) -> tuple[Plan, tuple[Player, ...]]:
    """For `bars` bars of four quarters."""
    gap = Gap((), 0, bars * 3840)
    return prepared(Request(Task.COMPOSE, gap, "composer", "", seed, new_song(), prompt))


def song(style: str, seed: int = 1) -> tuple[Plan, tuple[Player, ...]]:
    """A whole song of a style, in sections."""
    return planned(f"{style}: {SONG}", SONG_BARS, seed)
