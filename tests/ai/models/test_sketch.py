"""Sketch as a musician meets it: what it makes of words, and how it treats a song that is there."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.ai.cards import SKETCH_CARD
from studio.ai.composer.measures import Counts
from studio.ai.models.sketch import Sketch
from studio.ai.requests import Controls, Request, Result, Task
from studio.ai.sketch.harmony import bass_of
from studio.ai.sketch.styles import STYLES
from studio.core.errors import Cancelled, StudioError
from studio.domain.clip import NoteClip
from studio.domain.gap import Gap, Part
from studio.domain.notes import Notes
from studio.domain.project import ChordSpan, Project, new_song
from studio.domain.theory import Chord, Key
from studio.domain.track import TrackId
from tests.ai.sketch_report import (
    PROMPTS,
    Distinctness,
    Silent,
    chord_at,
    compose,
    measure,
    music_of,
    place,
    song_of,
    survey,
)

BAR = 3840


class Watching:
    """A context that keeps what it is told, and may cancel after some bars."""

    def __init__(self, cancel_after: int = 1 << 30) -> None:
        self.fractions: list[float] = []
        self.partials: list[Result] = []
        self.cancel_after = cancel_after

    def progress(self, fraction: float, text: str = "") -> None:
        self.fractions.append(fraction)

    def partial(self, result: Result) -> None:
        self.partials.append(result)

    def check_cancelled(self) -> None:
        if len(self.partials) >= self.cancel_after:
            raise Cancelled


def ask(
    song: Project,
    task: Task,
    start: int,
    end: int,
    prompt: str = "",
    *,
    tracks: tuple[TrackId, ...] = (),
    seed: int = 1,
    band: tuple[int, int] = (0, 127),
    **controls: object,
) -> Request:
    """A wish over bars [start, end), counted from 0."""
    gap = Gap(tracks, start * BAR, end * BAR, *band)
    dials = Controls(**controls)  # type: ignore[arg-type]
    return Request(task, gap, "sketch", "1", seed, song, prompt, controls=dials)


def answer(request: Request) -> Result:
    return Sketch().generate(request, Silent())


def part(result: Result, role: str) -> Part:
    return next(part for part in result.parts if part.role == role)


def track_of(song: Project, role: str) -> TrackId:
    return next(track.id for track in song.tracks if track.role == role)


# --- the whole band ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def surveyed() -> dict[str, tuple[Counts, Distinctness]]:
    """Counts over six seeds of twelve prompts."""
    return {prompt: (total, alike) for prompt, total, alike in survey(PROMPTS, range(6), 12)}


@pytest.mark.parametrize("prompt", PROMPTS)
def test_songs_are_sound_and_seeds_and_words_make_them_differ(
    prompt: str, surveyed: dict[str, tuple[Counts, Distinctness]]
) -> None:
    figures, alike = surveyed[prompt]
    rates = figures.rates()
    assert rates["empty bars"] == 0.0
    assert rates["in key"] == 100.0
    assert rates["root in bass on one"] == 100.0
    assert rates["in range"] == 100.0
    assert rates["final cadence"] == 100.0
    assert rates["doubled notes"] == 0.0
    assert rates["chord tones on strong beats"] >= 75.0
    assert rates["low clusters"] <= 0.5
    assert 40.0 <= rates["steps and repeats"] <= 95.0
    assert 1.0 <= rates["melody notes a bar"] <= 10.0
    assert vars(alike) == {"same_for_seeds": 0, "same_for_words": 0, "unequal": 0}


def test_most_notes_on_strong_beats_belong_to_the_chord(
    surveyed: dict[str, tuple[Counts, Distinctness]],
) -> None:
    whole = Counts()
    for figures, _ in surveyed.values():
        whole.add(figures)
    assert 90.0 <= whole.rates()["chord tones on strong beats"] < 99.0
    assert whole.rates()["leaps answered"] >= 65.0
    assert whole.rates()["semitone clashes"] <= 4.0


@pytest.mark.parametrize("style", STYLES)
def test_every_style_has_its_band_tempo_and_a_close(style: str) -> None:
    result = compose(style, 3, 16)
    assert result.tempo is not None
    low, high = STYLES[style].bpm
    assert low <= result.tempo.tempo_at(0) <= high
    assert {"melody", "chords", "bass"} <= {part.role for part in result.parts}
    assert measure(result).cadences == 1
    assert measure(result).empty_bars == 0
    assert all(part.name and len(part.notes) for part in result.parts)


@pytest.mark.parametrize("style", [name for name, style in STYLES.items() if style.form == "song"])
def test_a_verse_that_returns_is_the_same_melody_again(style: str) -> None:
    tune = part(compose(f"{style}, verse 8, chorus 8, verse 8, chorus 8", 2, 32), "melody").notes
    bars = [
        [
            (int(s) % BAR, int(p))
            for s, p in zip(tune.start, tune.pitch, strict=True)
            if s // BAR == bar
        ]
        for bar in range(32)
    ]
    returned = sum(bars[bar] == bars[bar + 16] for bar in range(7))
    contrast = sum(bars[bar] == bars[bar + 8] for bar in range(7))
    assert returned >= 4
    assert contrast <= 2


def test_words_decide_tempo_key_meter_bars_and_form() -> None:
    result = compose("rock in F# minor at 93 bpm, 3/4, verse 4, chorus 4, 8 bars", 1, 16)
    assert result.tempo is not None
    meter = result.tempo.meter_at(0)
    assert (result.tempo.tempo_at(0), meter.beats, meter.unit) == (93.0, 3, 4)
    assert result.key == Key(6, "minor")
    assert result.sections == ((0, "Verse"), (4 * meter.ticks_per_bar, "Chorus"))
    assert result.chords[-1].end == 8 * meter.ticks_per_bar


def test_controls_win_over_words() -> None:
    result = compose(
        "rock in C at 93 bpm, 3/4", 1, 8, controls=Controls(key=Key(3), bpm=70.0, meter=(5, 4))
    )
    assert result.tempo is not None
    assert result.key == Key(3)
    assert result.tempo.tempo_at(0) == 70.0
    assert result.tempo.meter_at(0).beats == 5


def test_moods_bend_mode_tempo_and_density() -> None:
    sad = [compose("sad pop", seed) for seed in range(12)]
    happy = [compose("happy pop", seed) for seed in range(12)]

    def tempo(result: Result) -> float:
        assert result.tempo is not None
        return result.tempo.tempo_at(0)

    assert sum(r.key is not None and r.key.is_minor for r in sad) >= 10
    assert not any(r.key is not None and r.key.is_minor for r in happy)
    assert np.mean([tempo(r) for r in sad]) < np.mean([tempo(r) for r in happy])


def test_instruments_asked_for_play_and_those_refused_do_not() -> None:
    result = compose("pop with cello and harp, no drums, no bass", 1)
    names = {part.name for part in result.parts}
    assert {"Cello", "Harp"} <= names
    assert not any(part.drums or part.role == "bass" for part in result.parts)
    assert [p.name for p in compose("only drums", 1).parts] == ["Drums"]
    keys = [p.name for p in compose("pop, rhodes chords, no pad", 1).parts if p.role == "chords"]
    assert keys == ["Electric piano"]
    hands = compose("only piano", 1).parts
    assert [p.name for p in hands] == ["Piano (right hand)", "Piano (left hand)"]
    asked = compose("", 1, controls=Controls(instruments=("upright bass", "drums")))
    assert [(p.name, p.drums) for p in asked.parts] == [("Upright bass", False), ("Drums", True)]


def test_an_unknown_instrument_is_refused_with_a_sentence() -> None:
    with pytest.raises(StudioError, match="no instrument called 'kazoophon'"):
        compose("pop", 1, controls=Controls(instruments=("kazoophon",)))


def test_chords_given_are_the_chords_played() -> None:
    names = ("Em7", "A7", "Dmaj7", "Bm7", "Gm6", "F#7", "Bm7", "E7")
    given = tuple(ChordSpan(i * BAR, BAR, Chord.parse(name)) for i, name in enumerate(names))
    result = compose("soul", 1, 8, controls=Controls(chords=given))
    assert result.chords == given
    low = part(result, "bass").notes
    ones = {
        int(s) // BAR: int(p) % 12
        for s, p in zip(low.start, low.pitch, strict=True)
        if s % BAR == 0
    }
    assert [ones[i] for i in range(8)] == [bass_of(span.chord) for span in given]


def test_the_density_dial_is_heard_in_the_number_of_notes() -> None:
    counts = [
        np.mean(
            [
                sum(
                    len(p.notes)
                    for p in compose("pop", seed, 8, controls=Controls(density=dial)).parts
                )
                for seed in range(6)
            ]
        )
        for dial in (0.1, 0.5, 0.9)
    ]
    assert counts[0] * 1.3 < counts[1]
    assert counts[1] * 1.1 < counts[2]


def test_the_surprise_dial_changes_the_music_but_not_the_band() -> None:
    tame = compose("pop", 4, controls=Controls(surprise=0.0))
    wild = compose("pop", 4, controls=Controls(surprise=1.0))
    assert [p.name for p in tame.parts] == [p.name for p in wild.parts]
    assert music_of(tame) != music_of(wild)


def test_swing_moves_the_playing_and_not_the_grid() -> None:
    swung = part(compose("jazz", 1), "drums").notes
    off = swung.start % 960 == 480
    assert off.any()
    assert swung.timing[off].mean() > 80
    assert abs(swung.timing[swung.start % 960 == 0].mean()) < 12
    assert part(compose("straight jazz", 1), "drums").notes.timing.max() < 40
    assert not np.any(swung.start % 80)


def test_no_note_leaves_the_key_and_its_chords_unless_it_may() -> None:
    strict = Counts()
    loose = Counts()
    for seed in range(4):
        strict.add(measure(compose("jazz in Bb", seed)))
        loose.add(measure(compose("jazz in Bb", seed, controls=Controls(keep_to_scale=False))))
    assert strict.in_key == strict.pitched
    assert loose.in_key < loose.pitched


def test_another_process_writes_the_same_notes() -> None:
    ask_it = (
        "from tests.ai.sketch_report import compose, music_of;"
        "print(music_of(compose('latin with brass, no bass', 5, 8)))"
    )
    for salt in ("1", "2"):
        said = subprocess.run(
            [sys.executable, "-c", ask_it],
            cwd=Path(__file__).parents[3],
            env=os.environ | {"PYTHONHASHSEED": salt},
            capture_output=True,
            text=True,
            check=True,
        )
        assert said.stdout.strip() == str(music_of(compose("latin with brass, no bass", 5, 8)))


# --- streaming --------------------------------------------------------------------------------


def test_a_result_grows_bar_by_bar_and_what_is_written_stays() -> None:
    watching = Watching()
    result = Sketch().generate(ask(new_song(), Task.COMPOSE, 0, 16, "funk"), watching)
    opening, *partials = watching.partials
    assert [part.name for part in opening.parts] == [part.name for part in result.parts]
    assert not any(len(part.notes) for part in opening.parts)
    assert len(partials) == 16
    assert watching.fractions == sorted(watching.fractions)
    assert watching.fractions[-1] == 1.0
    for number, partial in enumerate(partials, start=1):
        assert partial.written_until == number * BAR
        for now, then in zip(partial.parts, result.parts, strict=True):
            assert now.notes == then.notes.where(then.notes.start < partial.written_until)


def test_it_stops_within_a_bar_when_cancelled() -> None:
    watching = Watching(cancel_after=3)
    with pytest.raises(Cancelled):
        Sketch().generate(ask(new_song(), Task.COMPOSE, 0, 64, "rock"), watching)
    assert len(watching.partials) == 3


# --- a song that is there ---------------------------------------------------------------------


def test_an_extension_goes_on_in_the_manner_of_what_is_there() -> None:
    song = song_of("bossa nova in D minor", 1, 8)
    result = answer(ask(song, Task.EXTEND, 8, 16, tracks=tuple(t.id for t in song.sources)))
    assert {p.track for p in result.parts} == {t.id for t in song.sources}
    assert all(len(p.notes) and p.notes.start.min() >= 8 * BAR for p in result.parts)
    assert result.key == song.key
    assert result.tempo is None
    (before,) = [c for c in song.track(track_of(song, "drums")).clips if isinstance(c, NoteClip)]
    after = next(p for p in result.parts if p.track == track_of(song, "drums")).notes
    first = before.notes.where(before.notes.start < BAR)
    again = after.where(after.start < 9 * BAR)
    assert list(zip(first.start, first.pitch, strict=True)) == list(
        zip(again.start - 8 * BAR, again.pitch, strict=True)
    )


def test_an_extension_is_as_loud_and_as_busy_as_what_is_there() -> None:
    song = song_of("pop in C", 1, 8)
    tune = track_of(song, "melody")
    for id in [track.id for track in song.sources]:
        for clip in song.track(id).clips:
            assert isinstance(clip, NoteClip)
            busy = id != tune
            sparse = clip.notes.where((clip.notes.start % (4 * BAR) < BAR) | busy)
            quiet = np.full(len(sparse), 40)
            song = song.with_clip(replace(clip, notes=sparse.with_columns(velocity=quiet)))
    result = answer(ask(song, Task.EXTEND, 8, 16, tracks=tuple(t.id for t in song.sources)))
    for part in result.parts:
        assert part.notes.velocity.mean() < 60
        if part.track == tune:
            assert len(np.unique(part.notes.start // BAR)) <= 3


@pytest.mark.parametrize("prompt", ["metal", "disco", "energetic rock song in E minor", "reggae"])
def test_no_two_tracks_bear_one_name(prompt: str) -> None:
    for seed in range(12):
        names = [part.name for part in compose(prompt, seed).parts]
        assert len(names) == len(set(names))


def test_two_guitars_are_lead_and_rhythm_and_distortion_plays_power_chords() -> None:
    parts = {part.name: part for part in compose("metal", 1).parts}
    assert parts["Lead guitar"].role == "melody"
    chords = parts["Rhythm guitar"].notes
    for start in np.unique(chords.start):
        pitches = np.sort(chords.pitch[chords.start == start].astype(int))
        assert {int(step) for step in pitches - pitches[0]} <= {0, 6, 7, 8, 12}


@pytest.mark.parametrize("prompt", ["rock", "jazz", "folk", "only piano", "ambient"])
def test_a_song_comes_mixed(prompt: str) -> None:
    result = compose(prompt, 1)
    assert all(-12.0 <= part.volume_db <= 10.0 for part in result.parts)
    assert all(part.pan == 0.0 for part in result.parts if part.role in ("melody", "bass", "drums"))
    assert sum(part.pan for part in result.parts if part.role == "chords") or prompt == "only piano"
    song = place(ask(new_song(), Task.COMPOSE, 0, 16), result)
    faders = [(track.volume_db, track.pan) for track in song.sources]
    assert faders == [(part.volume_db, part.pan) for part in result.parts]


def test_the_cello_of_a_quartet_plays_its_bass() -> None:
    parts = {part.name: part for part in compose("string quartet, tense", 1).parts}
    assert {name: part.role for name, part in parts.items()} == {
        "Violin": "melody",
        "Viola": "counter",
        "Cello": "bass",
    }
    cello = parts["Cello"].notes
    assert len(np.unique(cello.start)) == len(cello)


def test_a_chorus_lies_above_its_verse() -> None:
    higher = []
    for seed in range(12):
        tune = part(compose("pop, verse 8, chorus 8", seed, 16), "melody").notes
        chorus = tune.start >= 8 * BAR
        higher.append(tune.pitch[chorus].mean() - tune.pitch[~chorus].mean())
    assert np.mean(higher) > 1.0


def test_an_octave_bass_rises_from_a_root_that_stays() -> None:
    bass = part(compose("disco in C", 1), "bass").notes
    assert np.mean(np.abs(np.diff(bass.pitch.astype(int))) == 12) > 0.4
    for bar in range(7):
        inside = bass.pitch[bass.starting_in(bar * BAR, (bar + 1) * BAR - 960)].astype(int)
        assert inside.max() - inside.min() <= 12


def test_brushes_stir_and_tap_instead_of_riding() -> None:
    drums = next(p for p in compose("jazz with brushes", 4).parts if p.drums).notes
    assert np.mean(drums.pitch == 40) > 0.1
    assert np.mean(drums.pitch == 51) < 0.1


@pytest.mark.parametrize("role", ["bass", "drums", "chords", "melody"])
def test_a_rewrite_with_another_seed_is_another_one(role: str) -> None:
    song = song_of("pop in C", 1, 8)
    tracks = (track_of(song, role),)
    wrote = set()
    for seed in range(6):
        notes = answer(ask(song, Task.REWRITE, 4, 7, tracks=tracks, seed=seed)).parts[0].notes
        wrote.add(tuple(zip(notes.start.tolist(), notes.pitch.tolist(), strict=True)))
    assert len(wrote) >= 3


@pytest.mark.parametrize("seed", range(3))
def test_a_melody_behind_an_intro_that_it_rests_in_is_not_silenced(seed: int) -> None:
    song = song_of("folk in D, intro 2, verse 4", seed, 6)
    tracks = tuple(track_of(song, role) for role in ("melody", "chords"))
    for first, last in ((2, 4), (2, 6)):
        made = answer(ask(song, Task.REWRITE, first, last, tracks=tracks, seed=seed))
        assert len(part(made, "melody").notes) >= 3


def test_words_that_want_more_notes_get_them_in_a_rewrite() -> None:
    song = song_of("pop in C", 2, 8)
    tracks = tuple(track_of(song, role) for role in ("drums", "melody", "bass"))
    counts = [
        sum(
            len(p.notes)
            for seed in range(4)
            for p in answer(ask(song, Task.REWRITE, 4, 7, words, tracks=tracks, seed=seed)).parts
        )
        for words in ("sparser", "busier")
    ]
    assert counts[0] * 1.3 < counts[1]


def test_an_extension_before_the_song_leads_into_it() -> None:
    song = song_of("folk in G", 1, 8)
    moved = song
    for track in song.sources:
        for clip in track.clips:
            moved = moved.with_clip(replace(clip, start=clip.start + 4 * BAR))
    moved = replace(moved, chords=tuple(replace(c, start=c.start + 4 * BAR) for c in song.chords))
    result = answer(ask(moved, Task.EXTEND, 0, 4, tracks=tuple(t.id for t in song.sources)))
    assert all(p.notes.end.max() <= 4 * BAR for p in result.parts if len(p.notes))
    assert result.chords[-1].chord.root == (7 + 7) % 12  # the dominant of G


def test_a_rewrite_keeps_locked_notes_and_writes_around_them() -> None:
    song = song_of("pop in C", 2, 8)
    id = track_of(song, "melody")
    (clip,) = [c for c in song.track(id).clips if isinstance(c, NoteClip)]
    locked = clip.notes.with_columns(locked=np.arange(len(clip.notes)) % 3 == 0)
    song = song.with_clip(replace(clip, notes=locked))
    request = ask(song, Task.REWRITE, 2, 6, tracks=(id,))
    written = part(answer(request), "melody").notes
    assert len(written)
    kept = locked.where(locked.locked)
    for note in kept.table:
        overlaps = (written.start < note["start"] + note["length"]) & (written.end > note["start"])
        assert not overlaps.any()
    placed = place(request, answer(request)).clip(clip.id)
    assert isinstance(placed, NoteClip)
    assert np.isin(kept.id, placed.notes.id).all()


def test_a_rewritten_melody_meets_its_neighbours_by_small_steps() -> None:
    leaps = []
    for seed in range(8):
        song = song_of("folk in D", seed, 8)
        id = track_of(song, "melody")
        written = part(
            answer(ask(song, Task.REWRITE, 2, 4, tracks=(id,), seed=seed)), "melody"
        ).notes
        (clip,) = [c for c in song.track(id).clips if isinstance(c, NoteClip)]
        before = clip.notes.where(clip.notes.start < 2 * BAR).pitch[-1]
        after = clip.notes.where(clip.notes.start >= 4 * BAR).pitch[0]
        leaps += [
            abs(int(written.pitch[0]) - int(before)),
            abs(int(after) - int(written.pitch[-1])),
        ]
    assert np.mean(leaps) < 5.0
    assert max(leaps) <= 12


@pytest.mark.parametrize("role", ["bass", "drums", "chords", "melody", "counter", "pad"])
def test_an_added_part_fits_the_chords_of_the_song(role: str) -> None:
    song = song_of("jazz in F", 1, 8)
    result = answer(ask(song, Task.ADD_PART, 0, 8, instruments=(role,)))
    (added,) = result.parts
    assert (added.role, added.track) == (role, None)
    assert result.chords == song.chords
    if role == "bass":
        ones = added.notes.where(added.notes.start % BAR == 0)
        roots = [bass_of(chord_at(song.chords, int(start)).chord) for start in ones.start]
        assert [int(p) % 12 for p in ones.pitch] == roots


def test_without_a_chord_lane_the_chords_are_heard_from_the_notes() -> None:
    right = total = 0
    for seed in range(4):
        song = song_of("country in A", seed, 8)
        result = answer(ask(replace(song, chords=(), key=None), Task.ADD_PART, 0, 8, "violin"))
        assert result.key == Key(9)
        for start in range(0, 8 * BAR, BAR):
            total += 1
            right += (
                chord_at(result.chords, start).chord.root == chord_at(song.chords, start).chord.root
            )
    assert right / total > 0.9


def test_a_part_is_added_in_the_style_of_the_song() -> None:
    song = song_of("reggae", 1, 8)
    assert "reggae" in answer(ask(song, Task.ADD_PART, 0, 8, "organ")).why.lower()


def test_a_song_without_drums_is_added_to_gently() -> None:
    song = song_of("only piano, fast classical in C", 1, 8)
    assert answer(ask(song, Task.ADD_PART, 0, 8, "bass")).why.startswith("Folk style")
    assert answer(ask(song, Task.ADD_PART, 0, 8, "drums")).why.startswith("Pop style")


def test_the_missing_part_is_added_where_none_is_named() -> None:
    song = song_of("rock, no bass", 1, 8)
    assert [p.role for p in answer(ask(song, Task.ADD_PART, 0, 8)).parts] == ["bass"]


def test_a_pitch_band_is_kept_and_one_without_notes_refused() -> None:
    song = song_of("pop in C", 1, 8)
    result = answer(ask(song, Task.ADD_PART, 0, 8, "flute", band=(72, 79)))
    assert part(result, "melody").notes.pitch.min() >= 72
    assert part(result, "melody").notes.pitch.max() <= 79
    with pytest.raises(StudioError, match="no room for a note of C major"):
        answer(ask(song, Task.ADD_PART, 0, 1, "flute", band=(61, 61)))


def test_a_single_note_that_is_rewritten_is_not_lost() -> None:
    song = song_of("pop in C", 1, 4)
    id = track_of(song, "melody")
    (clip,) = [c for c in song.track(id).clips if isinstance(c, NoteClip)]
    for note in clip.notes.table[:12]:
        start, end, pitch = (
            int(note["start"]),
            int(note["start"] + note["length"]),
            int(note["pitch"]),
        )
        gap = Gap((id,), start, end, max(pitch - 7, 0), min(pitch + 7, 127))
        (written,) = answer(Request(Task.REWRITE, gap, "sketch", "1", 3, song)).parts
        assert len(written.notes) >= 1


def test_moods_weigh_more_the_closer_the_words_are_followed() -> None:
    calm = [
        compose("calm pop", 1, 8, controls=Controls(closeness=closeness)).tempo
        for closeness in (0.0, 0.7, 1.0)
    ]
    tempi = [tempo.tempo_at(0) for tempo in calm if tempo is not None]
    assert tempi == sorted(tempi, reverse=True)
    assert len(set(tempi)) == 3


def test_a_track_that_is_gone_is_refused_with_a_sentence() -> None:
    with pytest.raises(StudioError, match="gone"):
        answer(ask(new_song(), Task.COMPOSE, 0, 4, tracks=(TrackId("t99"),)))


def test_an_empty_track_that_was_chosen_is_written_on() -> None:
    song = song_of("pop", 1, 4)
    bare = song.with_track(replace(song.track(track_of(song, "bass")), clips=()))
    result = answer(ask(bare, Task.ADD_PART, 0, 4, tracks=(track_of(song, "bass"),)))
    assert [(p.track, p.role) for p in result.parts] == [(track_of(song, "bass"), "bass")]


def test_a_long_song_is_written_in_one_go() -> None:
    result = compose("pop", 1, SKETCH_CARD.most_bars)
    assert result.chords[-1].end == SKETCH_CARD.most_bars * BAR
    assert measure(result).empty_bars == 0


def test_a_muted_note_does_not_count_as_heard_but_is_not_doubled() -> None:
    song = song_of("pop in C", 1, 4)
    id = track_of(song, "bass")
    (clip,) = [c for c in song.track(id).clips if isinstance(c, NoteClip)]
    muted = Notes.of([0], [4 * BAR], [36], muted=True, locked=True)
    result = answer(
        ask(song.with_clip(replace(clip, notes=muted)), Task.REWRITE, 0, 4, tracks=(id,))
    )
    assert len(part(result, "bass").notes) == 0 or 36 not in part(result, "bass").notes.pitch


def test_an_added_melody_comes_to_rest_where_the_band_does() -> None:
    song = song_of("rock in E, only piano and bass", 1, 8)
    result = answer(ask(song, Task.ADD_PART, 0, 8, "violin"))
    last = part(result, "melody").notes
    last = last.where(last.start >= 7 * BAR)
    assert last.start.tolist() == [7 * BAR]
    assert int(last.pitch[0]) % 12 == 4


def test_an_extension_does_not_repeat_the_bar_in_which_the_song_ended() -> None:
    song = song_of("pop in G", 1, 8)
    result = answer(ask(song, Task.EXTEND, 8, 24, tracks=tuple(t.id for t in song.sources)))
    low = part(result, "bass").notes
    assert all(low.starting_in(bar * BAR, (bar + 1) * BAR).sum() > 1 for bar in range(8, 23))
