"""Alarms ring for what a musician would call wrong in a second, and not for good songs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from studio.ai.composer.alarms import clips, rung, rung_by
from studio.ai.composer.measures import (
    Counts,
    Music,
    Voice,
    count,
    of_piece,
    of_result,
    of_song,
)
from studio.ai.composer.piece import BAR_DTYPE, GRID_NOTE, Piece, PiecePart
from studio.ai.composer.vocabulary import QUALITIES, SECTIONS, length_class
from studio.domain.project import ChordSpan, Project, new_song
from studio.domain.theory import Chord, Key
from tests import strategies
from tests.ai.sketch_report import PROMPTS, compose, song_of

BAR = 3840
C, F, G = Chord(0), Chord(5), Chord(7)


def voice(role: str, *notes: tuple[int, int, int], drums: bool = False) -> Voice:
    """Of (start, end, pitch)."""
    table = np.array(sorted(notes), np.int64).reshape(-1, 3)
    return Voice(role, drums, table[:, 0], table[:, 1], table[:, 2])


def music(*voices: Voice, bars: int = 8) -> Music:
    """In C major, over C, F, G, C."""
    chords = tuple(ChordSpan(n * BAR, BAR, (C, F, G, C)[n % 4]) for n in range(bars))
    spans = tuple((n * BAR, BAR, 4, 4) for n in range(bars))
    return Music(spans, voices, chords, Key(0))


def quarters(pitches: tuple[int, ...], bars: int = 8) -> list[tuple[int, int, int]]:
    """A bar of quarter notes, transposed to the root of each bar's chord."""
    roots = [(0, 5, 7, 0)[n % 4] for n in range(bars)]
    return [
        (n * BAR + i * 960, n * BAR + i * 960 + 900, pitch + roots[n])
        for n in range(bars)
        for i, pitch in enumerate(pitches)
    ]


TUNE = voice("melody", *quarters((72, 74, 76, 74)))
BASS = voice("bass", *quarters((36, 43, 36, 43)))


def test_a_plain_song_rings_no_alarm() -> None:
    assert rung(music(TUNE, BASS)) == ()


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("prompt", PROMPTS)
def test_sketch_rings_no_alarm(prompt: str, seed: int) -> None:
    assert rung(of_result(compose(prompt, seed))) == ()


def test_bars_in_which_nothing_sounds_ring() -> None:
    gone = [note for note in quarters((72, 74, 76, 74)) if not BAR <= note[0] < 2 * BAR]
    assert rung(music(voice("melody", *gone))) == ("empty bars",)
    held = voice("pad", (0, 8 * BAR, 60))
    assert count(music(held)).empty_bars == 0


def test_a_part_without_a_note_rings() -> None:
    assert rung(music(TUNE, BASS, voice("pad"))) == ("a silent part",)


def test_a_part_that_plays_in_one_bar_of_many_rings() -> None:
    counter = quarters((60, 62, 64, 62))
    assert rung(music(TUNE, BASS, voice("counter", *counter[:4]))) == ("a part that plays once",)
    assert rung(music(TUNE, BASS, voice("counter", *counter[:8]))) == ()


def test_drums_that_stop_in_every_bar_ring_and_those_that_play_on_do_not() -> None:
    for last, found in ((84, ()), (72, ("drums cut short",))):
        places = [bar * BAR + sub * 40 for bar in range(8) for sub in (0, 24, 48, last)]
        kit = voice("drums", *((at, at + 60, 42) for at in places), drums=True)
        assert rung(music(TUNE, BASS, kit)) == found


def test_drums_of_a_waltz_that_play_its_last_beat_are_not_cut_short() -> None:
    bars = [(bar * 2880, 2880, 3, 4) for bar in range(8)]
    for last, found in ((48, 0), (24, 7)):
        places = [start + sub * 40 for start, *_ in bars for sub in (0, 24, last)]
        kit = voice("drums", *((at, at + 60, 42) for at in places), drums=True)
        waltz = replace(music(kit), bars=tuple(bars))
        assert count(waltz).bars_cut_short == found


@pytest.mark.parametrize("what", ["nothing", "loudness", "busyness", "pitch"])
def test_a_chorus_that_is_in_nothing_above_the_verse_rings(what: str) -> None:
    notes = np.array(quarters((72, 74, 76, 74)))
    late = notes[:, 0] >= 4 * BAR
    notes[late, 2] += 3 if what == "pitch" else -1
    velocity = np.where(late, 90 if what == "loudness" else 79, 80)
    if what == "busyness":
        notes, velocity = notes[late | (np.arange(32) % 4 > 0)], velocity[4:]
        late = notes[:, 0] >= 4 * BAR
    tune = Voice("melody", False, notes[:, 0], notes[:, 1], notes[:, 2], velocity)
    sections = np.repeat([SECTIONS.index("verse"), SECTIONS.index("chorus")], 4)
    song = replace(music(tune, BASS), sections=tuple(sections.tolist()))
    assert ("a flat chorus" in rung(song)) == (what == "nothing")
    assert count(replace(song, sections=())).choruses == 0


def test_a_tune_of_whole_notes_rings() -> None:
    held = voice("melody", *((bar * BAR, bar * BAR + BAR, 72) for bar in range(8)))
    assert "a tune of held notes" in rung(music(held, BASS))


def test_a_melody_a_semitone_beside_the_chords_rings() -> None:
    beside = voice("melody", *quarters((73, 74, 75, 74)))
    assert "melody against the chords on strong beats" in rung(music(beside, BASS))


def test_three_notes_within_a_third_ring_below_c3_and_not_above() -> None:
    notes = [(0, BAR, 36), (0, BAR, 38), (0, BAR, 40)]
    crowd = voice("chords", *notes)
    high = voice("chords", *((a, b, p + 24) for a, b, p in notes))
    assert "a low crowd" in rung(music(TUNE, BASS, crowd))
    assert "a low crowd" not in rung(music(TUNE, BASS, high))


@pytest.mark.parametrize(("late", "rings"), [(0, False), (240, True), (480, False)])
def test_a_bass_a_sixteenth_beside_every_kick_rings_and_one_off_the_beat_does_not(
    late: int, rings: bool
) -> None:
    kicks = voice("drums", *((n * 960, n * 960 + 60, 36) for n in range(32)), drums=True)
    bass = voice("bass", *((a + late, b, p) for a, b, p in quarters((36, 43, 36, 43))))
    assert ("bass beside the kick" in rung(music(TUNE, bass, kicks))) == rings


def test_a_melody_beyond_its_range_rings() -> None:
    low = voice("melody", *((a, b, p - 36) for a, b, p in quarters((72, 74, 76, 74))))
    assert "melody out of range" in rung(music(low, BASS))


def test_a_song_that_ends_away_from_home_rings() -> None:
    away = voice("bass", *quarters((36, 43, 36, 43))[:-4], (7 * BAR, 8 * BAR, 43))
    assert rung(music(TUNE, away)) == ("no final cadence",)


def test_the_same_bar_over_and_over_rings() -> None:
    chords = (ChordSpan(0, 12 * BAR, C),)
    notes = [(n * 960, n * 960 + 900, (72, 76, 79, 76)[n % 4]) for n in range(48)]
    song = replace(music(voice("melody", *notes), bars=12), chords=chords)
    assert rung_by(count(song)) == ("stuck",)


def test_a_melody_that_rubs_against_held_chords_rings() -> None:
    beside = voice("pad", *((a, b, p - 1) for a, b, p in quarters((72, 74, 76, 74))))
    assert "melody rubs against the band" in rung(music(TUNE, BASS, beside))


def test_full_scale_clips_and_less_does_not() -> None:
    assert clips(np.array([[0.0, -1.0]], np.float32))
    assert not clips(np.full((4, 2), 0.99, np.float32))


def test_a_result_and_the_song_it_is_placed_in_count_alike() -> None:
    placed = count(of_song(song_of("pop", 1, 8)))
    made = count(of_result(compose("pop", 1, 8)))
    assert placed.rates() == made.rates()


def test_a_piece_on_the_grid_counts_like_its_song() -> None:
    bars = np.zeros(2, BAR_DTYPE)
    bars["start"], bars["length"], bars["beats"], bars["unit"] = (0, 96), 96, 4, 4
    bars["tonic"] = bars["mode"] = -1
    bars["root"], bars["quality"] = [[7] * 4, [0] * 4], QUALITIES.index("")
    notes = np.zeros(3, GRID_NOTE)
    notes["bar"], notes["sub"], notes["pitch"] = (0, 0, 1), (0, 48, 0), (67, 69, 60)
    notes["length"] = length_class([48, 48, 96])
    part = PiecePart(0, False, "melody")
    piece = Piece(bars, (part,), notes, title="t")
    heard = of_piece(piece)
    assert heard.end == 2 * BAR
    assert [span.chord for span in heard.chords] == [Chord(7), Chord(0)]
    assert heard.voices[0].start.tolist() == [0, 1920, BAR]
    counts = count(heard)
    assert (counts.strong, counts.chord_tones) == (3, 2)
    assert counts.endings == 0  # no key is known


@settings(max_examples=60)
@given(strategies.projects())
def test_any_song_can_be_counted_and_every_share_is_one(song: Project) -> None:
    rates = count(of_song(song)).rates()
    shares = [value for name, value in rates.items() if name != "melody notes a bar"]
    assert all(0.0 <= share <= 100.0 for share in shares)


def test_an_empty_song_rings_no_alarm() -> None:
    assert rung(of_song(new_song())) == ()


def test_counts_add_up() -> None:
    once, whole = count(music(TUNE, BASS)), Counts()
    whole.add(once)
    whole.add(once)
    assert whole.songs == 2
    assert whole.rates() == once.rates()
