"""Figures of the separator: what they compare, and that the report tells it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from studio.ai.nets import separating, separator_weights
from studio.ai.requests import STEMS
from studio.ai.training.separator.figures import joins, references, report
from studio.ai.training.separator.figures.nearness import bss_db
from studio.ai.training.separator.figures.splitters import (
    CEILING,
    NETWORK,
    HarmonicPercussive,
    Ideal,
    Masks,
    splitters,
    whole,
)
from studio.ai.training.separator.measures import sdr_db, si_sdr_db
from studio.ai.training.separator.songs import Song, Sound
from studio.core.errors import StudioError
from tests.ai.nets.splitter import SMALL, network
from tests.ai.training.separator.small import bank, sounds


@pytest.fixture(scope="module")
def song() -> Song:
    return Song("plain", sounds(5, 4))


def _sdr(song: Song, found: Sound, stem: str) -> float:
    place = STEMS.index(stem)
    return sdr_db(song.stems[place], found[place])


def test_plain_methods_find_what_they_are_for(song: Song) -> None:
    nothing, percussive = whole(song), HarmonicPercussive()(song)
    assert _sdr(song, percussive, "drums") > _sdr(song, nothing, "drums") + 3
    masks = Masks()(song)
    assert _sdr(song, masks, "bass") > _sdr(song, nothing, "bass") + 3
    for found in (percussive, masks):
        assert np.abs(found.sum(0) - song.mix).max() < 1e-5


def test_the_ceiling_is_above_all(song: Song) -> None:
    ideal, masks = Ideal()(song), Masks()(song)
    assert all(_sdr(song, ideal, stem) > _sdr(song, masks, stem) for stem in STEMS)
    assert min(_sdr(song, ideal, stem) for stem in STEMS) > 8


def test_a_filtered_stem_is_right_for_bss_eval_and_wrong_for_others() -> None:
    rng = np.random.default_rng(0)
    sound = rng.standard_normal((2, 44100)).astype(np.float32)
    late = np.roll(sound, 20, 1)
    assert si_sdr_db(sound, late) < 0
    assert bss_db(sound, late) > 20
    noisy = sound + 0.1 * rng.standard_normal(sound.shape).astype(np.float32)
    assert bss_db(sound, noisy) == pytest.approx(20, abs=0.5)


def test_the_report_holds_every_method_on_held_out_songs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(references, "FRETS_SECONDS", (0, 2))
    monkeypatch.setattr(joins, "SECONDS", 5)
    monkeypatch.setattr(separating, "CORE_SECONDS", 1.0)
    bank(tmp_path, songs=1)
    guitar = tmp_path / "real" / "a song" / "guitar.ogg"
    guitar.parent.mkdir(parents=True)
    for name, sound in (("guitar.ogg", sounds(1, 3)[3]), ("song.ogg", sounds(2, 3)[0])):
        soundfile.write(guitar.with_name(name), sound.T, 44100)
    weights = tmp_path / "weights"
    separator_weights.write(weights, SMALL, network().state_dict(), {})
    found = splitters(weights, tmp_path / "real")
    assert {NETWORK, CEILING, "harmonic and percussive", "plain masks"} <= set(found)
    chosen = {name: found[name] for name in (NETWORK, CEILING, "plain masks")}
    out = tmp_path / "out"
    report.write(tmp_path, out, chosen, ["nearness", "confidence", "joins"], 1)
    data = json.loads((out / "report.json").read_text())
    (told,) = data["nearness"]["recorded"].values()
    assert set(told) == set(chosen)
    assert told[CEILING]["drums"].keys() == {"sdr", "bss", "si_sdr"}
    assert data["nearness"]["guitars"]["a song"]["plain masks"].keys() == {"guitar", "rest"}
    (sure,) = data["confidence"]["recorded"].values()
    assert all(0 <= sure[stem]["confidence"] <= 1 for stem in STEMS)
    assert sure["bass"]["sdr"] == pytest.approx(told[NETWORK]["bass"]["sdr"], abs=0.01)
    joined = data["joins"][NETWORK]
    assert joined["null"] <= -120
    assert joined["off"] <= -110
    assert len(joined["joins"]) == len(joined["clicks"]) == 5
    assert max(map(abs, joined["clicks"])) < 0.1
    text = (out / "report.md").read_text()
    assert "| ideal ratio mask | drums | 1 |" in text
    assert "Songs of Frets on Fire" in text
    assert (out / "plots" / "nearness.svg").exists()
    report.write(tmp_path, out, {CEILING: Ideal()}, ["nearness", "joins"], 1)
    assert json.loads((out / "report.json").read_text()) == data
    with pytest.raises(StudioError, match="no figure"):
        report.write(tmp_path, out, chosen, ["loudness"])
