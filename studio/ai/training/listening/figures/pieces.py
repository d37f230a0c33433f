"""Music of which everything is known: songs the studio writes, and bands from MIDI, rendered."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from studio.ai import registry, wishes
from studio.ai.listening.drums import HAT, KICK, SNARE
from studio.ai.listening.heard import Floats, HeardChord, HeardNotes, Seconds, notes_of
from studio.ai.models.sketch import Sketch
from studio.ai.requests import Result
from studio.ai.training.composer.bands.archives import data_folder
from studio.ai.training.composer.collections.entries import archive_path, files_of_archive
from studio.ai.training.composer.collections.listing import collection
from studio.ai.training.composer.figures.songs import song_of
from studio.ai.training.composer.reading import read_entry
from studio.ai.wishes import Wish
from studio.domain.clip import NoteClip, TakeId
from studio.domain.project import Project, new_song
from studio.domain.theory import Key
from studio.domain.track import Track
from studio.media.store import MediaStore
from studio.render.offline import render_song

SECONDS = 60.0
PROMPTS = (
    "pop song, 104 bpm, C major", "rock song, 132 bpm, E minor", "jazz, 140 bpm, F major",
    "bossa nova, 124 bpm, D minor", "funk, 98 bpm, A minor", "house, 124 bpm, G minor",
    "folk song, 92 bpm, G major", "waltz, 150 bpm, A major", "ballad, 70 bpm, Eb major",
    "reggae, 78 bpm, B minor", "soul, 88 bpm, Bb major", "disco, 118 bpm, C# minor",
)  # fmt: skip
_BANDS = "mma-bands"
_BAND_SEED = 1
_STROKES = {35: KICK, 36: KICK, 38: SNARE, 40: SNARE, 42: HAT, 44: HAT, 46: HAT}


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A minute of music and what it holds; times are in seconds.

    Attributes:
        mix, drums, melody: Sound [frames, channels]; the last two are None where none play.
        chords: Empty where they are not known, as the key is None.
        notes: Of all but the drums.
        strokes: Of kick, snare and hi-hat, as 36, 38 and 42.
        tune: The melody's.
        borders: Where parts of the form begin, but for the first; None where that is not known.
        guitar: Sound of a guitar alone, of which `strokes_of_guitar` tells when it is struck.
    """

    name: str
    sample_rate: int
    mix: Floats
    drums: Floats | None
    melody: Floats | None
    beats: Seconds
    downbeats: Seconds
    bpm: float
    key: Key | None
    chords: tuple[HeardChord, ...]
    notes: HeardNotes
    strokes: HeardNotes
    tune: HeardNotes
    borders: Seconds | None = None
    guitar: Floats | None = None
    strokes_of_guitar: Seconds = field(default_factory=lambda: np.zeros(0))


class _Alone:
    """Nobody watches."""

    def progress(self, fraction: float, text: str = "") -> None: ...

    def partial(self, result: Result) -> None: ...

    def check_cancelled(self) -> None: ...


def pieces(count: int, work: Path) -> Iterator[Piece]:
    """`count` pieces, the studio's own songs and bands from MIDI in turn.

    What was rendered is kept under `rendered` of the folder of work, for measuring again.
    """
    media = MediaStore(work / "media")
    (work / "rendered").mkdir(parents=True, exist_ok=True)
    songs = ((prompt, _composed(prompt)) for prompt in PROMPTS)
    turns = itertools.chain.from_iterable(zip(songs, _bands(), strict=False))
    for name, song in itertools.islice(turns, count):
        yield _piece(name, song, _Renderer(media, work / "rendered" / name))


def _composed(prompt: str) -> Project:
    card = registry.card("sketch")
    request = wishes.compose(new_song(), card, Wish(prompt, bars=48))
    result = Sketch().generate(request, _Alone())
    return wishes.placement(TakeId("figure"), request, result).apply(new_song())


def _bands() -> Iterator[tuple[str, Project]]:
    """Arrangements of many styles, drawn at random. Their chords are guesses, and not told."""
    found = collection(_BANDS)
    files = files_of_archive(archive_path(data_folder(), found.archive))
    entries = [entry for entry in found.entries(files) if not entry.dropped]
    for index in np.random.default_rng(_BAND_SEED).permutation(len(entries))[: len(PROMPTS)]:
        read = read_entry(_BANDS, entries[index])
        if not isinstance(read, str):
            yield Path(entries[index].key).stem, replace(song_of(read[0]), chords=())


def _piece(name: str, song: Project, render: _Renderer) -> Piece:
    drums = [track for track in song.sources if track.role == "drums"]
    tunes = [track for track in song.sources if track.role == "melody"]
    others = [track for track in song.sources if track not in drums]
    struck = render(song, drums, "drums") if drums else None
    rest = render(song, others, "rest")
    end = min(float(song.tempo.seconds(song.end)), SECONDS)
    beats, downbeats = _beats(song, end)
    return Piece(
        name,
        song.sample_rate,
        rest if struck is None else rest + struck,
        struck,
        render(song, tunes[:1], "tune") if tunes else None,
        beats,
        downbeats,
        60.0 / float(np.median(np.diff(beats))),
        song.key if song.chords else None,
        tuple(_chords(song, end)),
        _notes(song, others, end),
        _strokes(_notes(song, drums, end)),
        _notes(song, tunes[:1], end),
        _borders(song, end),
    )


@dataclass(frozen=True, slots=True)
class _Renderer:
    """Renders tracks of a song, once."""

    media: MediaStore
    path: Path

    def __call__(self, song: Project, tracks: list[Track], what: str) -> Floats:
        kept = self.path.with_name(f"{self.path.name}, {what}.npy")
        if not kept.exists():
            np.save(kept, self._sound(song, tracks).astype(np.float16))
        found: npt.NDArray[np.float16] = np.load(kept)
        return found.astype(np.float32)

    def _sound(self, song: Project, tracks: list[Track]) -> Floats:
        ids = {track.id for track in tracks}
        alone = [track for track in song.tracks if track in song.buses or track.id in ids]
        project = replace(song, tracks=(*alone, song.master))
        end = round(SECONDS * song.sample_rate)
        blocks = render_song(project, self.media, end=end, tail_seconds=0.0)
        sound = np.concatenate(list(blocks))[:end]
        return np.pad(sound, ((0, end - len(sound)), (0, 0)))


def _borders(song: Project, end: float) -> Seconds | None:
    """Where parts begin that are called otherwise than the ones before them."""
    marks = [mark for mark in song.markers if mark.tick < song.end]
    moved = [b.tick for a, b in itertools.pairwise(marks) if a.name != b.name]
    seconds = song.tempo.seconds(np.array(moved, np.int64))
    return seconds[seconds < end - 1.0] if moved else None


def _beats(song: Project, end: float) -> tuple[Seconds, Seconds]:
    """The beats as the meter counts them, and the ones that begin a bar."""
    ticks: list[int] = []
    bars: list[int] = []
    for bar in song.tempo.bar_starts(0, song.end):
        meter = song.tempo.meter_at(bar)
        step = meter.ticks_per_beat * (3 if meter.unit == 8 and meter.beats % 3 == 0 else 1)
        ticks += range(bar, bar + meter.ticks_per_bar, step)
        bars.append(bar)
    beats, downbeats = song.tempo.seconds(ticks), song.tempo.seconds(bars)
    return beats[beats < end], downbeats[downbeats < end]


def _chords(song: Project, end: float) -> Iterator[HeardChord]:
    for span in song.chords:
        start, stop = (float(second) for second in song.tempo.seconds([span.start, span.end]))
        if start < end:
            yield HeardChord(start, min(stop, end), span.chord)


def _notes(song: Project, tracks: list[Track], end: float) -> HeardNotes:
    rows: list[tuple[float, float, int, int]] = []
    for track in tracks:
        for clip in track.clips:
            if isinstance(clip, NoteClip):
                start = song.tempo.seconds(clip.notes.start + clip.notes.timing + clip.shift)
                stop = song.tempo.seconds(clip.notes.end + clip.shift)
                columns = (start, stop, clip.notes.pitch, clip.notes.velocity)
                rows += [
                    (float(a), float(max(b, a + 0.02)), int(p), int(v))
                    for a, b, p, v in zip(*columns, strict=True)
                    if a < end
                ]
    return notes_of(rows)


def _strokes(notes: HeardNotes) -> HeardNotes:
    """Only kick, snare and hi-hat, each under one key."""
    columns: tuple[npt.NDArray[np.generic], ...] = (notes.start, notes.end, notes.pitch)
    rows = zip(*columns, strict=True)
    return notes_of(
        [(float(a), float(b), _STROKES[int(p)], 100) for a, b, p in rows if int(p) in _STROKES]
    )
