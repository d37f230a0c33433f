"""Sketch: a band that composes by rule, at once, and can say why.

It plans (form, chords, who plays), then writes phrase by phrase, and reports bar by bar.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from studio.ai.catalogue import ModelContext
from studio.ai.requests import Request, Result, Task
from studio.ai.sketch.cast import Player, cast
from studio.ai.sketch.compose import compose
from studio.ai.sketch.plan import Plan, plan
from studio.ai.sketch.score import Event
from studio.core.errors import StudioError
from studio.domain.gap import Part
from studio.domain.notes import Notes
from studio.domain.project import ChordSpan


class Sketch:
    """Fills gaps with notes by the rules of the style that the words name."""

    def load(self, device: str) -> None:
        """Nothing to load."""

    def unload(self) -> None:
        """Nothing to free."""

    def generate(self, request: Request, context: ModelContext) -> Result:
        """Write the gap in four steps: plan, cast, compose bar by bar, conclude.

        Raises:
            StudioError: A track is gone, an instrument is unknown, or no note fits the gap's band.
            Cancelled: On request, before any bar.
        """
        context.check_cancelled()
        planned = plan(request)
        players = cast(planned)
        written: dict[int, list[Event]] = {index: [] for index in range(len(players))}
        for count, (bar, rows) in enumerate(
            compose(planned, players, lambda _: context.check_cancelled())
        ):
            for index, events in rows.items():
                written[index] += events
            until = min(bar.end, request.gap.end)
            context.partial(_result(planned, players, written, until))
            context.progress(
                (count + 1) / len(planned.bars), f"bar {count + 1} of {len(planned.bars)}"
            )
        return self._concluded(planned, players, written)

    def _concluded(
        self, planned: Plan, players: Sequence[Player], written: Mapping[int, list[Event]]
    ) -> Result:
        gap = planned.request.gap
        if not any(written.values()) and gap.length >= planned.bars[0].length:
            raise StudioError(
                f"There is no room for a note of {planned.key.name} in this gap.",
                "Widen its pitch range or unlock notes.",
            )
        return _result(planned, players, written, gap.end)


def _result(
    planned: Plan, players: Sequence[Player], written: Mapping[int, list[Event]], until: int
) -> Result:
    return Result(
        parts=tuple(
            _part(player, written[index], planned.request.gap.start)
            for index, player in enumerate(players)
        ),
        written_until=until,
        tempo=planned.tempo if planned.shaped else None,
        key=planned.key,
        chords=_chords(planned),
        sections=_sections(planned),
        chips=planned.words.chips,
        why=_why(planned),
    )


def _part(player: Player, events: Sequence[Event], gap_start: int) -> Part:
    """The notes of one player; none is played before the gap, however early its feel."""
    if not events:
        notes = Notes.empty()
    else:
        start, length, pitch, velocity, timing = map(np.array, zip(*sorted(events), strict=True))
        timing = np.maximum(timing, gap_start - start)
        notes = Notes.of(start, length, pitch, velocity=velocity, timing=timing)
    return Part(player.track, notes, player.name, player.role, player.program, player.drums)


def _chords(planned: Plan) -> tuple[ChordSpan, ...]:
    """The chords followed, within the gap, equal neighbours joined."""
    gap = planned.request.gap
    found: list[ChordSpan] = []
    for bar in planned.bars:
        for span in bar.chords:
            start, end = max(span.start, gap.start), min(span.end, gap.end)
            if end <= start:
                continue
            if found and found[-1].chord == span.chord and found[-1].end == start:
                found[-1] = ChordSpan(found[-1].start, end - found[-1].start, span.chord)
            else:
                found.append(ChordSpan(start, end - start, span.chord))
    return tuple(found)


def _sections(planned: Plan) -> tuple[tuple[int, str], ...]:
    """Where sections begin: for a song, and where the words named them."""
    if planned.request.task is not Task.COMPOSE and not planned.words.form:
        return ()
    heads = [
        bar for bar in planned.bars if bar.starts_section and bar.start >= planned.request.gap.start
    ]
    return tuple((bar.start, bar.section) for bar in heads)


def _why(planned: Plan) -> str:
    flats = planned.key.uses_flats
    names = " ".join(span.chord.name(flats) for span in _chords(planned)[:8])
    meter = planned.bars[0].meter
    source = "the song's chords" if planned.known else "chords"
    manner = "in the manner of what is there" if planned.loop else f"{planned.style_name} style"
    return (
        f"{manner[0].upper()}{manner[1:]} in {planned.key.name}, {planned.bpm:g} bpm, "
        f"{meter.beats}/{meter.unit}, over {source} {names}."
    )
