"""All archives of the corpus in small, each laid out as the real one is."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.ai.training.midi import Note, Track, archive, meter, midi, scale, signature, table, tempo

Files = dict[str, bytes | str]

BILLBOARD = """# title: A Song
# artist: A Band
# metre: 4/4
# tonic: G

0.0\tsilence
0.5\tA, intro, | G:maj | E:min9 . G:maj/3 . | C:maj D:7 |, (guitar
9.1\tB, verse, | G:maj | (2/4) C:sus4(b7) | x2
20.2\t| N |
# metre: 6/8
# tonic: C#
30.0\tB', chorus b, | C#:maj | G#:hdim7 F#:min/b3 |
40.0\tend
"""
ABC = """X:1
T:The Green Hill -- Jig
R:jig
M:6/8
L:1/8
K:Ador
E|A2B c2d|
X:12
T:Another Tune
R:reel
M:C|
K:D
A2|d4|
"""
HYMNS = """%%header "hymns"
X: 22
T: A Hymn at Evening, to be Sung by All
M: 4/4 % time
Q: 1/4=130
K: Gm % key
G A B c|
"""
KERN = """!!!OTL: Mazurka
!!!AGN: Mazurka
**kern\t**kern
*M3/4\t*M3/4
4r\t8ggL
.\t8aaJ
=1\t=1
2C\t2cc
4C\t4cc
=2\t=2
"""
_MUSICXML = """<?xml version="1.0"?><score-partwise><part id="P1"><measure number="0">
<attributes><divisions>4</divisions></attributes>
<harmony/><note><pitch/><duration>4</duration></note><note><chord/><duration>4</duration></note>
</measure><measure number="1"><note><duration>16</duration></note></measure></part></score-partwise>
"""


def dance(bars: int = 12, *, beats: int = 3, pickup: float = 0.0, low: int = 48) -> list[Note]:
    """Bass notes on downbeats with chords after them, harmony that changes with the bar."""
    notes: list[Note] = []
    for bar in range(bars):
        root = low + (0, 5, 7, 0)[bar % 4]
        at = pickup + bar * beats
        notes += [(at, beats, root - 12, 70), (at, 2.0, root + 16, 70)]
        for beat in range(1, beats):
            notes += [(at + beat, 0.9, root + step, 70) for step in (0, 4, 7)]
    if pickup:
        notes.append((0.0, pickup, low + 19, 70))
    return notes


@cache
def score(notes: int = 12) -> bytes:
    """A small score for voice and piano with dynamics, as long as `notes` says."""
    sung = scale(notes)
    voice = [(at, length, pitch, 40 + 3 * i) for i, (at, length, pitch, _) in enumerate(sung)]
    return midi(
        Track(meta=(tempo(96), meter(4, 4), signature("G"))),
        Track(voice, "Singstimme\nVoice", 68),
        Track(scale(notes, pitch=55), "Piano", 0),
        Track(scale(notes, pitch=43), "Piano", 0),
    )


def accented(beats: int, *, pickup: float, bars: int = 8, stretch: float = 1.0) -> list[Note]:
    """A tune of quarters with its downbeats loudest."""
    notes: list[Note] = [(0.0, pickup * stretch, 67, 85)] if pickup else []
    for i in range(bars * beats):
        velocity = 105 if i % beats == 0 else 85
        notes.append(((pickup + i) * stretch, stretch, 60 + (i * 5) % 12, velocity))
    return notes


def drumming(hits: int = 32) -> bytes:
    """A hi-hat whose every other stroke is late."""
    strokes = [(i * 0.5 + (0.03 if i % 2 else 0.0), 0.1, 42, 40 + 5 * (i % 8)) for i in range(hits)]
    return midi(Track(meta=(tempo(120),)), Track(strokes, "Midi Drums", drums=True))


def band(program: int = 33) -> bytes:
    return midi(
        Track(meta=(tempo(113), meter(4, 4))),
        Track(
            [(i, 0.1, 36 + 2 * (i % 2), 90 - 9 * (i % 4)) for i in range(16)], "Drum", drums=True
        ),
        Track(scale(16, pitch=36), "Walk", program),
        Track(dance(4, beats=4), "Chord-Piano", 1),
        Track(scale(16, pitch=67), "Melody", 66),
    )


def mxl() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("META-INF/container.xml", "<container/>")
        file.writestr("song.xml", _MUSICXML)
    return buffer.getvalue()


def _lead_sheets() -> Iterator[tuple[str, bytes | str]]:
    rows = [["leadsheet", "title", "first_performance", "authors", "class"]]
    rights = {"Old": "A_published_by_1930", "Older": "B_unknown_author", "New": "C_after_1930"}
    for notes, (title, right) in enumerate(rights.items(), 21):
        rows.append([f"dataset/Somebody/{title}/{title}.mxl", title, "", "", right])
        stem = f"Somebody/{title}/{title}"
        yield f"midi/{stem}.mid", midi(Track(meta=(meter(4, 4),)), Track(scale(notes), "", 0))
        yield f"midi/{stem}.chords.json", json.dumps([[1.0, "C:major"], [5.0, "G:dominant"]])
        yield f"mxl/{stem}.mxl", mxl()
    yield "SOURCE.txt", "from here\n"
    yield "rights_check.tsv", table(rows, "\t")


def _grooves() -> Iterator[tuple[str, bytes | str]]:
    head = "drummer,session,id,style,bpm,beat_type,time_signature,midi_filename,audio_filename"
    rows = [[*head.split(","), "duration", "split"]]
    styles = {"1": ("funk/groove1", "test"), "2": ("jazz/swing", "validation")}
    styles["3"] = ("rock", "train")
    for number, (style, split) in styles.items():
        path = f"drummer1/session1/{number}.mid"
        row = ["d1", "s1", f"d1/{number}", style, "98", "beat", "4-4", path, "", "9.0", split]
        rows.append(row)
        yield path, drumming(32 + 2 * int(number))
    yield "info.csv", table(rows)


def _progressions() -> Iterator[tuple[str, bytes | str]]:
    chords = midi(Track([(bar * 4, 4, p, 100) for bar in range(4) for p in (60, 64, 67)]))
    for key, name in (("01 - C Major - A minor", "C"), ("02 - Db Major - Bb minor", "Db")):
        yield f"midi/{key}/1 Triad/Major/I - {name}.mid", chords
        for style in ("", "/soul style"):
            yield f"midi/{key}/4 Progression/Major{style}/{name} - I I I - Calm.mid", chords


def _mutopia() -> Iterator[tuple[str, bytes | str]]:
    row = {
        "file": "a__b__minuet.mid", "title": "Minuet in G", "composer": "BachJS",
        "instrument": "Harpsichord, Piano", "style": "Baroque", "licence": "Public Domain",
        "piece": "BachJS/BWV114/minuet", "notes": 60,
    }  # fmt: skip
    yield "index_pd.json", json.dumps([row])
    yield "index_by.json", json.dumps([{**row, "file": "c.mid", "licence": "CC BY 4.0"}])
    score = midi(Track(meta=(tempo(60), meter(3, 4), signature("Em"))), Track(dance(), "upper:", 6))
    yield "midi/pd/a__b__minuet.mid", score
    yield "midi/by/c.mid", midi(Track(scale(4)))


def _chopin() -> Iterator[tuple[str, bytes | str]]:
    waltz = midi(Track(meta=(tempo(96), meter(3, 4))), Track(dance(pickup=1.0), "PIANO.", 0))
    for name in ("007-1-KI-001", "007-1b-W-001", "007-1-KI-002", "003-1-Sm-piano", "003-1-Sm"):
        yield f"midi/kern/{name}.mid", waltz
        yield f"kern/kern/{name}.krn", KERN


def _hymns() -> Iterator[tuple[str, bytes | str]]:
    stretch = 180 / 130
    voices = [Track(accented(4, pickup=1.0, stretch=stretch)) for _ in range(4)]
    yield "OpenHymnal.abc", HYMNS
    yield (
        "midi/oh_0022_A_Hymn_at_Evening_to_be_Sung.mid",
        midi(Track(meta=(tempo(180), meter(4, 4))), *voices),
    )


def _tunes() -> Iterator[tuple[str, bytes | str]]:
    yield "abc/oneills1850/0001-0050.abc", ABC
    jig = [(at / 2, length / 2, p, v) for at, length, p, v in accented(6, pickup=1.0)]
    yield (
        "midi/oneill/on_0001_The_Green_Hill_Jig.mid",
        midi(Track([*jig], meta=(tempo(180), meter(6, 8)))),
    )
    yield (
        "midi/ryan/rm_0001_Another_Tune.mid",
        midi(Track(accented(4, pickup=0.0), meta=(meter(4, 4),))),
    )


def _bands() -> Iterator[tuple[str, bytes | str]]:
    yield "openewld_bands/Old__latin_BossaNova.mid", band()
    yield "billboard_bands/0041__rnb_Strut.mid", band(35)


def _chorales() -> str:
    steps = [[60 + i // 4 % 5, 55, 52 - i // 8 % 2, 36 if i > 3 else -1] for i in range(32)]
    return json.dumps({"train": [steps], "valid": [steps[::-1]], "test": [steps[8:]]})


ARCHIVES: dict[str, Files] = {
    "mma-band-arrangements_GPL-patterns": dict(_bands()),
    "freedoom-midi_BSD3": {"musics/d_e1m1.mid": band(34), "musics/d_silent.mid": midi(Track())},
    "groove-midi_CC-BY-4.0": dict(_grooves()),
    "openewld_PD-MIT": dict(_lead_sheets()),
    "free-midi-chords_MIT": dict(_progressions()),
    "folk-oneill-ryan_PD-tunes": dict(_tunes()),
    "openhymnal_PD": dict(_hymns()),
    "jsb-chorales_PD-content": {"Jsb16thSeparated.json": _chorales()},
    "mutopia-pd-by_MIDI": dict(_mutopia()),
    "openscore-lieder_CC0": {"midi/Schubert,_Franz/Op.4/2_An_Air/lc1.mid": score()},
    "openscore-quartets_CC0": {"midi/Reger,_Max/Quartet_No.1/sq1.mid": score()},
    "openscore-orchestra_CC0": {"midi/Bach,_J/Mass,_BWV.232/2/Bach_2.mid": score()},
    "nifc-chopin_CC-BY-4.0": dict(_chopin()),
    "nifc-polish_CC-BY-4.0": {
        "midi/pl-cz/pl-cz--ii-1--001-003_elsner-jozef--missa-in-c-credo.mid": score(),
        "midi/pl-cz/pl-cz--ii-1--001-004_elsner-jozef--missa-in-c-sanctus.mid": score(16),
        "midi/pl-cz/pl-cz--ii-9_anonim--mazurek.mid": b"no music",
    },
    "mcgill-billboard-chords_CC0": {"salami_chords/0041.txt": BILLBOARD},
}


def write_corpus(folder: Path) -> None:
    """Every archive below `folder`."""
    for name, files in ARCHIVES.items():
        archive(folder, name, files)


def content(name: str) -> dict[str, bytes]:
    """The files of the archive whose name begins so."""
    files = next(files for whole, files in ARCHIVES.items() if whole.startswith(name))
    return {path: data.encode() if isinstance(data, str) else data for path, data in files.items()}
