"""What a request will do, in words: the sentence above the button, and what the button says."""

from __future__ import annotations

from dataclasses import replace

from studio.ai.requests import Request, Task
from studio.ai.wishes import held_notes, instruments, locked_notes, tempo_of
from studio.ai.words import understand
from studio.domain.gap import gathered
from studio.domain.project import Project
from studio.domain.theory import pitch_name
from studio.domain.track import TrackId

_DASH = "\N{EN DASH}"


def bars_text(request: Request) -> str:
    """`bar 5`, `bars 5-8` or, where it is no whole bars, `beats 5.2-8.1` of a gap."""
    tempo, gap = tempo_of(request), request.gap
    if not _whole_bars(request):
        beats = [tempo.position(tick) for tick in (gap.start, gap.end - 1)]
        words = [f"{at.bar}.{at.beat}" for at in beats]
        return f"beat {words[0]}" if words[0] == words[1] else "beats " + _DASH.join(words)
    first, last = tempo.bar_at(gap.start), tempo.bar_at(max(gap.end - 1, gap.start))
    return f"bar {first}" if first == last else f"bars {first}{_DASH}{last}"


def _whole_bars(request: Request) -> bool:
    """Whether a gap that was selected begins and ends with bars; others are of whole bars."""
    tempo, gap = tempo_of(request), request.gap
    edges = (gap.start, gap.end)
    selected = request.task in (Task.REWRITE, Task.HUMANISE)
    return not selected or all(tempo.next_bar(tick) == tick for tick in edges)


def sentence(request: Request) -> str:
    """What will be written, in words."""
    text = _TEXTS.get(request.task, _rewriting)(request)
    return text[0].upper() + text[1:]


def _rewriting(request: Request) -> str:
    song, gap = request.song, request.gap
    names, bars = _names(song, gap.tracks) + _keys(request), bars_text(request)
    if gap.notes:
        return _of_named_notes(request, names, bars)
    locked = locked_notes(song, gap)
    around = f", keeping your {_count(locked, 'locked note')}" if locked else ""
    return f"{bars} of {names}{around}"


def _keys(request: Request) -> str:
    """`, C3–C5` where only a band of keys was chosen; chosen notes lie in one of their own."""
    gap, key = request.gap, request.song.key
    if gap.notes or (gap.pitch_low, gap.pitch_high) == (0, 127):
        return ""
    flats = key is not None and key.uses_flats
    low, high = (pitch_name(pitch, flats) for pitch in (gap.pitch_low, gap.pitch_high))
    return f", {low}" if low == high else f", {low}{_DASH}{high}"


def _of_named_notes(request: Request, names: str, bars: str) -> str:
    named = held_notes(request.song, request.gap)
    there = held_notes(request.song, replace(request.gap, notes=()))
    stay = "" if named == there else "; all others stay"
    if _is_variation(request) and named < there:
        return f"{named} of the {_count(there, 'note')} of {names}, {bars}{stay}"
    density = request.controls.density
    way = ", made busier" if density > 0.5 else ", made calmer" if density < 0.5 else ""
    way = "" if _is_variation(request) else way
    return f"your {_count(named, 'note')} of {names}, {bars}{way}{stay}"


def _extending(request: Request) -> str:
    if not request.controls.source:
        return _rewriting(request)
    names = _names(request.song, request.gap.tracks)
    return f"{bars_text(request)} of {names}, going on from your {_source_notes(request)}"


def _humanising(request: Request) -> str:
    notes = _count(held_notes(request.song, request.gap), "note")
    names, bars = _names(request.song, request.gap.tracks), bars_text(request)
    return f"how loud and how early {notes} of {names} are played, {bars}; none moves on the grid"


def _harmonising(request: Request) -> str:
    wanted = list(request.controls.instruments)
    parts = f"{'new parts' if len(wanted) > 1 else 'a new part'} ({_list(wanted)})"
    under = f"{_source_notes(request)} of {_source_name(request)}, {bars_text(request)}"
    return f"chords that fit your {under}, and {parts} to play them"


def _arranging(request: Request) -> str:
    wanted = request.controls.instruments or understand(request.prompt).instruments
    to = _list(list(wanted)) if wanted else "instruments that suit them"
    notes = f"{_source_notes(request)} of {_source_name(request)}, {bars_text(request)}"
    return f"{notes}, shared out to {to}; the part itself is muted"


def _source_notes(request: Request) -> str:
    return _count(len(gathered(request.song, request.controls.source)), "note")


_TEXTS = {
    Task.COMPOSE: lambda request: f"{bars_text(request)} of a new song",
    Task.ADD_PART: lambda request: f"a new part over {bars_text(request)}, to fit what is there",
    Task.EXTEND: _extending,
    Task.HUMANISE: _humanising,
    Task.HARMONISE: _harmonising,
    Task.ARRANGE: _arranging,
}  # fmt: skip


def action_words(request: Request) -> str:
    """What the button says."""
    gap, tempo = request.gap, tempo_of(request)
    bars = _count(tempo.bar_at(max(gap.end - 1, gap.start)) - tempo.bar_at(gap.start) + 1, "bar")
    return {
        Task.COMPOSE: f"Generate {bars}",
        Task.EXTEND: f"Continue for {bars}" if request.controls.source else f"Extend by {bars}",
        Task.REWRITE: _rewrite_words(request, bars),
        Task.ADD_PART: "Add a part",
        Task.LEARN: f"Learn and write {bars}",
        Task.HARMONISE: f"Harmonise {bars}",
        Task.HUMANISE: f"Humanise {_count(held_notes(request.song, gap), 'note')}",
        Task.ARRANGE: f"Arrange {bars}",
        Task.SEPARATE: f"Split {recording_name(request)} into stems",
        Task.LISTEN: f"Listen to {recording_name(request)}",
        Task.TRANSCRIBE: _writing_words(request),
        Task.PAINT: _painting_words(request),
    }[request.task]


def _writing_words(request: Request) -> str:
    return f"{request.controls.listen_for.capitalize()} from {recording_name(request)}"


def _painting_words(request: Request) -> str:
    strokes, name = request.controls.strokes, recording_name(request)
    places = len(strokes.holes) + len(strokes.lassos)
    if places:
        verb = "Heal" if strokes.near else "Fill"
        return f"{verb} {_count(places, 'hole')} in {name}"
    return f"Heal {name}" if strokes.heal else f"Extend {name}"


def recording_name(request: Request) -> str:
    """What the musician calls the sound that a wish is about."""
    audio = request.controls.audio
    if audio is None:
        return "a recording"
    clip = request.song.find_clip(audio.clip) if audio.clip is not None else None
    return (clip[1].name if clip is not None else "") or audio.source.name or "a recording"


def _rewrite_words(request: Request, bars: str) -> str:
    if request.gap.notes:
        notes = _count(held_notes(request.song, request.gap), "note")
        if _is_variation(request):
            return f"Vary {notes}"
        density = request.controls.density
        way = " busier" if density > 0.5 else " calmer" if density < 0.5 else ""
        return f"Make {notes}{way}" if way else f"Rewrite {notes}"
    return f"Rewrite {bars}" if _whole_bars(request) else "Rewrite these beats"


def _is_variation(request: Request) -> bool:
    """Whether the gap's notes were chosen as the share that is to change."""
    return request.task is Task.REWRITE and request.controls.amount < 1.0


def _source_name(request: Request) -> str:
    found = [request.song.find_clip(id) for id, _ in request.controls.source]
    return _names(request.song, tuple({entry[0].id: 0 for entry in found if entry is not None}))


def _names(song: Project, tracks: tuple[TrackId, ...]) -> str:
    names = [song.track(id).name for id in tracks if song.find_track(id) is not None]
    if len(names) > 1 and len(names) == len(instruments(song)):
        return "every instrument"
    return _list(names)


def _list(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _count(count: int, thing: str) -> str:
    return f"{count} {thing}{'s' * (count != 1)}"
