"""Figures measure what they say they measure."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ai import registry
from studio.ai.composer.alarms import rung
from studio.ai.composer.measures import of_piece, of_song
from studio.ai.composer.piece import GRID_NOTE, Piece, PiecePart, ordered
from studio.ai.composer.song import piece_of
from studio.ai.composer.vocabulary import SECTIONS, length_class
from studio.ai.requests import take_id
from studio.ai.training import reports
from studio.ai.training.composer.figures import (
    alarmed,
    copying,
    form,
    humanising,
    infilling,
    intervals,
    obedience,
    report,
    songs,
    speed,
    telling,
)
from studio.ai.training.composer.figures.songs import (
    Player,
    Unheard,
    cut,
    excerpt,
    players,
    song_of,
)
from studio.ai.training.composer.shards import write
from studio.core.errors import StudioError
from studio.domain.notes import Notes
from studio.domain.theory import Chord, Key
from tests.ai.composer.pieces import bars, pieces
from tests.ai.nets.toy import band

MELODY, BASS = PiecePart(73, False, "melody"), PiecePart(32, False, "bass")


@pytest.fixture
def sketch(tmp_path: Path) -> Player:
    return Player(registry.card("sketch"), tmp_path / "figures")


def walk(count_: int = 16, seed: int = 0, parts: tuple[PiecePart, ...] = (MELODY, BASS)) -> Piece:
    """Eighth notes of two parts that wander."""
    rng = np.random.default_rng(seed)
    tables = []
    for index in range(len(parts)):
        notes = np.zeros(count_ * 8, GRID_NOTE)
        notes["part"] = index
        notes["bar"], notes["sub"] = np.divmod(np.arange(count_ * 8) * 12, 96)
        notes["pitch"] = 66 - 24 * index + np.cumsum(rng.integers(-2, 3, count_ * 8)) % 12
        notes["length"], notes["velocity"] = length_class(12), 60 + np.arange(count_ * 8) % 5 * 8
        tables.append(notes)
    table = bars(count_)
    table["root"], table["quality"] = 0, 1
    return Piece(table, parts, ordered(np.concatenate(tables), parts))


# --- songs ------------------------------------------------------------------------------------


def test_a_take_is_written_once_and_read_again(sketch: Player) -> None:
    request = sketch.composing("pop", 1, 4)
    first = sketch.fill(request)
    again = Player(sketch.card, sketch.folder)
    assert again.fill(request).result == first.result
    assert again.fill(request).seconds == first.seconds


def test_songs_of_equal_number_are_equal_and_differ_among_each_other(sketch: Player) -> None:
    takes = [take for _, take in songs.composed(sketch, 3)]
    assert [take for _, take in songs.composed(sketch, 3)] == takes
    assert len({take.id for take in takes}) == 3


@settings(max_examples=25)
@given(pieces())
def test_a_piece_comes_back_from_the_song_made_of_it(piece: Piece) -> None:
    part_counts = np.bincount(piece.notes["part"], minlength=len(piece.parts))
    song = song_of(piece)
    again = of_song(song, end=of_piece(piece).end)
    assert [len(voice.start) for voice in again.voices] == part_counts.tolist()
    assert again.bars == of_piece(piece).bars
    assert again.chords == of_piece(piece).chords


def test_an_excerpt_has_one_meter_and_starts_at_its_first_bar() -> None:
    piece = walk(20)
    piece.bars["beats"][5:] = 3
    piece.bars["length"][5:] = 72
    piece.bars["start"][5:] = 480 + 72 * np.arange(15)
    found = excerpt(replace(piece, notes=piece.notes[piece.notes["sub"] < 72]), 8, 3)
    assert found is not None
    assert set(found.bars["beats"].tolist()) == {3}
    assert found.bars["start"][0] == 0
    assert found.notes["bar"].min() == 0
    assert found.notes["bar"].max() == 7
    assert excerpt(piece, 16, 3) is None


def test_a_cut_leaves_silent_parts_out() -> None:
    piece = walk(4)
    quiet = replace(piece, notes=piece.notes[(piece.notes["part"] == 1) | (piece.notes["bar"] < 2)])
    assert cut(quiet, 2, 4).parts == (BASS,)
    assert set(cut(quiet, 2, 4).notes["part"].tolist()) == {0}


@pytest.mark.parametrize(("prompt", "bar"), [("waltz", 2880), ("pop", 3840), ("pop, 6/8", 2880)])
def test_a_song_has_as_many_bars_as_asked_for_in_its_own_meter(
    sketch: Player, prompt: str, bar: int
) -> None:
    assert sketch.composing(prompt, 1, 16).gap.end == 16 * bar


# --- form -------------------------------------------------------------------------------------


@settings(max_examples=25)
@given(pieces())
def test_every_bar_is_like_itself_and_likeness_has_no_direction(piece: Piece) -> None:
    alike = form.likeness(piece)
    np.testing.assert_allclose(np.diag(alike), 1.0)
    np.testing.assert_allclose(alike, alike.T)
    assert ((alike >= 0) & (alike <= 1)).all()


def test_a_section_that_returns_note_for_note_is_told_from_one_that_differs() -> None:
    verse, chorus = walk(4, 1), walk(4, 2)
    names = [SECTIONS.index(name) for name in ("verse", "chorus")]
    notes = [np.copy(part.notes) for part in (verse, chorus, verse)]
    for index, table in enumerate(notes):
        table["bar"] += 4 * index
    table = bars(12)
    table["section"] = np.repeat([names[0], names[1], names[0]], 4)
    found = form.measure_song(Piece(table, verse.parts, np.concatenate(notes)))
    assert found is not None
    assert found["returning"] == found["exact"] == found["last bar"] == 1.0
    assert found["different"] < 0.5
    assert form.measure_song(walk(8)) is None  # no section has a name


# --- infilling --------------------------------------------------------------------------------


def test_contexts_leave_the_gap_alone_and_change_what_is_around_it() -> None:
    piece = walk(12)
    gap = piece.notes[infilling.inside(piece)]
    for context in infilling.CONTEXTS:
        given_ = infilling.with_context(piece, context, 1)
        assert np.array_equal(given_.notes[infilling.inside(given_)], gap)
    shuffled = infilling.with_context(piece, "shuffled", 1).notes
    assert len(shuffled) == len(piece.notes)
    assert not np.array_equal(shuffled, piece.notes)
    assert len(infilling.with_context(piece, "none", 1).notes) == len(gap)


def test_f1_is_whole_for_the_truth_and_nothing_for_other_places() -> None:
    piece = walk(12)
    other = piece.notes.copy()
    other["pitch"] += 1
    moved = replace(piece, notes=other)
    assert infilling.f1(piece, piece, pitched=True) == 1.0
    assert infilling.f1(moved, piece, pitched=False) == 1.0
    assert infilling.f1(moved, piece, pitched=True) == 0.0


def test_bars_that_repeat_are_filled_by_repeating_them() -> None:
    four = walk(4)
    tables = [np.copy(four.notes) for _ in range(3)]
    for index, table in enumerate(tables):
        table["bar"] += 4 * index
    piece = Piece(bars(12), four.parts, np.concatenate(tables))
    blank = replace(piece, notes=piece.notes[~infilling.inside(piece)])
    assert infilling.f1(infilling.repeated(blank, 0), piece, pitched=True) == 1.0


def test_a_model_fills_the_gap_and_nothing_else(sketch: Player) -> None:
    piece = walk(12)
    blank = replace(piece, notes=piece.notes[~infilling.inside(piece)])
    written = infilling.filled_by(sketch)(blank, 1)
    assert infilling.inside(written).any()
    kept = written.notes[~infilling.inside(written)]
    assert np.array_equal(kept["pitch"], blank.notes["pitch"])


# --- obedience --------------------------------------------------------------------------------


def test_requests_are_the_same_for_a_seed() -> None:
    assert list(obedience.demands(30, 1)) == list(obedience.demands(30, 1))
    assert list(obedience.demands(30, 1)) != list(obedience.demands(30, 2))


def test_sketch_obeys_and_a_song_to_another_wish_does_not(sketch: Player) -> None:
    asked = obedience.Asked(
        "waltz at 84 bpm in D minor, 8 bars, no drums, with piano and flute",
        bpm=84,
        key=Key(2, "minor"),
        bars=8,
        instruments=("piano", "flute"),
        without="drums",
    )
    take = sketch.fill(obedience.request_of(sketch, asked, 1))
    assert all(obedience.obeyed(asked, take).values())
    other = obedience.Asked(
        "", 120, Key(5), (4, 4), 12, ("organ", "drums"), chords=(Chord(5),) * 12
    )
    held = obedience.obeyed(other, take)
    assert {name for name, well in held.items() if well} <= {"chords, heard"}


@pytest.mark.parametrize(
    ("programs", "well"), [((24, 0), False), ((24, 27), True), ((26, 25, 0), True)]
)
def test_two_guitars_asked_for_are_two_parts(
    sketch: Player, programs: tuple[int, ...], well: bool
) -> None:
    take = sketch.fill(sketch.composing("pop", 1, 4))
    tune = next(part for part in take.result.parts if not part.drums)
    parts = tuple(replace(tune, program=one, role="chords") for one in programs)
    played = replace(take, result=replace(take.result, parts=parts))
    asked = obedience.Asked("", instruments=("nylon guitar", "electric guitar"))
    assert obedience.obeyed(asked, played) == {"instruments": well}


def test_chords_set_by_hand_are_heard(sketch: Player) -> None:
    asked = next(one for one in obedience.demands(200) if one.chords)
    take = sketch.fill(obedience.request_of(sketch, asked, 1))
    assert all(obedience.obeyed(asked, take).values())


# --- telling apart ----------------------------------------------------------------------------


def test_the_area_is_one_for_order_half_for_ties_and_nothing_for_the_reverse() -> None:
    real = np.array([True, True, False, False])
    assert telling.area(np.array([0.9, 0.8, 0.2, 0.1]), real) == 1.0
    assert telling.area(np.array([0.1, 0.2, 0.8, 0.9]), real) == 0.0
    assert telling.area(np.zeros(4), real) == 0.5
    assert np.isnan(telling.area(np.zeros(2), real[:2]))


def test_plain_differences_are_told_apart_and_equal_music_is_not() -> None:
    mine = [telling.rolls(walk(4, seed)) for seed in range(8)]
    alike = [telling.rolls(walk(4, seed)) for seed in range(100, 108)]
    empty = [one * (np.arange(telling.STEPS) % 12 == 0) for one in alike]

    def areas(others: list[telling.Rolls]) -> list[float]:
        both = np.concatenate([*mine, *others])
        real = np.arange(len(both)) < len(both) // 2
        return telling.told_apart(both, real, np.tile(np.repeat(np.arange(8), 4), 2))

    told, alike_ = areas(empty), areas(alike)
    assert told[0] > 0.9
    assert 0.2 < alike_[0] < 0.8
    assert all(low <= middle <= high for middle, low, high in (told, alike_))


def test_velocity_and_timing_do_not_show_in_a_roll() -> None:
    piece = walk(4)
    played = piece.notes.copy()
    played["velocity"], played["deviation"] = 31, 9
    assert np.array_equal(telling.rolls(piece), telling.rolls(replace(piece, notes=played)))


def test_peoples_bars_are_heard_by_the_way_that_written_ones_come() -> None:
    piece = walk(4)
    assert np.array_equal(telling._heard(piece), telling.rolls(piece))


def test_a_rewritten_piece_keeps_its_setting(sketch: Player) -> None:
    piece = walk(8)
    found = telling.rewritten(sketch, piece, 1)
    assert found is not None
    assert [(part.program, part.drums) for part in found.parts] == [(73, False), (32, False)]
    assert found.bars["beats"].tolist() == piece.bars["beats"].tolist()
    assert not np.array_equal(found.notes["pitch"], piece.notes["pitch"])


# --- copying ----------------------------------------------------------------------------------


def test_a_transposed_copy_is_found_in_full_length() -> None:
    index = copying.Index([walk(16, 5), walk(16, 6)])
    copy = walk(16, 6)
    copy.notes["pitch"] += 5
    found = index.copies(copy)
    assert found.longest == 16 * 8
    assert found.nearest == 1
    assert found.share == pytest.approx(1.0)


def test_music_of_ones_own_shares_no_long_run() -> None:
    index = copying.Index(walk(16, seed) for seed in range(6))
    assert index.copies(walk(16, 99)).longest < 16


def test_a_few_bars_of_a_piece_within_another_are_found() -> None:
    source, song = walk(16, 1, (MELODY,)), walk(16, 2, (MELODY,))
    song.notes["pitch"][32:64] = source.notes["pitch"][64:96]
    found = copying.Index([source]).copies(song)
    assert 32 <= found.longest <= 34  # the steps into and out of the copy may agree by chance
    assert found.share == pytest.approx(found.longest / 128)


def test_repeated_notes_are_no_copy() -> None:
    still = walk(16, 1, (MELODY,))
    still.notes["pitch"] = 60
    assert copying.Index([still]).copies(still).longest == 0


# --- the report -------------------------------------------------------------------------------


@pytest.fixture
def work(tmp_path: Path) -> Path:
    for split in ("train", "test"):
        write(tmp_path / "shards" / split / "walks.npz", [walk(20, seed) for seed in range(24)])
    return tmp_path


def test_a_report_is_written_figure_by_figure_and_kept(work: Path) -> None:
    out, models = work / "report", players(work / "figures", ("sketch",))
    names = ("form", "infilling", "copying", "obedience", "chorales")
    report.write(work, out, models, names, songs=3)
    text, data = (out / reports.REPORT).read_text(), json.loads((out / reports.DATA).read_text())
    assert tuple(data) == (reports.MEASURED, *(n for n in report.FIGURES if n in names))
    assert all(report.FIGURES[name] in text for name in names)
    assert "| likeness of returning sections | " in text.partition("\n## ")[0]  # in short
    assert data["copying"]["of"]["people, held out"]["longest"]["100"] == 128.0
    for image in (out / reports.PLOTS).iterdir():
        assert f"({reports.PLOTS}/{image.name})" in text
    kept = data["copying"]
    report.write(work, out, models, ("form",), songs=2)
    assert json.loads((out / reports.DATA).read_text())["copying"] == kept


FILLED = ("consistency", "infilling", "obedience", "telling", "form", "copying", "humanising")


@pytest.mark.parametrize("name", FILLED)
def test_a_figure_names_beforehand_every_take_that_it_measures(
    name: str, work: Path, sketch: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "EPOCHS", 1)
    monkeypatch.setattr(telling, "RESAMPLES", 2)
    module, number = report._REPORT.module(name), 160 if name == "telling" else 2
    named = {take_id(one) for one in module.requests(work, sketch, number)}
    module.measure(work, [sketch], number)
    assert named == {path.stem for path in (sketch.folder / "takes").glob("*.json")}
    assert named


def test_takes_are_written_by_several_processes(sketch: Player) -> None:
    asked = [request for _, request in songs.compositions(sketch, 3)]
    with songs.writers(2) as fill:
        fill(sketch, asked)()
    written = [sketch.kept(one).read_text() for one in asked]
    takes = [sketch.fill(one) for one in asked]
    assert [sketch.kept(one).read_text() for one in asked] == written
    assert [take.result for take in takes] == [sketch.model().generate(one, Unheard())
                                               for one in asked]  # fmt: skip


def test_a_named_figure_is_out_of_the_report_until_it_is_taken(work: Path) -> None:
    out = work / "report"
    out.mkdir()
    (out / reports.DATA).write_text('{"form": {"of an older kind": 1.0}, "chorales": {}}')
    report.write(work, out, players(work / "figures", ("sketch",)), ("form",), songs=2)
    found = set(json.loads((out / reports.DATA).read_text()))
    assert found == {"form", "chorales", reports.MEASURED}


def test_figures_of_older_models_are_named_and_taken_anew_by_a_call_that_names_none(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "FIGURES", {"form": "Form", "copying": "Memorisation"})
    out, models = work / "report", players(work / "figures", ("sketch",))
    older = [replace(models[0], card=replace(models[0].card, digest="sketch-0"))]
    report.write(work, out, older, ("form", "copying"), songs=1)
    report.write(work, out, models, ("form",), songs=1)
    assert "“Memorisation” is of Sketch sketch-0." in (out / reports.REPORT).read_text()
    said: list[str] = []
    for expected in (["copying"], []):
        report.write(work, out, models, songs=1, say=said.append)
        assert [one.split(":")[0] for one in said] == expected
        said.clear()
    versions = json.loads((out / reports.DATA).read_text())[reports.MEASURED]
    assert versions == {name: {"Sketch": models[0].card.digest} for name in report.FIGURES}


# --- intervals --------------------------------------------------------------------------------


@settings(max_examples=50)
@given(st.lists(st.floats(-50, 50), min_size=2, max_size=60))
def test_a_mean_lies_within_its_interval_and_that_within_the_values(values: list[float]) -> None:
    middle, low, high = intervals.mean(values)
    assert min(values) - 1e-9 <= low <= high <= max(values) + 1e-9
    assert low - 1e-9 <= middle <= high + 1e-9 or np.ptp(values) > 0
    assert intervals.mean(values) == [middle, low, high]


def test_an_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(4)
    found = [intervals.mean(rng.normal(3, 2, 40).tolist()) for _ in range(200)]
    assert 0.88 <= np.mean([low <= 3 <= high for _, low, high in found]) <= 0.99


def test_shares_have_intervals_even_where_all_or_none_are_so() -> None:
    assert intervals.percent(0, 20) == pytest.approx([0.0, 0.0, 16.1], abs=0.1)
    assert intervals.percent(20, 20) == pytest.approx([100.0, 83.9, 100.0], abs=0.1)
    assert np.isnan(intervals.percent(0, 0)).all()


def test_intervals_are_told_in_words() -> None:
    assert intervals.told([0.5, 0.25, 0.75], 2) == "0.50 (0.25 to 0.75)"
    assert intervals.told(intervals.mean([7.0])) == "7.0"
    assert intervals.told(intervals.mean([])) == "–"


def test_an_unknown_figure_is_named(work: Path) -> None:
    with pytest.raises(StudioError, match="no figure “beauty”"):
        report.write(work, work / "report", [], ("beauty",))


def test_pictures_show_songs(work: Path) -> None:
    report.paint(players(work / "figures", ("sketch",)), work / "pictures", 2)
    found = sorted((work / "pictures").iterdir())
    assert len(found) == 2
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in found)


def test_consistency_is_that_of_a_library() -> None:
    from studio.ai.training.composer.figures import consistency

    piece = walk(8, parts=(MELODY,))
    piece.notes["pitch"] = 60 + np.arange(64) % 8 // 2 * 2  # four pitches, all in C major
    entropy, scale, groove = consistency.measures_of(piece)
    assert entropy == pytest.approx(2.0)
    assert scale == pytest.approx(1.0)
    assert groove == pytest.approx(1.0)


def test_speed_counts_notes_of_a_warm_model(sketch: Player) -> None:
    found = speed.timed(sketch)
    assert found["notes_per_second"] > 0
    assert 0 < found["first_bar_seconds"] <= found["slowest_first_bar_seconds"]
    assert found["memory_mb"] > 10


def test_people_are_counted_like_models(work: Path) -> None:
    models = players(work / "figures", ("sketch",))
    named = {take_id(one) for one in alarmed.requests(work, models[0], 2)}
    found = alarmed.measure(work, models, 2)
    assert named == {path.stem for path in (work / "figures" / "takes").glob("*.json")}
    assert found["people"]["songs"] == 10
    assert found["Sketch"]["songs"] == 2
    assert found["Sketch"]["rendered"] == 1
    assert found["Sketch"]["clipped"] == 0
    assert found["people"]["rung"]["empty bars"][0] == 0.0  # there is a note in every bar
    assert found["Sketch"]["heard"]["a flat chorus"] == 2
    assert "Sketch: 2" in alarmed.tell(found)
    assert "– [0]" in alarmed.tell(found)  # people's walks have no sections


def test_a_part_that_was_to_play_and_got_no_note_rings(sketch: Player) -> None:
    take = sketch.fill(sketch.composing("pop", 1, 8))
    assert "a silent part" not in rung(alarmed.heard(take))
    silent = replace(take.result.parts[0], notes=Notes.empty())
    parts = (silent, *take.result.parts[1:])
    mute = replace(take, result=replace(take.result, parts=parts))
    assert "a silent part" in rung(alarmed.heard(mute))


def test_what_is_placed_is_what_is_heard(sketch: Player) -> None:
    take = sketch.fill(sketch.composing("jazz", 2, 8))
    piece = piece_of(songs.project_of(take)).piece
    assert len(piece.notes) == sum(len(part.notes) for part in take.result.parts)


def test_playing_is_held_against_the_players_own() -> None:
    song = song_of(band(3))
    true = humanising.played(song)
    correlation, error = humanising.near(true, true, 0)
    assert correlation == pytest.approx(1.0)
    assert error == 0.0
    level = humanising.played(humanising.flat(song))
    assert level.keys() == true.keys()
    correlation, error = humanising.near(level, true, 0)
    assert correlation == 0.0
    assert error > 0.0
