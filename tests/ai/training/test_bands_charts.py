"""Charts of songs: read from annotations, lead sheets and progressions; moved, cut and shuffled."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import symusic
from hypothesis import given
from hypothesis import strategies as st

from studio.ai.training.composer.bands import billboard, leads, progressions, shuffles
from studio.ai.training.composer.bands.archives import members
from studio.ai.training.composer.bands.charts import (
    MELODY_NOTE,
    Change,
    Chart,
    Section,
    changes,
    filled,
    moved,
    shortened,
)
from studio.core.errors import StudioError
from studio.domain.theory import QUALITIES, Chord

ANNOTATION = """# title: A Song
# artist: Somebody
# metre: 4/4
# tonic: A

0.0\tsilence
0.5\tA, intro, | A:min | A:min F:maj | x2
4.0\tB, verse, | F:maj/3 | C:maj7 . G:sus4(b7) . | (3/4) D:min . N | &pause | E:hdim7 |, (voice
9.0\t| A:min7 | N | A:min |
12.0\tfadeout, | A:min | A:min |, voice)
20.0\tend
"""


def archive(data: Path, name: str, files: dict[str, bytes]) -> Path:
    """Packs files as the archives of symbolic music are packed."""
    folder = data / "symbolic"
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(folder / f"{name}_X.tar.xz", "w:xz") as made:
        for path, content in files.items():
            info = tarfile.TarInfo(f"{name}/{path}")
            info.size = len(content)
            made.addfile(info, io.BytesIO(content))
    return data


def midi(
    notes: Sequence[tuple[float, float, int]], *, meter: tuple[int, int] = (4, 4), fifths: int = 0
) -> bytes:
    """One track of notes (quarter, length, pitch)."""
    score: Any = symusic.Score(480)
    score.time_signatures.append(symusic.TimeSignature(0, *meter))
    score.key_signatures.append(symusic.KeySignature(0, fifths, 0))
    track: Any = symusic.Track("Voice", 52, False)
    for start, length, pitch in notes:
        track.notes.append(symusic.Note(round(start * 480), round(length * 480), pitch, 90))
    score.tracks.append(track)
    return bytes(score.dumps_midi())


def chart(*names: str, melody: bool = False, bars: int = 8) -> Chart:
    sections = tuple(
        Section(name, ((Change(0.0, Chord(i % 12, "m7")),),) * bars) for i, name in enumerate(names)
    )
    notes = None
    if melody:
        notes = np.zeros(len(names) * bars, MELODY_NOTE)
        notes["start"], notes["length"], notes["pitch"] = np.arange(len(notes)) * 4, 1, 60
    return Chart("A song", (4, 4), 0, False, sections, "CC0", "here", ("A song",), notes)


def test_an_annotation_is_read_with_sections_repeats_and_bars_that_go_on() -> None:
    song = billboard.chart_of(ANNOTATION)
    assert song is not None
    assert (song.title, song.key.name) == ("A Song (Somebody)", "A minor")
    assert [(s.name, len(s.bars)) for s in song.sections] == [
        ("intro", 4), ("verse", 8), ("outro", 2),
    ]  # fmt: skip
    assert list(changes(song))[:7] == [
        (0.0, "Am"), (6.0, "F"), (8.0, "Am"), (14.0, "F"), (16.0, "F/A"), (20.0, "Cmaj7"),
        (22.0, "G7sus4"),
    ]  # fmt: skip
    silent = song.bars[7]
    assert [c.chord.name() for c in silent] == ["Dm"]  # nothing sounds, so the last one stays


@pytest.mark.parametrize("header", ["# metre: 7/4\n# tonic: C", "# metre: 4/4\n# tonic: ?"])
def test_an_annotation_in_a_rare_meter_or_without_a_tonic_is_left_out(header: str) -> None:
    assert billboard.chart_of(f"{header}\n0.0\tA, verse, | C:maj |\n") is None


@pytest.mark.parametrize(
    ("text", "name"),
    [("C:maj", "C"), ("F#:hdim7", "F#m7b5"), ("Bb:min9/5", "A#m9/F"), ("Eb:7(#9)", "D#7#9"),
     ("G:maj/b7", "G/F"), ("D:1", "D"), ("Cb:maj", "B"), ("C:maj/1", "C"), ("A:aug(b7)", "Aaug7")],
)  # fmt: skip
def test_chords_of_the_annotations_keep_root_quality_and_bass(text: str, name: str) -> None:
    chord = billboard.chord_of(text)
    assert chord is not None
    assert chord.name() == name


def test_no_chord_is_read_where_none_sounds() -> None:
    assert [billboard.chord_of(text) for text in ("N", "*", "&pause", "")] == [None] * 4


def test_every_quality_of_the_sources_is_one_the_studio_knows() -> None:
    assert set(billboard._HARTE.values()) | set(leads._KINDS.values()) <= set(QUALITIES)


def test_a_lead_sheet_becomes_a_chart_with_an_intro_and_its_melody() -> None:
    notes = [(q, 1.0, 60 + q % 5) for q in range(40)]
    chords = [(0.0, "G:major"), (8.0, "D:dominant"), (16.0, "E:minor"), (36.0, "G:major")]
    song = leads.chart_of(midi(notes, fifths=1), chords, "Old Tune")
    assert song is not None
    assert song.melody is not None
    assert [(s.name, len(s.bars)) for s in song.sections] == [("intro", 4), ("theme", 10)]
    assert song.key.name == "G major"
    assert song.melody["start"][0] == 16.0
    assert song.bars[4][0].chord == Chord(7)
    assert song.bars[6][0].chord == Chord(2, "7")


def test_a_pickup_falls_before_the_first_bar_line() -> None:
    notes = [(q, 1.0, 60) for q in range(46)]
    chords = [(1.0 + 3 * i, "C:major" if i % 2 else "F:major") for i in range(15)]
    song = leads.chart_of(midi(notes, meter=(3, 4)), chords, "Waltz")
    assert song is not None
    assert song.melody is not None
    assert all(len(bar) == 1 for bar in song.sections[1].bars)
    assert song.melody["start"][0] == 4 * 3 + 2  # the last quarter of the bar after the intro


def test_two_quarters_are_played_as_four_and_odd_meters_left_out() -> None:
    chords = [(0.0, "C:major"), (2.0, "G:dominant")]
    notes = [(q / 2, 0.5, 60) for q in range(64)]
    song = leads.chart_of(midi(notes, meter=(2, 4)), chords, "March")
    assert song is not None
    assert song.meter == (4, 4)
    assert song.bars[5][0].chord == Chord(7, "7")
    assert leads.chart_of(midi(notes, meter=(5, 4)), chords, "Odd") is None


def test_only_lead_sheets_whose_rights_have_run_out_are_taken() -> None:
    table = (
        "leadsheet\ttitle\tfirst_performance\tauthors\tclass\n"
        "dataset/X/Old/Old.mxl\tOld\t1920\tX\tA_published_by_1930\n"
        "dataset/X/New/New.mxl\tNew\t1938\tX\tC_first_performed_after_1930\n"
        "dataset/Y/Folk/Folk.mxl\tFolk\t\tY\tB_unknown_author_or_traditional\n"
    )
    assert leads.allowed(table) == {"X/Old/Old": "Old", "Y/Folk/Folk": "Folk"}


def test_the_lead_sheets_of_an_archive_are_read_by_its_rights_table(tmp_path: Path) -> None:
    rights = (
        "leadsheet\ttitle\tx\ty\tclass\ndataset/A/T/T.mxl\tT\t\t\tA\ndataset/A/U/U.mxl\tU\t\t\tC\n"
    )
    song = midi([(q, 1.0, 64) for q in range(40)])
    chords = json.dumps([[0.0, "C:major"], [4.0, "F:major"]]).encode()
    files = {"rights_check.tsv": rights.encode()}
    for name in "TU":
        files |= {f"midi/A/{name}/{name}.mid": song, f"midi/A/{name}/{name}.chords.json": chords}
    found = list(leads.charts(archive(tmp_path, "openewld", files)))
    assert [c.title for c in found] == ["T"]


def test_a_missing_archive_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="There is no archive “openewld”"):
        list(members(tmp_path, "openewld", ""))


def test_progressions_are_recognised_from_their_notes(tmp_path: Path) -> None:
    blocks = [(0, (60, 64, 67)), (4, (57, 60, 64)), (8, (52, 55, 60)), (12, (55, 59, 62, 65))]
    song = midi([(at, 4.0, pitch) for at, tones in blocks for pitch in tones])
    path = "midi/01 - C Major - A minor/4 Progression/Major/C - I vi I V7 - Happy.mid"
    strange = midi([(0, 4.0, 60), (0, 4.0, 61), (0, 4.0, 62), (4, 4.0, 60)])
    other = path.replace("I vi I V7", "I ?")
    found = list(
        progressions.progressions(
            archive(tmp_path, "free-midi-chords", {path: song, other: strange})
        )
    )
    assert [(p.name, p.group) for p in found] == [("I vi I V7", "Major")]
    assert [c.name() for c in found[0].chords] == ["C", "Am", "C/E", "G7"]


@pytest.mark.parametrize(("count", "cycle"), [(2, 2), (3, 4), (4, 4), (6, 4), (8, 4)])
def test_progressions_are_laid_in_even_phrases(count: int, cycle: int) -> None:
    chords = tuple(Chord(i) for i in range(count))
    bars = progressions.laid(progressions.Progression("", "Major", chords), 16)
    assert len(bars) == 16
    assert bars[:cycle] == bars[cycle : 2 * cycle]
    assert {c.chord for bar in bars[:cycle] for c in bar} == set(chords)


def test_a_song_of_progressions_repeats_its_sections_and_ends_on_the_tonic() -> None:
    table = [
        progressions.Progression(f"{i}", "Minor", tuple(Chord((i + k) % 12) for k in range(4)))
        for i in range(6)
    ]
    table += [
        progressions.Progression(p.name, g, p.chords) for p in table for g in ("Major", "Modal")
    ]
    for seed in range(8):
        song = progressions.song(table, np.random.default_rng(seed), seed)
        again = progressions.song(table, np.random.default_rng(seed), seed)
        assert list(changes(song)) == list(changes(again))
        verses = [s.bars for s in song.sections if s.name == "verse"]
        assert all(v == verses[0] for v in verses)
        assert song.bars[-1][0].chord.root == song.tonic


def test_shuffled_songs_take_each_kind_of_section_from_such_sections() -> None:
    verse, chorus = chart("verse"), moved(chart("chorus"), 5)
    table = shuffles.in_c([verse, chorus, moved(chart("verse"), 3)], minor=False)
    song = shuffles.song(table, np.random.default_rng(3), 1)
    assert song.parents == ("A song",)
    assert all(c.chord.root == 0 for bar in song.bars for c in bar)
    assert {c.tonic for c in table} == {0}


@given(st.integers(0, 11), st.booleans())
def test_moving_there_and_back_changes_nothing(semitones: int, melody: bool) -> None:
    song = chart("intro", "verse", melody=melody)
    back = moved(moved(song, semitones), -semitones)
    assert (back.sections, back.tonic) == (song.sections, song.tonic)
    if song.melody is not None and back.melody is not None:
        octave = 12 if semitones == 6 else 0  # a tritone goes down both ways
        assert (back.melody["pitch"] + octave == song.melody["pitch"]).all()


@given(st.integers(1, 40))
def test_a_shortened_song_keeps_whole_sections_and_the_melody_over_them(most: int) -> None:
    song = shortened(chart("intro", "verse", "chorus", melody=True), most)
    assert 0 < len(song.bars) <= max(most, 1)
    assert song.melody is not None
    assert len(song.melody) == len(song.bars)


def test_bars_without_a_chord_take_the_one_that_sounds() -> None:
    late = (Change(2.0, Chord(5)),)
    assert filled([(), late, ()]) == (
        (Change(0.0, Chord(5)),),
        (Change(0.0, Chord(5)), Change(2.0, Chord(5))),
        (Change(0.0, Chord(5)),),
    )
    assert filled([(), ()]) == ()
