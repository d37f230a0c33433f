"""MMA's library read, and charts arranged over it as song files."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.ai.composer.vocabulary import SECTIONS, STYLES
from studio.ai.training.composer.bands.arrange import chord_name, plan, song_file
from studio.ai.training.composer.bands.charts import Change, Chart, Section
from studio.ai.training.composer.bands.grooves import (
    Family,
    Groove,
    drum_patterns,
    exact,
    families,
    family_of,
)
from studio.ai.training.composer.bands.packages import MMA, Mma, Package, mma, unpacked
from studio.ai.training.composer.bands.styles import ROWS
from studio.ai.training.composer.bands.tracks import read
from studio.core.errors import StudioError
from studio.domain.theory import Chord

LIBRARY_FILE = """// A comment. Time 3
Begin Doc
  DefGroove NotThis   an example
End
SeqClear
Time 4
TimeSig 4 4
SeqSize 2
Begin Bass
  Sequence {1 1 1 90}
End
DefGroove Rocky   The basic beat
DefGroove RockySus   With strings
Groove Rocky
SeqSize 1
DefGroove RockyFill
SeqSize 4
DefGroove RockyIntro
Groove Rocky
DefGroove RockyEnd
DefGroove RockyMetronome
"""
DRUM_FILE = """// Pattern: A01
SeqClear
SeqSize 1
Time 4/4

Begin Drum-Kick
  Tone KickDrum1
           // |3--1------3---3-|
  Sequence { 1.0 0 90; 1.8 0 30; 3.5 0 90; 4.5 0 90 }
End
DefGroove A01 Time = 4/4

SeqClear
SeqSize 1
Begin Drum-Kick
           // |3-------2---1-----------3-------------1-1-------|
  Sequence { 1.0 0 90; 1.7 0 60; 2.0 0 30; 3.0 0 90; 4.2 0 30; 4.3 0 30 }
End
DefGroove A02
"""


def family(beats: int = 4, meter: tuple[int, int] = (4, 4)) -> Family:
    table = {"main": (2, 4), "intro": (2, 8), "fill": (1,), "end": (2,)}
    grooves = [
        Groove(f"X{kind}{bars}", bars, kind) for kind, lengths in table.items() for bars in lengths
    ]
    return Family("stdlib/x", beats, meter, tuple(grooves))


def song(lengths: list[tuple[str, int]], meter: tuple[int, int] = (4, 4)) -> Chart:
    bar = (Change(0.0, Chord(2, "m7")), Change(1.5, Chord(7, "maj7", 11)))
    sections = tuple(Section(name, (bar,) * count) for name, count in lengths)
    return Chart("A song", meter, 2, True, sections, "CC0", "here")


def test_a_library_file_tells_its_grooves_their_lengths_and_what_each_is_for() -> None:
    found = family_of("stdlib/rocky", LIBRARY_FILE)
    assert found is not None
    assert (found.beats, found.meter, found.quarters_per_beat) == (4, (4, 4), 1.0)
    assert [(g.name, g.bars, g.kind) for g in found.grooves] == [
        ("Rocky", 2, "main"), ("RockySus", 2, "main"), ("RockyFill", 1, "fill"),
        ("RockyIntro", 4, "intro"), ("RockyEnd", 2, "end"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "meter", "quarters"),
    [("Time 3\nTimesig 3 4", (3, 4), 1.0), ("Time 6\nTimeSig 6/8", (6, 8), 0.5),
     ("Time 2\nTimesig 6 8", (6, 8), 1.5), ("Time 3\nTimesig 6 8", (6, 8), 1.0),
     ("Time 4\nTimesig 6 8", (4, 4), 1.0)],
)  # fmt: skip
def test_meters_are_those_that_a_song_is_written_in(
    lines: str, meter: tuple[int, int], quarters: float
) -> None:
    found = family_of("x/y", f"{lines}\nDefGroove A\n")
    assert found is not None
    assert (found.meter, found.quarters_per_beat) == (meter, quarters)


@pytest.mark.parametrize(
    "text",
    ["Time 5\nDefGroove A\n", "DefGroove AIntro\n", "Time 4\nDefGroove A\nTime 3\nDefGroove B"],
)
def test_files_in_other_or_changing_meters_or_without_a_main_groove_are_left_out(text: str) -> None:
    assert family_of("x/y", text) is None


def test_families_of_a_folder_go_by_their_files(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "rocky.mma").write_text(LIBRARY_FILE, encoding="latin-1")
    (tmp_path / "lib" / "odd.mma").write_text("Time 7\nDefGroove Odd\n", encoding="latin-1")
    assert list(families(tmp_path)) == ["lib/rocky"]


def test_drum_positions_rounded_to_tenths_go_back_to_where_they_were_drawn(tmp_path: Path) -> None:
    path = tmp_path / "drums.mma"
    path.write_text(DRUM_FILE, encoding="latin-1")
    found = drum_patterns(path)
    assert list(found) == ["A01", "A02"]
    assert "1.0 0 90; 1.75 0 30; 3.5 0 90; 4.5 0 90" in found["A01"]
    assert "1.6667 0 60; 2.0 0 30; 3.0 0 90; 4.1667 0 30; 4.3334 0 30" in found["A02"]
    assert "DefGroove" not in found["A01"]
    assert exact("Sequence { 1.3 0 90 }") == "Sequence { 1.25 0 90 }"


@given(
    st.lists(
        st.tuples(st.sampled_from([s for s in SECTIONS if s]), st.integers(1, 17)),
        min_size=1,
        max_size=7,
    ),
    st.integers(0, 99),
)
def test_a_plan_plays_every_bar_once_and_ends_with_an_ending(
    lengths: list[tuple[str, int]], seed: int
) -> None:
    chart = song(lengths)
    played = plan(family(), chart, np.random.default_rng(seed))
    assert sum(p.bars for p in played) == len(chart.bars)
    assert all(p.bars == p.groove.bars for p in played if p.groove.kind != "main")
    assert played[-1].groove.kind == "end" or lengths[-1][1] <= 2
    assert played == plan(family(), chart, np.random.default_rng(seed))


def test_sections_of_one_kind_play_one_groove_and_choruses_another() -> None:
    chart = song([("verse", 8), ("chorus", 8), ("verse", 8), ("chorus", 8)])
    for seed in range(6):
        played = plan(family(), chart, np.random.default_rng(seed))
        mains = [p.groove.name for p in played if p.groove.kind == "main"]
        assert len(mains) == 4
        assert mains[0] == mains[2] != mains[1] == mains[3]


def test_a_song_file_leaves_no_chance_to_time_or_volume() -> None:
    chart = song([("verse", 4)], (6, 8))
    band = family(6, (6, 8))
    text = song_file(chart, band, plan(band, chart, np.random.default_rng(1)), bpm=60, seed=7)
    lines = text.splitlines()
    assert lines[:3] == ["RndSeed 7", "Tempo 120", "KeySig 1b minor"]
    assert lines.count("Dm7@1 GM7/B@4") == 4
    starts = [i for i, line in enumerate(lines) if line.startswith("Groove stdlib/x:")]
    assert starts
    for i in starts:
        assert {"AllTracks RTime 0", "AllTracks RVolume 0"} <= set(lines[i + 1 : i + 5])


def test_patterns_of_ones_own_are_defined_in_the_song_file() -> None:
    chart = song([("verse", 4)])
    band = Family("zoom/x", 4, (4, 4), (Groove("P1", 2, "main"),))
    played = plan(band, chart, np.random.default_rng(0))
    text = song_file(chart, band, played, bpm=90, seed=0, patterns={"P1": "SeqClear\n"})
    assert "SeqClear\n\nDefGroove P1\nGroove P1\n" in text


def test_chords_are_written_as_mma_writes_them() -> None:
    names = [chord_name(Chord(1, q)) for q in ("dim", "maj7", "m7b5", "69", "", "7sus4")]
    assert names == ["C#mb5", "C#M7", "C#m7b5", "C#6(add9)", "C#", "C#7sus"]
    assert chord_name(Chord(0, "m", 3)) == "Cm/D#"


def test_styles_are_those_of_the_composer_and_tempos_are_sane() -> None:
    assert {word for row in ROWS for word in row.words} <= set(STYLES)
    assert all(40 <= row.bpm[0] < row.bpm[1] <= 240 for row in ROWS)
    assert all("/" in file for row in ROWS for file in row.files + row.drums)
    assert all(row.files and row.weight > 0 for row in ROWS)


def test_a_missing_package_is_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StudioError, match="The Debian package “mma” is missing"):
        unpacked(MMA, tmp_path / "packages")


def test_an_unpacked_package_is_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "thing" / "usr").mkdir(parents=True)
    assert unpacked(Package("thing", "MIT"), tmp_path) == tmp_path / "thing"


def _found_mma() -> Mma | None:
    work = os.environ.get("TUTTI_WORK")
    if shutil.which("mma") is None and (work is None or not (Path(work) / "packages/mma").is_dir()):
        return None
    return mma(Path(work or "") / "packages")


def test_mma_plays_what_the_song_file_says(tmp_path: Path) -> None:
    found = _found_mma()
    if found is None:
        pytest.skip("MMA is not on this machine")
    band = families(found.library)["stdlib/bvfunk"]
    chart = song([("intro", 4), ("verse", 8), ("chorus", 8)])
    played = plan(band, chart, np.random.default_rng(2))
    text = song_file(chart, band, played, bpm=100, seed=2)
    (tmp_path / "song.mma").write_text(text, encoding="utf-8")
    assert found.made(tmp_path / "song.mma", tmp_path / "song.mid")
    tracks = read(tmp_path / "song.mid", band.quarters_per_beat)
    assert {"Drum", "Bass", "Chord-Guitar"} <= {t.name for t in tracks}
    assert {int(n) % 20 for t in tracks for n in t.notes["start"]} == {0}
