"""Random wishes of a musician over songs that bands play: one for every seed, always the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np

from studio.ai import wishes
from studio.ai.catalogue import ModelCard
from studio.ai.requests import Controls, Request, Task
from studio.ai.sketch.instruments import INSTRUMENTS, ROLES
from studio.ai.wishes import Wish
from studio.core.errors import StudioError
from studio.domain.clip import NoteClip
from studio.domain.gap import Gap
from studio.domain.project import ChordSpan, Project, new_song
from studio.domain.tempo import TempoMap
from studio.domain.theory import QUALITIES, Chord, Key
from tests.ai.sketch_report import song_of

Rng = np.random.Generator

BANDS = (
    "a happy pop song in C", "jazz swing, upright bass and brushes", "bossa nova in D minor",
    "waltz for piano and strings in G", "funk in E minor, 7/8", "folk in 6/8, violin and guitar",
    "only piano, classical in F", "string quartet in A minor", "reggae", "house, dark",
)  # fmt: skip
PROMPTS = (
    "", "", "", "jazz", "busy", "sparse and calm", "no drums", "only piano", "a waltz at 90",
    "rock in E minor", "with flute and cello, no bass", "swing", "ambient pads", "bossa nova",
    "metal, fast", "in D dorian", "trio for clarinet, cello and piano", "straight lo-fi",
)  # fmt: skip
NAMES = sorted(INSTRUMENTS)
PITCHED = [name for name in NAMES if not INSTRUMENTS[name].drums]


def random_request(seed: int, card: ModelCard) -> tuple[str, Request | None]:
    """What kind of wish it is, and the request; None where the song has nothing of the kind."""
    rng = np.random.default_rng((2024, seed))
    kinds = [kind for kind, (task, _) in KINDS.items() if task in card.tasks]
    kind = str(rng.choice(kinds))
    song = _song(rng)
    prompt = str(rng.choice(PROMPTS))
    wish = Wish(prompt, bars=int(rng.integers(1, 9)), seed=int(rng.integers(10)))
    wish = replace(wish, controls=_controls(rng, song))
    try:
        return kind, KINDS[kind][1](rng, song, card, wish)
    except StudioError as error:
        if "There are no notes" in error.message or "locked" in error.message:
            return kind, None
        raise


# -- songs and controls ------------------------------------------------------------------------
@cache
def _band(prompt: str, seed: int) -> Project:
    return song_of(prompt, seed, 8)


def _song(rng: Rng) -> Project:
    """A band's song with some notes locked, and now and then without chords, key or names."""
    song = _band(str(rng.choice(BANDS)), int(rng.integers(3)))
    every = int(rng.integers(2, 12))
    for _, clip in list(song.clips()):
        if isinstance(clip, NoteClip) and rng.random() < 0.4:
            locked = clip.notes.id % every == 0
            song = song.with_clip(replace(clip, notes=clip.notes.with_columns(locked=locked)))
    if rng.random() < 0.3:
        song = replace(song, chords=())
    if rng.random() < 0.2:
        song = replace(song, key=None)
    if rng.random() < 0.2:
        song = replace(song, tracks=tuple(replace(track, role="") for track in song.tracks))
    return song


def _controls(rng: Rng, song: Project) -> Controls:
    return Controls(
        key=song.key,
        surprise=float(rng.choice((0.0, 0.4, 1.0))),
        density=float(rng.choice((0.1, 0.5, 0.5, 0.9))),
        closeness=float(rng.choice((0.2, 0.7, 1.0))),
        keep_to_scale=bool(rng.random() < 0.8),
        keep_to_chords=bool(rng.random() < 0.25),
        amount=float(rng.choice((0.1, 0.3, 0.5, 0.8, 1.0))),
    )


def _chords(rng: Rng, tempo: TempoMap, start: int, end: int) -> tuple[ChordSpan, ...]:
    """One or two chords a bar, whatever their key."""
    spans = []
    for at in tempo.bar_starts(tempo.bar_start(tempo.bar_at(start)), end):
        until = tempo.next_bar(at + 1)
        middle = at + (until - at) // 2
        edges = [at, middle, until] if rng.random() < 0.3 else [at, until]
        for left, right in pairwise(edges):
            chord = Chord(int(rng.integers(12)), str(rng.choice(sorted(QUALITIES))))
            spans.append(ChordSpan(left, right - left, chord))
    return tuple(spans)


def _with_chords(rng: Rng, request: Request) -> Request:
    """Now and then, with chords given for the gap."""
    if rng.random() >= 0.3:
        return request
    tempo = wishes.tempo_of(request)
    chords = _chords(rng, tempo, request.gap.start, request.gap.end)
    return replace(request, controls=replace(request.controls, chords=chords))


def _tracks(rng: Rng, song: Project, most: int = 3) -> tuple[str, ...]:
    ids = [track.id for track in wishes.instruments(song)]
    count = int(rng.integers(1, min(most, len(ids)) + 1))
    return tuple(ids[i] for i in sorted(rng.choice(len(ids), count, replace=False)))


def _range(rng: Rng, song: Project, *, band: bool = False) -> Gap:
    """Bars, or any stretch of time, on some tracks; with `band`, some of the keys."""
    tempo = song.tempo
    bars = tempo.bar_at(song.end - 1)
    first = int(rng.integers(1, bars + 1))
    last = int(rng.integers(first, bars + 1))
    start, end = tempo.bar_start(first), tempo.bar_start(last + 1)
    if rng.random() < 0.3:
        start = min(start + int(rng.integers(0, 3840)), end - 1)
        end = max(end - int(rng.integers(0, 3840)), start + 1)
    low = int(rng.integers(28, 80)) if band else 0
    high = min(low + int(rng.integers(5, 40)), 127) if band else 127
    return Gap(_tracks(rng, song), start, end, low, high)  # type: ignore[arg-type]


def _some_notes(rng: Rng, song: Project, *, pitched: bool = False) -> tuple[Gap, int]:
    """A gap around some notes of one clip, that names them; and how many they are."""
    tracks = [t for t in wishes.instruments(song) if not (pitched and t.is_drums)]
    track = tracks[int(rng.integers(len(tracks)))]
    clip = track.clips[0]
    assert isinstance(clip, NoteClip)
    first = int(rng.integers(len(clip.notes)))
    count = int(rng.integers(1, 16))
    picked = clip.notes.where(np.arange(len(clip.notes))[first : first + count])
    low, high = int(picked.pitch.min()), int(picked.pitch.max())
    reach = 0 if track.is_drums else 7
    gap = Gap(
        (track.id,), int(picked.start.min()) + clip.shift, int(picked.end.max()) + clip.shift,
        max(low - reach, 0), min(high + reach, 127),
        notes=((clip.id, tuple(sorted(picked.id.tolist()))),),
    )  # fmt: skip
    return gap, len(picked)


# -- kinds of wishes ---------------------------------------------------------------------------
def _compose(rng: Rng, song: Project, card: ModelCard, wish: Wish) -> Request:
    controls = replace(wish.controls, key=None)
    if rng.random() < 0.4:
        meters = ((4, 4), (3, 4), (6, 8), (5, 4), (7, 8), (12, 8))
        controls = replace(
            controls, bpm=float(rng.integers(50, 190)),
            meter=meters[int(rng.integers(len(meters)))],
            key=Key(int(rng.integers(12)), str(rng.choice(("major", "minor", "dorian")))),
        )  # fmt: skip
    if rng.random() < 0.3:
        names = tuple(rng.choice(NAMES, int(rng.integers(1, 4)), replace=False).tolist())
        controls = replace(controls, instruments=names)
    return _with_chords(rng, wishes.compose(new_song(), card, replace(wish, controls=controls)))


def _extend(rng: Rng, song: Project, card: ModelCard, wish: Wish) -> Request:
    before = bool(rng.random() < 0.4)
    return _with_chords(rng, wishes.extend(song, card, wish, before=before))


def _rewrite(rng: Rng, song: Project, card: ModelCard, wish: Wish) -> Request:
    return _with_chords(rng, wishes.rewrite(song, card, wish, _range(rng, song)))


def _rewrite_band(rng: Rng, song: Project, card: ModelCard, wish: Wish) -> Request:
    return wishes.rewrite(song, card, wish, _range(rng, song, band=True))


def _rewrite_notes(rng: Rng, song: Project, card: ModelCard, wish: Wish) -> Request:
    return _with_chords(rng, wishes.rewrite(song, card, wish, _some_notes(rng, song)[0]))


def _vary(rng: Rng, song: Project, card: ModelCard, wish: Wish) -> Request:
    return wishes.vary(song, card, wish, _range(rng, song))


def _humanise(rng: Rng, song: Project, card: ModelCard, wish: Wish) -> Request:
    gap = _some_notes(rng, song)[0] if rng.random() < 0.3 else _range(rng, song)
    return wishes.humanise(song, card, wish, gap)


def _go_on(rng: Rng, song: Project, card: ModelCard, wish: Wish) -> Request:
    gap, _ = _some_notes(rng, song)
    return _with_chords(rng, wishes.go_on(song, card, wish, gap.notes))


def _harmonise(rng: Rng, song: Project, card: ModelCard, wish: Wish) -> Request:
    gap, _ = _some_notes(rng, song, pitched=True)
    if rng.random() < 0.5:  # a tune alone
        others = [track.id for track in wishes.instruments(song) if track.id not in gap.tracks]
        for id in others:
            song = song.without_track(id)
        song = replace(song, chords=())
    roles = ((), ("chords",), ("bass", "chords"), ("strings",), ("pad", "bass"))
    controls = replace(wish.controls, instruments=roles[int(rng.integers(len(roles)))])
    request = wishes.harmonise(song, card, replace(wish, controls=controls), gap.notes)
    return _with_chords(rng, request)


def _arrange(rng: Rng, song: Project, card: ModelCard, wish: Wish) -> Request:
    gap, _ = _some_notes(rng, song, pitched=True)
    count = int(rng.integers(0, 5))
    names = tuple(rng.choice(PITCHED, count, replace=False).tolist())
    wish = replace(wish, prompt="", controls=replace(wish.controls, instruments=names))
    return wishes.arrange(song, card, wish, gap.notes)


def _add_part(rng: Rng, song: Project, card: ModelCard, wish: Wish) -> Request:
    name = str(rng.choice((*ROLES, *NAMES)))
    gap = _range(rng, song)
    span = None if rng.random() < 0.4 else (gap.start, gap.end)
    controls = replace(wish.controls, instruments=(name,))
    request = wishes.add_part(song, card, replace(wish, controls=controls), span)
    return _with_chords(rng, request)


KINDS: dict[str, tuple[Task, Callable[[Rng, Project, ModelCard, Wish], Request]]] = {
    "compose": (Task.COMPOSE, _compose),
    "extend": (Task.EXTEND, _extend),
    "go on": (Task.EXTEND, _go_on),
    "rewrite": (Task.REWRITE, _rewrite),
    "rewrite a band": (Task.REWRITE, _rewrite_band),
    "rewrite notes": (Task.REWRITE, _rewrite_notes),
    "vary": (Task.REWRITE, _vary),
    "add a part": (Task.ADD_PART, _add_part),
    "harmonise": (Task.HARMONISE, _harmonise),
    "humanise": (Task.HUMANISE, _humanise),
    "arrange": (Task.ARRANGE, _arrange),
}
