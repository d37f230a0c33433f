"""Human drummers on bands, and music out of the packages of games."""

from __future__ import annotations

import io
import json
import struct
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import symusic

from studio.ai.training.composer.bands import games
from studio.ai.training.composer.bands.__main__ import main
from studio.ai.training.composer.bands.charts import Change, Chart, Section
from studio.ai.training.composer.bands.drummers import (
    BAR,
    EARLY,
    Performance,
    drum_track,
    fitting_rows,
    performances,
    phrases,
    shuffled,
    turn,
)
from studio.ai.training.composer.bands.games import Lump, fingerprint, gather, lumps, read
from studio.ai.training.composer.bands.packages import GAMES
from studio.ai.training.composer.bands.tracks import TPQ, columns
from studio.domain.theory import Chord

TOM = 45


def midi(notes: list[tuple[float, int, int]], *, drums: bool, tpq: int = 480) -> bytes:
    """A file of notes (quarter, pitch, velocity)."""
    score: Any = symusic.Score(tpq)
    score.tempos.append(symusic.Tempo(0, 120.0))
    track: Any = symusic.Track("A track", 0, drums)
    for at, pitch, velocity in notes:
        track.notes.append(symusic.Note(round(at * tpq), tpq // 8, pitch, velocity))
    score.tracks.append(track)
    return bytes(score.dumps_midi())


def performance(
    bars: int = 16, *, fills: tuple[int, ...] = (7, 15), late: float = 0.02
) -> Performance:
    """Kick on every beat, a little late, and toms through the bars of fills."""
    rows = []
    for bar in range(bars):
        for beat in range(4):
            at = (bar * 4 + beat + late * (1 if beat else -1)) * TPQ
            rows.append((at, at + 40, 36, 70 + bar))
            if bar in fills:
                rows.append((at + TPQ // 2, at + TPQ // 2 + 40, TOM, 100))
    return Performance("d/1", "drummer1", "rock", 110.0, "train", columns(rows))


def chart(*lengths: int) -> Chart:
    bar = (Change(0.0, Chord(0)),)
    sections = tuple(Section("verse", (bar,) * n) for n in lengths)
    return Chart("A song", (4, 4), 0, False, sections, "CC0", "here")


def test_phrases_hold_hits_shortly_before_their_first_bar_line() -> None:
    found = phrases(performance())
    assert len(found) == 4
    assert [p.fill > 2 for p in found] == [False, True, False, True]
    assert all(p.notes["start"].min() == -round(0.02 * TPQ) for p in found)
    assert all(len(p.notes) in (16, 20) for p in found)


def test_a_phrase_with_an_empty_bar_is_left_out() -> None:
    played = performance()
    silent = (played.notes["start"] + EARLY) // BAR != 5
    gap = Performance("d", "x", "rock", 100.0, "train", played.notes[silent])
    assert len(phrases(gap)) == 3


@pytest.mark.parametrize("lengths", [(8, 8), (4, 7, 12), (3, 1, 8), (16,)])
def test_sections_end_with_fills_and_no_bar_is_without_drums(lengths: tuple[int, ...]) -> None:
    for first in range(3):
        track = drum_track(performance(), chart(*lengths), first)
        bars = (track.notes["start"] + EARLY) // BAR
        assert set(bars.tolist()) == set(range(sum(lengths)))
        toms = set(bars[track.notes["pitch"] == TOM].tolist())
        assert toms == {n - 1 for n in np.cumsum(lengths).tolist()}


def test_a_drummers_timing_is_kept_and_equal_songs_are_equal() -> None:
    track = drum_track(performance(), chart(8, 8), 1)
    kicks = track.notes[track.notes["pitch"] == 36]
    within = (kicks["start"] + TPQ // 2) % TPQ - TPQ // 2
    late = round(0.02 * TPQ)
    assert set(within.tolist()) == {late, -late, 0}  # 0: the first hit of the song, not before it
    assert within.tolist().count(0) == 1
    again = drum_track(performance(), chart(8, 8), 1)
    assert (track.notes == again.notes).all()
    assert (track.name, track.drums) == ("Drums", True)


def test_a_shuffle_is_told_from_straight_eighths() -> None:
    def played(at: float) -> Performance:
        rows = [
            ((q + off) * TPQ, (q + off) * TPQ + 9, 42, 80) for q in range(64) for off in (0, at)
        ]
        return Performance("d", "x", "rock", 100.0, "train", columns(rows))

    assert shuffled(played(0.66)) is True
    assert shuffled(played(0.51)) is False
    assert shuffled(performance(fills=())) is None


def test_the_drummers_of_an_archive_keep_their_published_split(tmp_path: Path) -> None:
    header = (
        "drummer,session,id,style,bpm,beat_type,time_signature,midi_filename,audio_filename,"
        "duration,split"
    )
    long = midi([(q / 2, 22 if q % 2 else 26, 80) for q in range(128)], drums=True)
    rows = [
        "drummer1,s,d1/1,rock,112,beat,4-4,d1/1.mid,,1,validation",
        "drummer1,s,d1/2,rock,112,fill,4-4,d1/2.mid,,1,train",
        "drummer2,s,d2/1,jazz/swing,140,beat,3-4,d2/1.mid,,1,train",
        "drummer2,s,d2/2,soul/groove3,86,beat,4-4,d2/2.mid,,1,train",
    ]
    files = {"info.csv": "\n".join([header, *rows]).encode()}
    files |= {f"{name}.mid": long for name in ("d1/1", "d1/2", "d2/1", "d2/2")}
    _pack(tmp_path, "groove-midi", files)
    found = list(performances(tmp_path))
    assert [(p.name, p.split, p.bpm, p.bars) for p in found] == [
        ("d1/1", "valid", 112.0, 16), ("d2/2", "train", 86.0, 16),
    ]  # fmt: skip
    assert set(found[0].notes["pitch"].tolist()) == {42, 46}


@pytest.mark.parametrize(
    "style",
    ["rock", "funk/groove1", "jazz/swing", "hiphop", "soul/motown", "latin/brazilian-bossa",
     "reggae/slow", "gospel", "country", "dance/disco", "blues/shuffle", "pop/soft"],
)  # fmt: skip
def test_there_are_bands_for_every_style_of_drummer(style: str) -> None:
    assert fitting_rows(style)
    assert all(not row.drums for row in fitting_rows(style))


def test_every_drummer_has_a_turn_and_few_songs_are_held_out() -> None:
    table = [
        replace(performance(8), name=f"{i}", split="test" if i % 3 else "train") for i in range(9)
    ]
    turns = [turn(table, number) for number in range(120)]
    assert {p.name for p in turns} == {p.name for p in table}
    assert sum(p.split == "test" for p in turns) == 10
    counts = [sum(p.name == q.name for p in turns) for q in table if q.split == "train"]
    assert max(counts) - min(counts) <= 1


def test_rock_drummers_play_with_rock_bands() -> None:
    assert all("rock" in row.words or "metal" in row.words for row in fitting_rows("rock/indie"))


def test_no_band_fits_an_unknown_style() -> None:
    assert fitting_rows("klingon opera") == []


SONG = midi([(q / 4, 60 + q % 7, 60 + q % 50) for q in range(400)], drums=False)
PLAYED = midi([(q / 4 + q % 5 * 0.017, 60 + q % 7, 60 + q % 50) for q in range(400)], drums=False)


def wad(**contents: bytes) -> bytes:
    """A WAD file of these lumps."""
    body, directory = b"", b""
    for name, content in contents.items():
        directory += struct.pack("<ii8s", 12 + len(body), len(content), name.encode())
        body += content
    return b"PWAD" + struct.pack("<ii", len(contents), 12 + len(body)) + body + directory


def test_the_music_lumps_of_a_wad_file_are_found() -> None:
    found = list(lumps(wad(D_E1M1=SONG, FLAT1=b"MThd no music", D_MUS=b"MUS\x1a", D_E1M2=PLAYED)))
    assert [(lump.name, lump.content) for lump in found] == [("D_E1M1", SONG), ("D_E1M2", PLAYED)]


@pytest.mark.parametrize("broken", [b"", b"PK\x03\x04" + bytes(20), wad(D_A=SONG)[:60]])
def test_a_broken_wad_file_is_refused(broken: bytes) -> None:
    with pytest.raises(ValueError, match="WAD"):
        list(lumps(broken))


def test_equal_music_has_one_fingerprint_at_any_resolution() -> None:
    notes = [(q / 4, 60 + q % 7, 80) for q in range(300)]
    scores = [read(Lump("", midi(notes, drums=False, tpq=tpq))) for tpq in (96, 480)]
    assert fingerprint(scores[0]) == fingerprint(scores[1])
    assert fingerprint(scores[0]) != fingerprint(read(Lump("", PLAYED)))


def test_jingles_and_broken_files_are_no_pieces() -> None:
    assert read(Lump("", midi([(0.0, 60, 80)], drums=False))) is None
    assert read(Lump("", b"MThd but nothing else")) is None


def test_titles_tell_styles() -> None:
    assert games.styles("Stephenson blues") == ["blues", "game"]
    assert games.styles("simupolitan swing") == ["swing", "game"]
    assert games.styles("March Winds") == ["game"]


def test_pieces_of_packages_are_gathered_once_with_their_licences(tmp_path: Path) -> None:
    for package in GAMES:
        (tmp_path / "packages" / package.name / "usr").mkdir(parents=True)
    music = tmp_path / "packages" / "simutrans-data" / "usr" / "music"
    music.mkdir()
    (music / "13-Some-blues.mid").write_bytes(PLAYED)
    (music / "14-Known.mid").write_bytes(
        midi([(q, 40 + q % 3, 80) for q in range(300)], drums=False)
    )
    for name in ("freedoom", "freedm"):
        home = tmp_path / "packages" / name / "usr"
        (home / "a.wad").write_bytes(wad(D_RUNNIN=SONG))
    known = [midi([(q, 40 + q % 3, 99) for q in range(300)], drums=False)]
    assert gather(tmp_path / "packages", tmp_path / "made", known) == 2
    told = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in (tmp_path / "made").glob("*.json")
    }
    assert sorted((t["title"], t["licence"], t["has_deviation"]) for t in told.values()) == [
        ("D_RUNNIN", "BSD-3-Clause", False), ("Some blues", "Artistic-1.0", True),
    ]  # fmt: skip
    assert all((tmp_path / "made" / f"{stem}.mid").exists() for stem in told)
    assert gather(tmp_path / "packages", tmp_path / "made", known) == 2
    assert len(list((tmp_path / "made").glob("*.json"))) == 2


def test_the_command_knows_its_parts_and_says_what_is_missing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["horns", "--work", str(tmp_path)])
    assert "there is no part “horns”" in capsys.readouterr().err
    with caplog.at_level("CRITICAL", logger="studio.ai.training.composer.bands"):
        assert main(["games", "--work", str(tmp_path), "--data", str(tmp_path)]) == 1


def _pack(data: Path, name: str, files: dict[str, bytes]) -> None:
    folder = data / "symbolic"
    folder.mkdir(parents=True)
    with tarfile.open(folder / f"{name}_X.tar.xz", "w:xz") as made:
        for path, content in files.items():
            info = tarfile.TarInfo(f"x/{name}/{path}")
            info.size = len(content)
            made.addfile(info, io.BytesIO(content))
