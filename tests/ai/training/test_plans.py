"""Learning forms and chords for the plan, by the recipe's own command."""

from __future__ import annotations

import argparse
import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest

from studio.ai.composer import plans
from studio.ai.composer.piece import BAR_DTYPE, GRID_NOTE, Piece, PiecePart
from studio.ai.composer.progressions import Asked, Bar, loop_bars
from studio.ai.composer.vocabulary import QUALITIES
from studio.ai.training.composer import plans as recipe
from studio.ai.training.composer.collections.billboard import parse
from studio.ai.training.composer.plan_figures import habits
from studio.ai.training.composer.plans import distinct, is_minor, sheet_stretches, stretches, tenth
from studio.ai.training.composer.progressions import Stretch, learnt, nats
from studio.ai.training.composer.shards import write
from studio.core import paths
from studio.core.errors import StudioError

SONG = """# title: {title}
# artist: Somebody
# metre: 4/4
# tonic: {tonic}

0.0\tA, intro, | {one}:maj7 | {four}:maj | {one}:maj7 | {four}:maj |
4.0\tB, verse, | N | {one}:maj7 | {four}:maj | {five}:7 | x2
9.0\tC, chorus, | {four}:maj {five}:7 | {one}:maj | {four}:maj {five}:7 | {one}:maj | x2
16.0\tB, verse, | N | {one}:maj7 | {four}:maj | {five}:7 | x2
20.0\tC, chorus, | {four}:maj {five}:7 | {one}:maj | {four}:maj {five}:7 | {one}:maj | x2
30.0\tend
"""
SONGS = 14
KEYS = (("C", "F", "G"), ("D", "G", "A"), ("Bb", "Eb", "F"))


def song(number: int) -> str:
    one, four, five = KEYS[number % 3]
    return SONG.format(title=f"Ballad {number}", tonic=one, one=one, four=four, five=five)


def archive(data: Path, songs: int) -> None:
    folder = data / "symbolic"
    folder.mkdir(parents=True)
    with tarfile.open(folder / "mcgill-billboard-chords_CC0.tar.xz", "w:xz") as made:
        for number in range(songs):
            content = song(number).encode()
            info = tarfile.TarInfo(f"mcgill/salami_chords/{number:04}.txt")
            info.size = len(content)
            made.addfile(info, io.BytesIO(content))


def sheet(title: str, bars: int = 20) -> Piece:
    """A lead sheet in F whose first bar has no chord."""
    table = np.zeros(bars, BAR_DTYPE)
    table["length"], table["beats"], table["unit"] = 96, 4, 4
    table["start"], table["tonic"] = 96 * np.arange(bars), 5
    table["root"] = np.array([5, 10, 0, 5] * bars)[:bars, None]
    table["quality"] = QUALITIES.index("7")
    table["root"][0] = -1
    return Piece(table, (PiecePart(0, False, "melody"),), np.zeros(0, GRID_NOTE), title=title)


def learn(data: Path, work: Path, out: Path) -> Path:
    """Run the recipe's command."""
    parser = argparse.ArgumentParser()
    recipe.add_arguments(parser)
    words = ["--data", data, "--work", work, "--out", out, "--seeds", "1"]
    recipe.run(parser.parse_args([str(word) for word in words]))
    return out


def held(*names: str) -> tuple[Bar, ...]:
    return tuple((name,) * 4 for name in names)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plans")
    archive(folder / "data", SONGS)
    write(folder / "work" / "pieces" / "openewld.npz", [sheet(f"Tune {i}") for i in range(6)])
    return learn(folder / "data", folder / "work", folder / "plans.json")


def test_the_recipe_writes_what_the_composer_reads(made: Path) -> None:
    told = json.loads(made.read_text())
    assert "CC0" in told["licence"]
    figures = told["figures"]
    assert figures["songs learnt from"] + figures["songs held out"] == SONGS
    assert figures["songs held out"] == sum(tenth(f"Ballad {i}") < 1 for i in range(SONGS)) > 0
    assert figures["nats a bar, a chord"][0] < figures["nats a bar, a chord, by Sketch"][0]
    found = plans.read(made)
    drawn = found.books["songs"].drawn(Asked("chorus", False, 8), np.random.default_rng(1))
    assert {name for bar in drawn for name in bar} == {"I", "IV", "V"}
    assert found.forms.over["chorus"]["own"] == figures["songs learnt from"]
    assert set(found.palettes[2]["major V"]) == {"7"}


def test_the_shipped_plans_are_small_and_free() -> None:
    path = paths.resource(*plans.PLANS.parts)
    told = json.loads(path.read_text(encoding="utf-8"))
    assert path.stat().st_size <= 300_000
    assert told["licence"].startswith("CC0")
    ours, sketchs = (
        told["figures"][f"nats a bar, a chord{whose}"] for whose in ("", ", by Sketch")
    )
    assert ours[0] < sketchs[0]


def test_a_missing_archive_is_told(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="mcgill-billboard-chords"):
        learn(tmp_path, tmp_path, tmp_path / "plans.json")


def test_sections_are_read_as_numerals_from_their_first_chord_on() -> None:
    found = list(stretches(parse(song(2))))
    assert [s.section for s in found] == ["intro", "verse", "chorus"]
    assert found[0].bars == held("I", "IV", "I", "IV")
    assert found[1].bars[:3] == held("I", "IV", "V")
    assert found[2].bars[0] == ("IV", "IV", "V", "V")


def test_a_song_counts_once_and_its_mode_is_its_tonics() -> None:
    twice = [parse(song(0), "a"), parse(song(0), "b"), parse(song(1), "c")]
    assert [one["id"] for one in distinct(twice)] == ["a", "c"]
    assert not is_minor(twice[0])
    assert is_minor(parse(song(0).replace("C:maj7", "C:min7").replace("C:maj", "C:min")))


def test_lead_sheets_are_learnt_sixteen_bars_at_a_time() -> None:
    found = list(sheet_stretches(sheet("Tune")))
    assert [len(one.bars) for one in found] == [16, 3][: len(found)]
    assert found[0].bars[:4] == held("IV", "V", "I", "I")


def test_a_repertoire_of_loops_is_learnt_as_one() -> None:
    loops = [held("I", "V", "vi", "IV") * 2, held("vi", "IV", "I", "V") * 2]
    book = learnt([Stretch("", "verse", False, bars) for bars in loops * 8], rounds=2)
    drawn = [book.drawn(Asked("verse", False, 8), np.random.default_rng(i)) for i in range(20)]
    assert sum(loop_bars(bars) == 4 for bars in drawn) > 10
    usual = nats(book, [Stretch("", "verse", False, loops[0])])
    odd = nats(book, [Stretch("", "verse", False, held(*["I", "vi"] * 4))])
    assert usual[0] < odd[0]


def test_habits_are_shares_of_whole_sections() -> None:
    found = habits([held("I", "V", "vi", "IV") * 2, held("I", "V") * 4, held("I", "V")])
    assert found["sections"] == 2
    assert (found["loop of 2"], found["loop of 4"]) == (0.5, 0.5)
    assert found["cadence"] == 0.5
    assert found["chords a bar"] == 1.0
