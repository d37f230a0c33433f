"""FluidSynth, made repeatable."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studio.core.errors import StudioError
from studio.render.fluid import SoundFont, Synth, find_soundfont
from tests.render.songs import RATE, SMALL_SOUNDFONT, Samples


def dense(synth: Synth, seed: int, block: int) -> Samples:
    """Two seconds of 800 notes, shape [2, frames]."""
    random = np.random.default_rng(seed)
    steps = 2 * RATE // 64
    begins, pitches = random.integers(0, steps, 800), random.integers(30, 90, 800)
    struck = [(int(b), True, int(p)) for b, p in zip(begins, pitches, strict=True)]
    events = sorted(struck + [(begin + 200, False, pitch) for begin, _, pitch in struck])
    synth.reset()
    out, at = np.zeros((2, steps * 64), np.float32), 0
    for step, on, pitch in [*events, (steps, False, 0)]:
        while at < min(step, steps) * 64:
            frames = min(block, min(step, steps) * 64 - at)
            synth.render(out[:, at : at + frames])
            at += frames
        if on:
            synth.note_on(pitch, 100, cents=float(pitch % 3) * 10)
        else:
            synth.note_off(pitch)
    return out


@pytest.mark.parametrize(("bank", "program"), [(0, 0), (0, 48), (128, 0)])
def test_the_same_calls_give_the_same_samples(bank: int, program: int) -> None:
    """In blocks of any size, with more notes than there are voices, before and after a reset."""
    font = SoundFont(RATE)
    found = []
    for block in (64, 100, 1024):
        synth = font.synth(bank, program)
        found.append([dense(synth, seed, block) for seed in (1, 2)])
    font.close()
    for first, second in found:
        assert np.abs(first).max() > 0.05
        assert np.array_equal(first, found[0][0])
        assert np.array_equal(second, found[0][1])


def test_a_reset_synthesiser_sounds_like_a_fresh_one() -> None:
    """But for the panning of the first 64 frames of each note."""
    font = SoundFont(RATE)
    used, fresh = font.synth(0, 0), font.synth(0, 0)
    dense(used, 1, 64)
    outs = np.zeros((2, 2, 4096), np.float32)
    for synth, out in zip((used, fresh), outs, strict=True):
        synth.reset()
        synth.note_on(60, 100)
        synth.render(out)
    font.close()
    assert np.array_equal(outs[0][:, 64:], outs[1][:, 64:])


def test_a_reset_leaves_nothing_sounding() -> None:
    font = SoundFont(RATE)
    synth = font.synth(0, 48)
    synth.note_on(60, 100)
    out = np.zeros((2, 1000), np.float32)
    synth.render(out)
    synth.control(7, 20)
    assert synth.sounding
    synth.reset()
    synth.render(out)
    assert not out.any()
    assert synth.phase == 1000 % 64
    font.close()


def test_an_instrument_the_soundfont_lacks_falls_back() -> None:
    font = SoundFont(RATE)
    odd = font.synth(128, 127)
    out = np.zeros((2, 4096), np.float32)
    odd.note_on(38, 100)
    odd.render(out)
    assert np.abs(out).max() > 0.01
    font.close()


def test_the_soundfont_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert find_soundfont() == SMALL_SOUNDFONT
    monkeypatch.setenv("TUTTI_SOUNDFONT", str(tmp_path / "none.sf2"))
    with pytest.raises(StudioError, match="is not there"):
        find_soundfont()
    monkeypatch.delenv("TUTTI_SOUNDFONT")
    assert find_soundfont().is_file()


def test_a_file_that_is_no_soundfont_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.sf2").write_bytes(b"not a SoundFont")
    with pytest.raises(StudioError, match="cannot be read"):
        SoundFont(RATE, tmp_path / "x.sf2")
