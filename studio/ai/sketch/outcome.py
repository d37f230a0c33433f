"""A plan and what was written of it, as the result that a model hands over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from studio.ai.requests import Result, Task
from studio.ai.sketch import balance
from studio.ai.sketch.cast import Player
from studio.ai.sketch.plan import Plan
from studio.ai.sketch.score import Event
from studio.core.errors import StudioError
from studio.domain.gap import Part
from studio.domain.notes import Notes
from studio.domain.project import ChordSpan


def check_room(planned: Plan, result: Result) -> None:
    """Raises StudioError where a bar or more was to be written, and no note could be."""
    written = any(len(part.notes) for part in result.parts)
    if not written and planned.request.gap.length >= planned.bars[0].length:
        raise StudioError(
            f"There is no room for a note of {planned.key.name} in this gap.",
            "Widen its pitch range or unlock notes.",
        )


def opened(planned: Plan, players: Sequence[Player]) -> Result:
    """All of a result but its notes."""
    return Result(
        parts=tuple(
            Part(
                player.track,
                Notes.empty(),
                player.name,
                player.role,
                player.program,
                player.drums,
                volume_db=balance.volume_db(planned, player, players),
                pan=balance.pan(player, players),
            )
            for player in players
        ),
        written_until=planned.request.gap.start,
        tempo=planned.tempo if planned.shaped else None,
        key=planned.key,
        chords=_chords(planned),
        sections=_sections(planned),
        chips=planned.words.chips,
        why=_why(planned),
    )


def grown(result: Result, added: Mapping[int, Sequence[Event]], until: int) -> Result:
    """The result with more notes, written up to tick `until`."""
    parts = [
        replace(part, notes=part.notes.joined(_notes(added[index]))) if added[index] else part
        for index, part in enumerate(result.parts)
    ]
    return replace(result, parts=tuple(parts), written_until=until)


def _notes(events: Sequence[Event]) -> Notes:
    start, length, pitch, velocity, timing = zip(*events, strict=True)
    return Notes.of(start, length, pitch, velocity=velocity, timing=timing)


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
