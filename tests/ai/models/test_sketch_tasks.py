"""What Sketch does with notes that are there: harmonise, humanise, vary, revise, go on, arrange."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from studio.ai import registry, wishes
from studio.ai.models.sketch import Sketch
from studio.ai.requests import Controls, Request, Result
from studio.ai.sketch.instruments import INSTRUMENTS
from studio.ai.wishes import Wish
from studio.core.errors import StudioError
from studio.domain.clip import NoteClip
from studio.domain.gap import Gap, NoteSet
from studio.domain.notes import Notes
from studio.domain.project import ChordSpan, Project, new_song
from studio.domain.tempo import TempoMap
from studio.domain.theory import Chord, Key
from studio.domain.track import TrackId
from studio.edit.takes import new_instrument
from tests.ai.constraints import Quiet, chord_at, placed, violations
from tests.ai.sketch_report import song_of

BAR = 3840
SKETCH = registry.card("sketch")
ODE = (
    "E4 1 E4 1 F4 1 G4 1 G4 1 F4 1 E4 1 D4 1 C4 1 C4 1 D4 1 E4 1 E4 1.5 D4 .5 D4 2 "
    "E4 1 E4 1 F4 1 G4 1 G4 1 F4 1 E4 1 D4 1 C4 1 C4 1 D4 1 E4 1 D4 1.5 C4 .5 C4 2"
)
GREENSLEEVES = (
    "A4 1 C5 2 D5 1 E5 1.5 F5 .5 E5 1 D5 2 B4 1 G4 1.5 A4 .5 B4 1 C5 2 A4 1 A4 1.5 G#4 .5 A4 1 "
    "B4 2 G#4 1 E4 3"
)
STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def tune(text: str, beats: int = 4, first_beat: int = 0) -> Project:
    """A song of one melody, written as names of notes and their beats; no key and no chords."""
    words, at, rows = text.split(), first_beat * 960, []
    for name, length in zip(words[::2], words[1::2], strict=True):
        pitch = STEPS[name[0]] + ("#" in name) + 12 * (int(name[-1]) + 1)
        rows.append((at, round(float(length) * 960), pitch))
        at += rows[-1][1]
    song = replace(new_song(), tempo=TempoMap.constant(100.0, beats, 4))
    track = new_instrument(song, "Tune", 73, role="melody")
    song = song.with_new_track(track)
    start, length_, pitch_ = zip(*rows, strict=True)
    content = Notes.of(start, length_, pitch_)
    return song.with_clip_on(
        track.id, NoteClip(song.new_clip_id(), 0, song.tempo.next_bar(at), content)
    )


def clip_of(song: Project, track: int = 0) -> NoteClip:
    clip = song.sources[track].clips[0]
    assert isinstance(clip, NoteClip)
    return clip


def all_of(clip: NoteClip) -> NoteSet:
    return ((clip.id, tuple(clip.notes.id.tolist())),)


def bars_of(clip: NoteClip, first: int, last: int) -> NoteSet:
    inside = clip.notes.where(clip.notes.starting_in(first * BAR, last * BAR))
    return ((clip.id, tuple(inside.id.tolist())),)


def wish(prompt: str = "", seed: int = 1, bars: int | None = None, **controls: object) -> Wish:
    return Wish(prompt, bars=bars, seed=seed, controls=Controls(**controls))  # type: ignore[arg-type]


def answer(request: Request) -> Result:
    result = Sketch().generate(request, Quiet())
    assert violations(request, result) == []
    return result


def rows(notes: Notes) -> set[tuple[int, int, int]]:
    return set(zip(notes.start.tolist(), notes.length.tolist(), notes.pitch.tolist(), strict=True))


# -- harmonise ---------------------------------------------------------------------------------
def test_a_melody_gets_its_key_its_chords_and_a_part_that_plays_them() -> None:
    song = tune(ODE)
    result = answer(wishes.harmonise(song, SKETCH, wish(), all_of(clip_of(song))))
    assert result.key == Key(0)
    assert [part.role for part in result.parts] == ["chords"]
    assert result.parts[0].track is None
    assert result.chords[0].start == 0
    assert result.chords[-1].end == 8 * BAR
    assert result.chords[-1].chord.root == 0
    assert {span.chord.root for span in result.chords} <= {0, 2, 4, 5, 7, 9}
    assert "fit the melody" in result.why


@pytest.mark.parametrize("seed", range(6))
def test_what_a_melody_rests_on_belongs_to_its_chords(seed: int) -> None:
    fits = total = 0
    for song in (tune(ODE), tune(GREENSLEEVES, 3, 2)):
        clip = clip_of(song)
        result = answer(wishes.harmonise(song, SKETCH, wish(seed=seed), all_of(clip)))
        for start, length, pitch in rows(clip.notes):
            chord = chord_at(result.chords, start)
            assert chord is not None
            if length >= 960:
                total += length
                fits += length * (pitch % 12 in chord.pitch_classes)
    assert fits > 0.75 * total


def test_greensleeves_is_in_a_minor_and_its_g_sharp_over_e() -> None:
    song = tune(GREENSLEEVES, 3, 2)
    sharp = next(start for start, _, pitch in rows(clip_of(song).notes) if pitch == 68)
    over = set()
    for seed in range(4):
        result = answer(wishes.harmonise(song, SKETCH, wish(seed=seed), all_of(clip_of(song))))
        assert result.key == Key(9, "minor")
        over.add(getattr(chord_at(result.chords, sharp + 2 * 960), "root", None))
    assert 4 in over


def test_other_seeds_and_styles_find_other_chords() -> None:
    song = tune(ODE)
    found = {
        tuple(span.chord for span in answer(
            wishes.harmonise(song, SKETCH, wish(prompt, seed), all_of(clip_of(song)))
        ).chords)
        for prompt in ("", "jazz") for seed in range(3)
    }  # fmt: skip
    assert len(found) >= 4


def test_chords_that_are_asked_for_or_stand_there_are_kept() -> None:
    song = tune(ODE)
    lane = (ChordSpan(0, BAR, Chord(9, "m7")),)
    asked = (ChordSpan(BAR, BAR, Chord(5, "maj7")),)
    song = replace(song, chords=lane)
    request = wishes.harmonise(song, SKETCH, wish(chords=asked), all_of(clip_of(song)))
    result = answer(request)
    assert result.chords[0].chord == lane[0].chord
    assert result.chords[1].chord == asked[0].chord


def test_bass_and_chords_leave_the_melody_its_register() -> None:
    song = tune(ODE.replace("4 ", "5 "))
    dials = wish(instruments=("bass", "chords"))
    result = answer(wishes.harmonise(song, SKETCH, dials, all_of(clip_of(song))))
    assert [part.role for part in result.parts] == ["bass", "chords"]
    lowest = int(clip_of(song).notes.pitch.min())
    assert all(part.notes.pitch.max() < lowest for part in result.parts)


# -- humanise ----------------------------------------------------------------------------------
def flat_band(prompt: str) -> Project:
    """A band's song with all velocities equal and no timing."""
    song = song_of(prompt, 1, 8)
    for _, clip in list(song.clips()):
        assert isinstance(clip, NoteClip)
        song = song.with_clip(replace(clip, notes=clip.notes.with_columns(velocity=80, timing=0)))
    return song


def whole(song: Project) -> Gap:
    return Gap(tuple(track.id for track in song.sources), 0, song.end)


def test_a_hand_gives_accents_and_phrases_but_moves_no_note_on_the_grid() -> None:
    song = flat_band("rock song in E minor")
    request = wishes.humanise(song, SKETCH, wish("rock"), whole(song))
    result = answer(request)
    for part in result.parts:
        notes = part.notes
        assert 3.0 < notes.velocity.std() < 12.0
        assert abs(notes.timing.mean()) < 30
        assert 2.0 < notes.timing.std() < 40.0
        if part.role in ("melody", "chords", "bass"):
            on = notes.start % 960 == 0
            assert notes.velocity[on].mean() > notes.velocity[~on].mean()
    assert placed(request, result).track(song.sources[0].id).clips[0].id == clip_of(song).id


def test_jazz_swings_and_rock_does_not() -> None:
    late = {}
    for style in ("jazz with drums", "rock"):
        song = flat_band(style)
        result = answer(wishes.humanise(song, SKETCH, wish(style, amount=0.6), whole(song)))
        drums = next(part.notes for part in result.parts if part.role == "drums")
        late[style] = drums.timing[drums.start % 960 == 480].mean()
    assert late["jazz with drums"] > 90
    assert abs(late["rock"]) < 20


def test_the_amount_decides_how_far_and_none_is_none() -> None:
    song = flat_band("pop in C")
    spread = []
    for amount in (0.0, 0.2, 0.9):
        result = answer(wishes.humanise(song, SKETCH, wish(amount=amount), whole(song)))
        spread.append(float(np.mean([part.notes.velocity.std() for part in result.parts])))
    assert spread[0] == 0.0
    assert 0.0 < spread[1] < spread[2]


def test_a_seed_plays_alike_and_another_one_otherwise() -> None:
    song = flat_band("pop in C")
    one, same, other = (
        answer(wishes.humanise(song, SKETCH, wish(seed=seed), whole(song))).parts[0].notes
        for seed in (1, 1, 2)
    )
    assert one == same
    assert one != other


def test_locked_notes_are_played_as_they_were() -> None:
    song = flat_band("pop in C")
    clip = clip_of(song)
    locked = clip.notes.with_columns(locked=clip.notes.id % 2 == 0)
    song = song.with_clip(replace(clip, notes=locked))
    request = wishes.humanise(song, SKETCH, wish(), whole(song))
    after = placed(request, answer(request)).clip(clip.id)
    assert isinstance(after, NoteClip)
    kept = after.notes.where(after.notes.locked)
    assert kept == locked.where(locked.locked)
    free = after.notes.where(~after.notes.locked)
    assert (free.velocity != 80).any()


def test_repeated_notes_never_cut_each_other_off() -> None:
    song = tune(" ".join(["C4 .25"] * 32))
    for seed in range(4):
        request = wishes.humanise(song, SKETCH, wish(seed=seed, amount=1.0), whole(song))
        notes = answer(request).parts[0].notes
        played = notes.start + notes.timing
        assert all(b >= a for a, b in pairwise((played + notes.length).tolist()))
        assert np.all(played[1:] >= (played + notes.length)[:-1])


def test_what_has_dynamics_of_its_own_keeps_them() -> None:
    song = tune(ODE)
    clip = clip_of(song)
    swell = np.linspace(40, 115, len(clip.notes)).astype(int)
    song = song.with_clip(replace(clip, notes=clip.notes.with_columns(velocity=swell)))
    result = answer(wishes.humanise(song, SKETCH, wish(amount=0.7), whole(song)))
    assert np.corrcoef(swell, result.parts[0].notes.velocity)[0, 1] > 0.95


# -- vary, rewrite single notes, busier and calmer ---------------------------------------------
@pytest.mark.parametrize("amount", [0.1, 0.3, 0.6])
@pytest.mark.parametrize("prompt", ["pop in C", "jazz in F with brushes", "only piano, classical"])
def test_a_variation_changes_its_share_and_keeps_the_rest_to_the_bit(
    prompt: str, amount: float
) -> None:
    song = song_of(prompt, 2, 8)
    for track in song.sources:
        clip = track.clips[0]
        assert isinstance(clip, NoteClip)
        request = wishes.vary(song, SKETCH, wish(amount=amount), Gap((track.id,), 0, 8 * BAR))
        after = placed(request, answer(request)).clip(clip.id)
        assert isinstance(after, NoteClip)
        before, now = rows(clip.notes), rows(after.notes)
        kept = len(before & now) / len(before)
        assert kept >= 1.0 - amount - 0.06
        assert now != before
        assert 0.75 < len(now) / len(before) < 1.25


def test_a_variation_keeps_what_holds_the_tune_together() -> None:
    song = tune(ODE)
    clip = clip_of(song)
    ones, others = [], []
    for seed in range(20):
        request = wishes.vary(song, SKETCH, wish(seed=seed, amount=0.3), whole(song))
        changed = clip.notes.mask_of(request.gap.notes[0][1])
        heads = clip.notes.start % BAR == 0
        ones.append(changed[heads].mean())
        others.append(changed[~heads].mean())
        assert not changed[-1]
    assert np.mean(ones) < 0.5 * np.mean(others)


def test_one_note_that_is_rewritten_becomes_another_one_in_its_place() -> None:
    song = tune(ODE)
    clip = clip_of(song)
    for row in clip.notes.table[2:12]:
        start, length, pitch = int(row["start"]), int(row["length"]), int(row["pitch"])
        gap = Gap(
            (song.sources[0].id,), start, start + length, pitch - 7, pitch + 7,
            notes=((clip.id, (int(row["id"]),)),),
        )  # fmt: skip
        result = answer(wishes.rewrite(song, SKETCH, wish(surprise=0.0), gap))
        (written,) = rows(result.parts[0].notes)
        assert written[:2] == (start, length)
        assert written[2] != pitch
        assert written[2] % 12 in {0, 2, 4, 5, 7, 9, 11}


@pytest.mark.parametrize("role", ["melody", "bass", "chords", "drums"])
def test_busier_adds_to_the_notes_that_are_there_and_calmer_takes_from_them(role: str) -> None:
    song = song_of("pop in C", 1, 8)
    track = next(t for t in song.sources if t.role == role)
    clip = track.clips[0]
    assert isinstance(clip, NoteClip)
    gap = Gap((track.id,), 0, 8 * BAR, notes=all_of(clip))
    more = answer(wishes.rewrite(song, SKETCH, wish(density=0.85), gap)).parts[0].notes
    less = answer(wishes.rewrite(song, SKETCH, wish(density=0.15), gap)).parts[0].notes
    assert len(less) < 0.9 * len(clip.notes)
    assert len(more) > 1.1 * len(clip.notes)
    was = {(start, pitch) for start, _, pitch in rows(clip.notes)}
    assert len(was & {(s, p) for s, _, p in rows(more)}) > 0.8 * len(was)
    assert {(s, p) for s, _, p in rows(less)} <= was


def test_a_chord_of_which_one_note_is_named_keeps_the_others() -> None:
    song = new_song()
    track = new_instrument(song, "Piano", 0, role="chords")
    song = song.with_new_track(track)
    chord = Notes.of([0, 0, 0], [BAR] * 3, [60, 64, 67])
    clip = NoteClip(song.new_clip_id(), 0, BAR, chord)
    song = replace(song.with_clip_on(track.id, clip), key=Key(0))
    gap = Gap((track.id,), 0, BAR, 57, 74, notes=((clip.id, (1,)),))
    request = wishes.rewrite(song, SKETCH, wish(), gap)
    after = placed(request, answer(request)).clip(clip.id)
    assert isinstance(after, NoteClip)
    pitches = after.notes.pitch.tolist()
    assert len(pitches) == 3
    assert {60, 67} < set(pitches)
    assert 64 not in pitches


# -- a motif -----------------------------------------------------------------------------------
def test_a_motif_goes_on_in_its_own_rhythm() -> None:
    song = tune("E4 .5 G4 .5 F4 1 D4 2")
    request = wishes.go_on(song, SKETCH, wish(bars=4, surprise=0.2), all_of(clip_of(song)))
    assert (request.gap.start, request.gap.end) == (BAR, 5 * BAR)
    result = answer(request)
    notes = result.parts[0].notes
    rhythm = {0, 480, 960, 1920}
    for bar in range(1, 4):
        inside = notes.where(notes.starting_in(bar * BAR, (bar + 1) * BAR))
        assert set((inside.start - bar * BAR).tolist()) <= rhythm
    assert int(notes.pitch[-1]) % 12 in result.chords[-1].chord.pitch_classes
    assert notes.end[-1] == 5 * BAR


def test_a_motif_is_developed_and_not_only_repeated() -> None:
    song = tune("C5 1 D5 1 E5 1 G5 1")
    contours = set()
    for seed in range(6):
        request = wishes.go_on(song, SKETCH, wish(seed=seed, bars=8), all_of(clip_of(song)))
        notes = answer(request).parts[0].notes
        assert 0.75 * 32 <= len(notes) <= 32
        for bar in range(1, 9):
            pitches = notes.pitch[notes.starting_in(bar * BAR, (bar + 1) * BAR)].astype(int)
            contours.add(tuple(np.sign(np.diff(pitches))))
    rises, falls = (1, 1, 1), (-1, -1, -1)
    assert {rises, falls} <= contours
    assert len(contours) >= 5


@pytest.mark.parametrize("prompt", ["only drums, rock", "only piano, pop in C"])
def test_chords_and_drums_go_on_in_their_pattern(prompt: str) -> None:
    song = song_of(prompt, 1, 2)
    track = song.sources[-1]
    clip = track.clips[0]
    assert isinstance(clip, NoteClip)
    request = wishes.go_on(song, SKETCH, wish(bars=2, surprise=0.0), bars_of(clip, 0, 1))
    notes = answer(request).parts[0].notes
    first = clip.notes.where(clip.notes.starting_in(0, BAR))
    assert request.gap.tracks == (track.id,)
    assert set((notes.start % BAR).tolist()) <= set(first.start.tolist())
    assert len(notes) >= 0.8 * len(first)


# -- arrange -----------------------------------------------------------------------------------
def both_hands() -> tuple[Project, NoteClip]:
    """Eight bars of piano, both hands in one clip."""
    song = song_of("only piano, classical in C", 2, 8)
    notes = clip_of(song, 0).notes.joined(clip_of(song, 1).notes)
    for track in song.sources:
        song = song.without_track(track.id)
    track = new_instrument(song, "Piano", 0)
    song = song.with_new_track(track)
    clip = NoteClip(song.new_clip_id(), 0, 8 * BAR, notes)
    return song.with_clip_on(track.id, clip), clip


def test_a_piano_part_becomes_a_trio_of_strings_and_is_muted() -> None:
    song, clip = both_hands()
    request = wishes.arrange(song, SKETCH, wish(), all_of(clip))
    result = answer(request)
    assert [part.name for part in result.parts] == ["Violin", "Viola", "Cello"]
    means = [part.notes.pitch.mean() for part in result.parts]
    assert means == sorted(means, reverse=True)
    after = placed(request, result)
    there = after.clip(clip.id)
    assert isinstance(there, NoteClip)
    assert there.notes.muted.all()
    assert len(after.sources) == 4


def test_the_top_voice_is_the_tune_and_every_strike_is_played_by_somebody() -> None:
    song, clip = both_hands()
    result = answer(wishes.arrange(song, SKETCH, wish(), all_of(clip)))
    top: dict[int, int] = {}
    for start, _, pitch in rows(clip.notes):
        top[start] = max(top.get(start, 0), pitch)
    strong = {start: pitch for start, pitch in top.items() if start % 960 == 0 and pitch >= 67}
    violin = {start: pitch for start, _, pitch in rows(result.parts[0].notes)}
    kept = sum(violin.get(start) == pitch for start, pitch in strong.items())
    assert kept >= 0.9 * len(strong)
    played = {start for part in result.parts for start, _, _ in rows(part.notes)}
    assert played == set(clip.notes.start.tolist())


def test_instruments_that_are_named_play_in_their_ranges() -> None:
    song, clip = both_hands()
    names = ("flute", "clarinet", "bass")
    result = answer(wishes.arrange(song, SKETCH, wish(instruments=names), all_of(clip)))
    for part, name in zip(result.parts, names, strict=True):
        assert part.name == INSTRUMENTS[name].title
        assert part.notes.pitch.min() >= INSTRUMENTS[name].low
        assert part.notes.pitch.max() <= INSTRUMENTS[name].high
        ends, starts = part.notes.end[:-1], part.notes.start[1:]
        assert np.all(starts >= ends)


def test_an_instrument_of_chords_takes_what_the_lines_leave() -> None:
    song, clip = both_hands()
    result = answer(wishes.arrange(song, SKETCH, wish("flute and harp"), all_of(clip)))
    assert {part.name: part.role for part in result.parts} == {"Flute": "melody", "Harp": "chords"}
    assert sum(len(part.notes) for part in result.parts) >= 0.95 * len(clip.notes)


def test_a_band_of_keys_means_no_drums() -> None:
    song = flat_band("rock with drums, piano and bass")
    drums = next(track.id for track in song.sources if track.is_drums)
    band = replace(whole(song), pitch_low=60, pitch_high=84)
    asked = wishes.rewrite(song, SKETCH, wish(), band)
    assert set(asked.gap.tracks) == set(whole(song).tracks) - {drums}
    assert wishes.rewrite(song, SKETCH, wish(), replace(band, tracks=(drums,))).gap.tracks == (
        drums,
    )


def test_drums_take_over_no_notes() -> None:
    song, clip = both_hands()
    with pytest.raises(StudioError, match="Drums cannot"):
        answer(wishes.arrange(song, SKETCH, wish(instruments=("brushes",)), all_of(clip)))


# -- form and locks ----------------------------------------------------------------------------
def sections_alike(result: Result, one: int, other: int, bars: int) -> float:
    """The share of notes (part, place, pitch) that two stretches of bars have in common."""
    first, second = (
        {
            (index, start - at * BAR, pitch)
            for index, part in enumerate(result.parts)
            for start, _, pitch in rows(part.notes)
            if at * BAR <= start < (at + bars) * BAR
        }
        for at in (one, other)
    )
    return len(first & second) / len(first | second)


@pytest.mark.parametrize("style", ["pop", "rock", "folk", "ballad"])
def test_a_section_that_returns_is_mostly_what_it_was(style: str) -> None:
    form = "intro 4, verse 8, chorus 8, verse 8, chorus 8, outro 4"
    again, contrast = [], []
    for seed in range(3):
        request = wishes.compose(new_song(), SKETCH, wish(f"{style}, 4/4, {form}", seed))
        result = answer(request)
        assert [tick // BAR for tick, _ in result.sections] == [0, 4, 12, 20, 28, 36]
        again += [sections_alike(result, a, b, 8) for a, b in ((4, 20), (12, 28))]
        contrast.append(sections_alike(result, 4, 12, 8))
    assert 0.7 < np.mean(again) < 1.0
    assert np.mean(contrast) < 0.35


def test_a_song_that_is_locked_to_its_chords_never_leaves_them() -> None:
    request = wishes.compose(new_song(), SKETCH, wish("jazz, latin", keep_to_chords=True, bars=8))
    result = answer(request)  # `violations` looks at every note
    assert any(len(part.notes) for part in result.parts if part.role == "melody")


def test_a_motif_on_a_track_that_is_gone_is_refused() -> None:
    song = tune(ODE)
    request = wishes.go_on(song, SKETCH, wish(), all_of(clip_of(song)))
    gone = replace(request, gap=replace(request.gap, tracks=(TrackId("t99"),)))
    with pytest.raises(StudioError, match="gone"):
        Sketch().generate(gone, Quiet())
