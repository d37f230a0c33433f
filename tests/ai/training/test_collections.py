"""Each collection is read with what its own files tell."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from studio.ai.composer.chords import chord_named
from studio.ai.composer.vocabulary import STYLES
from studio.ai.training.composer.collections import billboard
from studio.ai.training.composer.collections.entries import Entry
from studio.ai.training.composer.collections.instruments import with_named_instruments
from studio.ai.training.composer.collections.listing import ARCHIVES, collection
from studio.ai.training.composer.collections.pickup import with_accented_bars, with_pickup
from studio.ai.training.composer.collections.scores import chopin_work, kern_pickup
from studio.ai.training.composer.collections.styles import plain, styles_in
from studio.ai.training.composer.collections.tunebook import key_of
from studio.ai.training.composer.gridded import piece_of
from studio.ai.training.composer.raw import RAW_NOTE, RawPart, RawPiece, off_grid_share, read_midi
from studio.core.errors import StudioError
from studio.domain.theory import Chord
from tests.ai.training.corpus import BILLBOARD, KERN, accented, band, content, dance, drumming
from tests.ai.training.midi import Track, meter, midi, scale, tempo


def _entries(name: str) -> list[Entry]:
    found = collection(name)
    return list(found.entries(content(found.archive)))


def _read(name: str) -> Iterator[RawPiece]:
    found = collection(name)
    return (found.read(entry) for entry in _entries(name) if not entry.dropped)


def _made(about: str, data: bytes) -> RawPiece:
    found = collection("some-bands")
    (entry,) = found.entries({"a.mid": data, "a.json": about.encode()})
    return found.read(entry)


# --- lead sheets and bands ------------------------------------------------------------------------


def test_lead_sheets_without_rights_are_left_out() -> None:
    dropped = {entry.key.rpartition("/")[2]: entry.dropped for entry in _entries("openewld")}
    assert {name for name, reason in dropped.items() if not reason} == {"Old.mid", "Older.mid"}
    assert dropped["New.mid"].startswith("rights")


def test_chords_of_a_lead_sheet_move_with_its_pickup() -> None:
    piece = piece_of(next(_read("openewld")))
    assert piece.notes["sub"][0] == 72
    roots = piece.bars["root"][:3]
    assert roots.tolist() == [[-1] * 4, [0] * 4, [7] * 4]
    assert piece.parts[0].role == "melody"
    assert not any((piece.has_tempo, piece.has_velocity, piece.has_deviation))


def test_a_made_band_tells_its_style_by_its_groove() -> None:
    soul, latin = _read("mma-bands")
    assert {"bossa nova", "latin"} <= set(latin.styles)
    assert latin.groove == "latin BossaNova"
    assert {"funk", "soul"} <= set(soul.styles)
    assert [part.role for part in latin.parts] == ["drums", "bass", "chords", "melody"]
    assert latin.source == "pattern"
    assert latin.has_velocity
    assert not latin.has_deviation


def test_a_sequenced_band_is_not_called_played() -> None:
    game, silent = _read("freedoom")
    assert game.source == "unknown"
    assert not game.has_deviation
    assert game.has_tempo
    assert "game" in game.styles
    assert len(silent.notes) == 0


def test_onsets_that_are_all_equally_late_are_put_right() -> None:
    late = [(at + 0.1, length, pitch, velocity) for at, length, pitch, velocity in scale(32)]
    found = collection("freedoom")
    (entry,) = found.entries({"musics/d_late.mid": midi(Track(late, "Lead", 81))})
    assert off_grid_share(found.read(entry)) == 0


def test_notes_that_keep_to_no_clock_are_refused() -> None:
    rng = np.random.default_rng(3)
    notes = [(float(at), 0.2, 60, 80) for at in np.sort(rng.uniform(0, 60, 200))]
    found = collection("freedoom")
    (entry,) = found.entries({"musics/d_free.mid": midi(Track(notes, "Lead", 81))})
    with pytest.raises(StudioError, match="no clock"):
        found.read(entry)


def test_drummers_keep_their_touch_and_their_published_split() -> None:
    raws = list(_read("groove-midi"))
    assert [raw.split for raw in raws] == ["test", "valid", "train"]
    assert [set(raw.styles) & {"funk", "jazz", "swing", "rock"} for raw in raws] == [
        {"funk"}, {"jazz", "swing"}, {"rock"},
    ]  # fmt: skip
    piece = piece_of(raws[0])
    assert piece.source == "performed"
    assert piece.has_velocity
    assert piece.has_deviation
    assert np.unique(piece.notes["deviation"]).tolist() == [0, 4]
    assert np.allclose(piece.bars["bpm"], 98)


def test_progressions_are_kept_in_one_key() -> None:
    reasons = [entry.dropped for entry in _entries("free-midi-chords")]
    assert (
        sorted(reasons)
        == ["", "", "a single chord", "a single chord"]
        + ["the same progression in another key"] * 2
    )
    plain_, soul = _read("free-midi-chords")
    assert plain_.group == soul.group == "progression I I I"
    assert (plain_.styles, soul.styles) == ((), ("soul",))


def test_what_was_made_tells_all_of_itself() -> None:
    about = (
        '{"title": "Tune", "parents": ["One", "Two"], "styles": ["jazz"], "swing": true,'
        ' "chords": [[0.0, "Dm7"]], "sections": [[0.0, "verse"]], "key": [2, 1],'
        ' "groove": "stdlib/swing", "licence": "GPL", "source": "a program",'
        ' "has_velocity": true, "has_deviation": false, "has_tempo": true}'
    )
    raw = _made(about, band())
    assert (raw.title, raw.parents, raw.styles, raw.swing) == ("Tune", ("One", "Two"), ("jazz",), 1)
    assert (raw.groove, raw.licence, raw.source) == ("stdlib/swing", "GPL", "pattern")
    piece = piece_of(raw)
    assert set(zip(piece.bars["tonic"], piece.bars["mode"], strict=True)) == {(2, 1)}
    assert piece.bars["section"].min() == piece.bars["section"].max() == 2
    assert (piece.bars["root"] == 2).all()


def test_what_nothing_is_told_about_is_left_out() -> None:
    (entry,) = collection("some-bands").entries({"a.mid": band()})
    assert entry.dropped


def test_a_drummer_on_a_made_band_counts_as_played() -> None:
    rng = np.random.default_rng(5)
    hits = [(i * 0.5 + rng.uniform(0, 0.05), 0.1, 38, 60 + i) for i in range(32)]
    tracks = (Track(dance(16), "Chord", 0), Track(hits, "Drum", drums=True))
    raw = _made('{"has_deviation": true, "title": "x"}', midi(*tracks))
    assert raw.has_deviation
    chords = raw.notes[raw.notes["part"] == 0]
    assert (chords["start"] % 960 == 0).all()
    assert [part.performed for part in raw.parts] == [True, True]
    named = _made('{"has_deviation": true, "performed_tracks": ["Drum"]}', midi(*tracks))
    assert [part.performed for part in piece_of(named).parts] == [False, True]
    stiff = _made('{"has_deviation": true, "title": "x"}', band())
    assert not stiff.has_deviation


def test_a_drummer_alone_counts_as_played() -> None:
    raw = _made('{"has_deviation": true, "title": "x"}', drumming())
    assert raw.has_deviation
    assert raw.source == "performed"


# --- scores ---------------------------------------------------------------------------------------


def test_scores_teach_no_timing_and_singers_sing() -> None:
    (raw,) = _read("openscore-lieder")
    assert [part.program for part in raw.parts] == [53, 0]
    assert raw.title == "Schubert: 2 An Air"
    assert {"song", "romantic"} <= set(raw.styles)
    assert (raw.source, raw.has_deviation, raw.has_velocity) == ("score", False, True)


@pytest.mark.parametrize(
    ("names", "programs"),
    [
        (["Canto", "Alto", "Baſso.", "empty"], [52, 52, 52, 52]),
        (["Violino Primo", "Corno 2do", "Baſso"], [40, 60, 43]),
        (["Clainetto Primo", "C. Baſsi", "Fundamento", "Tympano do Es."], [71, 43, 19, 47]),
        (["Śpiew", "Fortepian", "[Piano]"], [52, 0, 0]),
        (["Gonzalo", "Fortepian"], [0, 0]),
    ],
)
def test_staves_play_what_they_are_called(names: list[str], programs: list[int]) -> None:
    raw = RawPiece(np.zeros(0, RAW_NOTE), tuple(RawPart(name, 0, False) for name in names))
    assert [part.program for part in with_named_instruments(raw).parts] == programs


def test_movements_of_one_mass_are_one_group() -> None:
    entries = _entries("nifc-polish")
    assert len({entry.facts["group"] for entry in entries}) == 2
    raw = collection("nifc-polish").read(entries[0])
    assert {"mass", "classical"} <= set(raw.styles)
    assert raw.title == "elsner jozef: missa in c credo"
    assert not raw.has_tempo


def test_editions_of_one_work_are_one_group_and_single_parts_are_left_out() -> None:
    entries = {entry.key.rpartition("/")[2]: entry for entry in _entries("nifc-chopin")}
    one, other = entries["007-1-KI-001.mid"], entries["007-1b-W-001.mid"]
    assert one.facts["group"] == other.facts["group"]
    assert one.facts["group"] != entries["007-1-KI-002.mid"].facts["group"]
    assert entries["003-1-Sm-piano.mid"].dropped
    assert not entries["003-1-Sm.mid"].dropped
    assert "mazurka" in one.facts["styles"]
    assert chopin_work("028_13-24-1a-C-013") == "028-13"


def test_the_index_of_mutopia_names_style_title_and_licence() -> None:
    minuet, small = _read("mutopia")
    assert minuet.title == "BachJS: Minuet in G"
    assert {"minuet", "baroque"} <= set(minuet.styles)
    assert (minuet.licence, small.licence) == ("Public Domain", "CC BY 4.0")
    assert minuet.keys == ((0, 4, 1),)
    assert not minuet.has_tempo
    assert not minuet.has_velocity


def test_chorales_have_four_voices_that_hold_their_notes() -> None:
    train, valid, test = _read("jsb-chorales")
    assert [raw.split for raw in (train, valid, test)] == ["train", "valid", "test"]
    assert [part.name for part in train.parts] == ["soprano", "alto", "tenor", "bass"]
    alto = train.notes[train.notes["part"] == 1]
    assert alto["length"].tolist() == [32 * 240]
    bass = train.notes[train.notes["part"] == 3]
    assert bass["length"].tolist() == [28 * 240]


def test_hymns_are_brought_back_to_the_clock_they_were_written_to() -> None:
    (raw,) = _read("openhymnal")
    assert off_grid_share(raw) == 0
    assert raw.keys == ((0, 7, 1),)
    assert raw.tempos[0][1] == pytest.approx(130, abs=0.1)
    piece = piece_of(raw)
    assert piece.notes["sub"][0] == 72
    loud = piece.notes[piece.notes["velocity"] > 100]
    assert (loud["sub"] == 0).all()


def test_tunes_take_key_and_kind_from_their_headers() -> None:
    jig, reel = _read("folk")
    assert {"jig", "folk"} <= set(jig.styles)
    assert {"reel", "folk"} <= set(reel.styles)
    assert (jig.keys, reel.keys) == (((0, 9, 1),), ((0, 2, 0),))
    assert piece_of(jig).notes["sub"][0] == 60
    assert piece_of(reel).notes["sub"][0] == 0


@pytest.mark.parametrize(
    ("text", "key"),
    [("G", (7, 0)), ("Em", (4, 1)), ("F#dor", (6, 1)), ("A Mixolydian", (9, 0)), ("HP", None)],
)
def test_keys_of_tunes(text: str, key: tuple[int, int] | None) -> None:
    assert key_of(text) == key


# --- bars -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("beats", [3, 4])
def test_a_pickup_is_heard(beats: int) -> None:
    for pickup in (0.0, 1.0):
        notes = dance(16, beats=beats, pickup=pickup)
        raw = read_midi(midi(Track(notes, meta=(meter(beats, 4),))))
        piece = piece_of(with_pickup(raw))
        bass = piece.notes[piece.notes["pitch"] < 48]
        assert (bass["sub"] == 0).all()


def test_a_pickup_after_a_change_of_meter_is_a_short_bar() -> None:
    first, second = dance(16, beats=4), dance(16, beats=3, pickup=1.0)
    notes = first + [(64 + at, length, pitch, v) for at, length, pitch, v in second]
    raw = read_midi(midi(Track(notes, meta=(meter(4, 4), meter(3, 4, 64.0)))))
    bars = piece_of(with_pickup(raw)).bars
    assert bars["length"].tolist() == [96] * 16 + [24] + [72] * 16


def test_a_known_pickup_needs_no_hearing() -> None:
    raw = read_midi(midi(Track(scale(9), meta=(meter(4, 4),))))
    assert with_pickup(raw, 960).notes["start"][0] == 2880
    assert with_pickup(raw, 0).notes["start"][0] == 0
    assert with_pickup(raw, 3840).notes["start"][0] == 0


def test_bars_follow_the_accents_through_a_short_one() -> None:
    first, second = accented(4, pickup=1.0, bars=4), accented(4, pickup=0.0, bars=4)
    notes = first[:-1] + [(16 + at, length, pitch, v) for at, length, pitch, v in second]
    raw = with_accented_bars(read_midi(midi(Track(notes, meta=(meter(4, 4),)))))
    piece = piece_of(raw)
    assert (piece.notes["sub"][piece.notes["velocity"] == 105] == 0).all()
    assert piece.bars["length"].tolist() == [96, 96, 96, 96, 72, 96, 96, 96, 96]


def test_the_pickup_of_a_kern_score_ends_at_its_first_bar_line() -> None:
    assert kern_pickup(KERN) == 960
    assert kern_pickup("**kern\n4c\n") is None


# --- words ----------------------------------------------------------------------------------------


def test_styles_are_words_of_the_vocabulary_told_by_names() -> None:
    assert styles_in("Deux Mazurkas, op. 7")[0] == "mazurka"
    assert styles_in("polonez-ogińskiego", "Walc")[:2] == ("polonaise", "waltz")
    assert styles_in("msza-kyrie") == ("mass",)
    assert styles_in("rock PopBallad")[-2:] == ("rock", "pop")
    assert styles_in("The House Rock", only=("jig",)) == ()
    assert styles_in("Chorzempa") == ()
    assert plain("PieśńPolska_Łódź_2") == "piesnpolska lodz 2"


def test_no_more_than_four_styles_are_kept() -> None:
    found = styles_in("jazz swing latin samba bossa nova funk blues")
    assert len(found) == 4
    assert set(found) <= set(STYLES)


def test_every_collection_has_a_name_an_archive_and_a_licence_of_its_own() -> None:
    assert len({found.name for found in ARCHIVES}) == len(ARCHIVES) == 14
    assert all(found.archive and found.licence and found.credit for found in ARCHIVES)


# --- chords of songs ------------------------------------------------------------------------------


def test_a_song_of_the_billboard_is_sections_of_bars_of_chords() -> None:
    song = billboard.parse(BILLBOARD, "0041")
    assert (song["id"], song["title"], song["artist"]) == ("0041", "A Song", "A Band")
    assert (song["meter"], song["tonic"]) == ("4/4", "G")
    assert [(s["name"], s["letter"], s["meter"], s["tonic"]) for s in song["sections"]] == [
        ("intro", "A", "4/4", "G"), ("verse", "B", "4/4", "G"), ("chorus", "B'", "6/8", "C#"),
    ]  # fmt: skip
    intro, verse, chorus = (section["bars"] for section in song["sections"])
    assert intro == [["G"] * 4, ["Em9", "Em9", "G", "G"], ["C", "C", "D7", "D7"]]
    assert verse == [["G"] * 4, ["C7sus4"] * 2, ["G"] * 4, ["C7sus4"] * 2, [""] * 4]
    assert chorus == [["C#"] * 2, ["G#m7b5", "F#m"]]


def test_chords_of_songs_are_read_by_the_studio_and_by_the_composer() -> None:
    texts = ["C:maj", "Db:min7/b3", "F#:sus4(b7,9)", "B:hdim7", "Abb:7", "E:5", "G:13", "A:maj(9)"]
    for text in texts:
        chord = Chord.parse(billboard.chord_text(text))
        assert chord_named(chord.name())[0] == chord.root
    assert billboard.chord_text("N") == billboard.chord_text("&pause") == ""


def test_meters_in_eighths_have_a_chord_for_each_dotted_beat() -> None:
    text = "# metre: 12/8\n0.1\tA, verse, | C:maj F:maj | C:maj F:maj G:7 |\n"
    (section,) = billboard.parse(text)["sections"]
    assert section["bars"] == [["C", "C", "F", "F"], ["C", "F", "G7", "G7"]]


def test_scores_may_sing_and_play_in_any_tempo() -> None:
    files = {"midi/A/B/c.mid": midi(Track(meta=(tempo(72),)), Track(scale(9)))}
    found = collection("openscore-quartets")
    (entry,) = found.entries(files)
    assert found.read(entry).has_tempo
