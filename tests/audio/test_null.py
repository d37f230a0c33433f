"""What the device got is what an offline run makes, bit for bit; the long form is `null_test`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.audio.null_test import Comparison, linear_comparison, say, script_comparison


def _assert_equal(found: Comparison, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        say(f"\n  {found}")
    assert found.peak > 0.05
    assert found.different == 0, str(found)


@pytest.mark.parametrize("block_frames", [256, 1024])
def test_a_transport_script_is_heard_as_it_is_computed_offline(
    block_frames: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _assert_equal(script_comparison(block_frames, tmp_path), capsys)


def test_playing_from_the_start_is_heard_as_it_is_exported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _assert_equal(linear_comparison(256, tmp_path, 100_000), capsys)
