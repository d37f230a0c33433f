"""Where faders and pans of new tracks begin, so that a song is mixed before anybody mixes it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from studio.ai.requests import Task
from studio.ai.sketch.cast import Player
from studio.ai.sketch.plan import Plan

# LUFS that each role should reach in a band of five: the melody in front, pads behind.
_TARGETS = {
    "melody": -24.0, "counter": -29.5, "arpeggio": -29.5, "chords": -26.0, "pad": -30.5,
    "bass": -25.5, "drums": -25.5,
}  # fmt: skip
_DRIVEN = frozenset(
    ("rock", "metal", "house", "disco", "trap", "funk", "drum and bass", "synthwave")
)
_GENTLE = frozenset(("jazz", "bossa nova", "folk", "waltz", "ballad", "ambient", "classical"))
_BAND = 5  # parts; fewer are each a little louder
_LOUDEST_DB, _SOFTEST_DB = 10.0, -12.0

# program -> LUFS of what it plays at 0 dB in the role that it usually has, over eight bars of pop;
# kits by their own program, in styles that use them.
_PITCHED = {
    0: -29.2, 4: -24.0, 6: -27.8, 10: -34.4, 11: -28.4, 12: -33.2, 16: -27.5, 21: -33.5,
    22: -29.8, 24: -26.8, 25: -27.7, 27: -24.0, 28: -29.4, 30: -26.5, 32: -27.6, 33: -27.8,
    35: -27.9, 36: -28.7, 38: -28.0, 40: -30.5, 41: -31.0, 42: -30.2, 45: -31.5, 46: -24.0,
    48: -29.4, 52: -30.9, 56: -26.5, 57: -27.2, 60: -31.2, 61: -30.8, 66: -29.1, 68: -27.0,
    71: -28.3, 73: -26.9, 80: -27.7, 81: -27.6, 88: -30.8, 89: -33.2, 104: -33.8, 105: -25.6,
    109: -23.8,
}  # fmt: skip
_KITS = {0: -28.5, 16: -23.5, 24: -26.6, 25: -28.2, 32: -29.4, 40: -29.2}
_CHORDAL = frozenset((0, 4, 6, 16, 24, 25, 27, 28, 30, 46, 88, 105))  # programs measured in chords
_PADS = frozenset((48, 52, 89))  # sustained: a line is as loud as chords
_SPARSE = frozenset(("funk", "skank", "disco", "jazz", "picking"))  # figures of short or few notes


def volume_db(plan: Plan, player: Player, players: Sequence[Player]) -> float:
    """The fader of a new part, dB in steps of a half; 0 on a track that is there."""
    if player.track is not None:
        return 0.0
    target = _TARGETS[player.plays]
    if player.drums:
        target += 1.0 * (plan.style_name in _DRIVEN) - 3.0 * (plan.style_name in _GENTLE)
        measured = _KITS.get(player.program, -28.0)
    else:
        measured = _PITCHED.get(player.program, -28.0) + _in_role(player)
    target += 3.0 * (plan.style_name == "ambient")
    if plan.request.task is not Task.ADD_PART:
        target += 10.0 * float(np.log10(_BAND / min(len(players), _BAND)))
    return round(2.0 * float(np.clip(target - measured, _SOFTEST_DB, _LOUDEST_DB))) / 2.0


def _in_role(player: Player) -> float:
    """How much louder an instrument is than in its usual role: chords sum what a line is one of."""
    if player.plays == "bass" or player.program in _PADS:
        return 0.0
    chordal = player.plays in ("chords", "pad", "arpeggio")
    change = 2.5 * chordal - 2.5 * (player.program in _CHORDAL) + 3.0 * player.left_hand
    return change - 4.0 * (player.plays == "pad") - 2.5 * (player.figure in _SPARSE)


def pan(player: Player, players: Sequence[Player]) -> float:
    """Lines, bass and drums in the middle; guitars left of it, keys right, others across."""
    if player.track is not None or len(players) < 3:
        return 0.0
    guitars = any(p.guitar for p in players if p.plays == "chords")
    side = -1.0 if guitars else 1.0  # of the chords
    places = {"chords": 0.3 * side, "counter": -0.3 * side, "arpeggio": -0.4 * side}
    return places.get(player.plays, 0.0)
