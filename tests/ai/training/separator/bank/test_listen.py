"""What measuring says of clips whose sound is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studio.ai.training.separator.bank.listen import heard, likeness, main
from studio.ai.training.separator.bank.store import levels_db
from tests.ai.training.separator.bank.making import small_bank, tone


def test_a_low_tone_is_low_mono_and_without_rests() -> None:
    audio = tone(100, 4)
    found = heard(audio, levels_db(audio))
    assert found.low > 0.99
    assert found.centre_hz == pytest.approx(100, abs=5)
    assert (found.side, found.rests) == (0, 0)
    assert found.loud_db == pytest.approx(-13.5, abs=0.6)


def test_sides_that_share_nothing_are_wide() -> None:
    audio = np.stack([tone(1000, 2)[0], tone(1500, 2)[0]])
    assert heard(audio, levels_db(audio)).side == pytest.approx(0.5, abs=0.01)


def test_the_same_sound_in_two_stems_is_noticed() -> None:
    first, second = tone(300, 1), tone(777, 1)
    assert likeness([first, second]) < 0.02
    assert likeness([first, second, first * 0.1]) == pytest.approx(1, abs=1e-3)


def test_a_bank_is_told_by_stem_and_source(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small_bank(tmp_path)
    assert main(["--work", str(tmp_path), "--clips", "2"]) == 0
    told = capsys.readouterr().out
    assert told.count("songs") == 4
    assert "voices" in told
    assert "largest correlation of two stems of 2 songs" in told
