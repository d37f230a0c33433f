"""The last word on every note: inside the gap, in the band, in key, beside what stands."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence

from studio.ai.sketch.cast import Player
from studio.ai.sketch.groove import swung
from studio.ai.sketch.harmony import scale_over
from studio.ai.sketch.listen import Heard
from studio.ai.sketch.plan import Plan
from studio.ai.sketch.score import Bar, Event

ONE_AT_A_TIME = frozenset(("melody", "counter", "bass"))  # roles that are lines


class Standing:
    """The notes that a track keeps, found by when they sound."""

    def __init__(self, notes: Sequence[Heard]) -> None:
        self._notes = sorted(notes)
        self._starts = [note.start for note in self._notes]
        self._longest = max((note.end - note.start for note in notes), default=0)

    def during(self, start: int, end: int) -> Sequence[Heard]:
        """Those that may sound somewhere in [start, end), song ticks, in order."""
        first = bisect_left(self._starts, start - self._longest)
        return self._notes[first : bisect_left(self._starts, end)]


class Settler:
    """Keeps one part's notes to the rules, phrase after phrase.

    Args:
        alone: Whether the part sounds one note at a time; by default its role says so.
        felt: Whether the style's swing and lateness are laid over what the notes have.
    """

    def __init__(
        self, plan: Plan, player: Player, *, alone: bool | None = None, felt: bool = True
    ) -> None:
        self._plan = plan
        self._player = player
        self._alone = player.plays in ONE_AT_A_TIME if alone is None else alone
        self._is_felt = felt
        self._gap = plan.request.gap
        self._standing = Standing(player.standing)
        self._ends: dict[int, int] = {}  # pitch -> end of its last note

    @property
    def ends(self) -> Mapping[int, int]:
        """Where the last settled note of each pitch ends, ticks."""
        return self._ends

    def settle(self, events: Sequence[Event], bars: Sequence[Bar]) -> list[Event]:
        """The notes of a phrase that may stand, ordered; a note never ends beyond the phrase."""
        found = []
        for event in sorted(events):
            bar = next((b for b in bars if b.start <= event.start < b.end), None)
            inside = self._inside(event, bars[-1].end)
            if bar is None or inside is None:
                continue
            if not self._player.drums:
                inside = self._in_key(inside, bar)
            if inside is not None and bar.locked and not self._player.drums:
                inside = self._in_chord(inside, bars)
            if inside is not None:
                found.append(inside)
        alone = self._alone
        if alone:
            found = _one_after_another(found)
        placed = [
            clear for event in found if (clear := beside(event, self._standing, alone)) is not None
        ]
        return [self._felt(event, bars) for event in self._without_doubles(placed)]

    def _inside(self, event: Event, phrase_end: int) -> Event | None:
        gap = self._gap
        if not (
            gap.start <= event.start < gap.end and gap.pitch_low <= event.pitch <= gap.pitch_high
        ):
            return None
        length = min(event.end, gap.end, phrase_end) - event.start
        return event._replace(length=length) if length > 0 else None

    def _in_key(self, event: Event, bar: Bar) -> Event | None:
        """The note, or the nearest one of the scale within reach."""
        if not self._plan.request.controls.keep_to_scale:
            return event
        return self._nearest(event, scale_over(bar.key, bar.chord_at(event.start)))

    def _in_chord(self, event: Event, bars: Sequence[Bar]) -> Event | None:
        """The note on a tone of its chord, and over where a chord begins that it is foreign to."""
        spans = [span for bar in bars for span in bar.chords]
        chord = next((s.chord for s in reversed(spans) if s.start <= event.start), spans[0].chord)
        found = self._nearest(event, chord.pitch_classes)
        if found is None:
            return None
        foreign = [s.start for s in spans if found.pitch % 12 not in s.chord.pitch_classes]
        end = min([found.end, *(start for start in foreign if start > found.start)])
        return found._replace(length=end - found.start)

    def _nearest(self, event: Event, classes: Collection[int]) -> Event | None:
        """The note on the nearest of some pitch classes within the gap's band, and no farther out
        of the player's compass than it was."""
        if event.pitch % 12 in classes:
            return event
        gap, player = self._gap, self._player
        low = max(gap.pitch_low, min(player.low, event.pitch), event.pitch - 6)
        high = min(gap.pitch_high, max(player.high, event.pitch), event.pitch + 6)
        near = [p for p in range(low, high + 1) if p % 12 in classes]
        nearest = min(near, key=lambda p: (abs(p - event.pitch), p), default=None)
        return None if nearest is None else event._replace(pitch=nearest)

    def _without_doubles(self, events: Sequence[Event]) -> list[Event]:
        """No pitch begins while it sounds: the earlier note ends, or the later one is dropped."""
        found: list[Event] = []
        last: dict[int, int] = {}
        for event in events:
            if self._ends.get(event.pitch, 0) > event.start:
                continue
            index = last.get(event.pitch)
            if index is not None and found[index].end > event.start:
                if found[index].start == event.start:
                    continue
                found[index] = found[index]._replace(length=event.start - found[index].start)
            last[event.pitch] = len(found)
            found.append(event)
        for event in found:
            self._ends[event.pitch] = max(self._ends.get(event.pitch, 0), event.end)
        return found

    def _felt(self, event: Event, bars: Sequence[Bar]) -> Event:
        """The note as the style's feel plays it: `start` on the grid, `timing` beside it."""
        if not self._is_felt:
            return event._replace(timing=max(event.timing, -event.start))
        dials = self._plan.dials
        bar = next(b for b in bars if b.start <= event.start < b.end)
        event = swung(event, bar, dials.swing, dials.swing16)
        late = event.timing + (dials.late if self._player.plays != "drums" else dials.late // 2)
        return event._replace(timing=max(late, -event.start))


def beside(event: Event, standing: Standing, alone: bool) -> Event | None:
    """The note cut where a standing one of its pitch begins; None where one sounds already.

    A line that plays one note at a time (`alone`) gives way to every standing note.
    """
    end = event.end
    for note in standing.during(event.start, event.end):
        if note.pitch != event.pitch and (note.muted or not alone):
            continue
        if note.start <= event.start < note.end:
            return None
        if event.start < note.start:
            end = min(end, note.start)
    return event._replace(length=end - event.start)


def _one_after_another(events: list[Event]) -> list[Event]:
    found: list[Event] = []
    for event in events:
        if found and found[-1].start == event.start:
            continue
        if found and found[-1].end > event.start:
            found[-1] = found[-1]._replace(length=event.start - found[-1].start)
        found.append(event)
    return found
