"""A bank on the disk: what is written, what is known of it, and going on after a stop."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from studio.ai.training.separator.bank import store as storing
from studio.ai.training.separator.bank.__main__ import fill
from studio.ai.training.separator.bank.index import SAMPLE_RATE, hours, load
from studio.ai.training.separator.bank.store import PEAK, Store, coded, levels_db, trimmed
from studio.ai.training.separator.bank.takes import Take, chance, split_of, turn
from studio.core.errors import StudioError
from tests.ai.training.separator.bank.making import Tones, small_bank, take, tone

SILENCE = np.zeros((2, SAMPLE_RATE), np.float32)


@pytest.fixture
def no_codec(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing, "CODED_SHARE", 0.0)


def test_a_bank_is_read_as_it_was_written(tmp_path: Path) -> None:
    bank = small_bank(tmp_path)
    assert len(bank.clips) == 12
    assert {clip.stem for clip in bank.of("test", "vocals")} == {"vocals"}
    assert sorted(bank.songs("train")) == ["songs-0", "songs-1"]
    for clip in bank.clips:
        info = soundfile.info(bank.folder / clip.path)
        assert (info.samplerate, info.channels, info.format) == (44_100, 2, "FLAC")
        assert info.duration == pytest.approx(clip.seconds, abs=1e-3)
        assert clip.active == 1
        assert len(clip.levels_db) == info.frames // SAMPLE_RATE


@pytest.mark.usefixtures("no_codec")
def test_stems_of_a_song_keep_their_balance_and_start_together(tmp_path: Path) -> None:
    gap = np.concatenate([SILENCE, tone(100, 9, level=0.4)], axis=1)
    stems = {"bass": gap, "other": tone(300, 10, level=0.1)}
    clips = Store(tmp_path).add("songs", "0", take(stems))
    bass, other = (soundfile.read(tmp_path / "bank" / clip.path)[0] for clip in clips)
    assert bass.shape == other.shape == (10 * SAMPLE_RATE, 2)
    assert np.abs(bass).max() == pytest.approx(PEAK, abs=1e-3)
    assert np.abs(other).max() == pytest.approx(PEAK / 4, abs=1e-3)
    assert not bass[: SAMPLE_RATE - 100].any()


@pytest.mark.usefixtures("no_codec")
def test_a_lone_stem_loses_its_silent_ends_and_keeps_its_beat(tmp_path: Path) -> None:
    audio = np.concatenate([SILENCE, tone(100, 9), SILENCE], axis=1)
    [clip] = Store(tmp_path).add("drums", "0", take({"drums": audio}, beat_seconds=1.5, bpm=120.0))
    assert clip.seconds == pytest.approx(9, abs=0.02)
    assert clip.beat_seconds == pytest.approx(0.5, abs=0.01)
    assert clip.song is None


def test_what_cannot_be_heard_is_left_out(tmp_path: Path) -> None:
    quiet = tone(100, 9, level=1e-6)
    clips = Store(tmp_path).add("songs", "0", take({"bass": tone(60, 9), "other": quiet}))
    assert [clip.stem for clip in clips] == ["bass"]
    assert Store(tmp_path).add("songs", "1", take({"bass": tone(60, 2)})) == []


def test_a_take_that_came_to_nothing_is_not_tried_again(tmp_path: Path) -> None:
    Store(tmp_path).add("songs", "0", None)
    again = Store(tmp_path)
    assert again.has("songs", "0")
    assert not again.has("songs", "1")
    assert again.clips == []


def test_two_runs_at_once_keep_each_others_takes(tmp_path: Path) -> None:
    first, second = Store(tmp_path), Store(tmp_path)
    first.add("a", "0", take({"bass": tone(60, 9)}))
    second.add("b", "0", take({"bass": tone(70, 9)}))
    first.save()
    second.save()
    assert {clip.source for clip in load(tmp_path).clips} == {"a", "b"}


def test_filling_takes_turns_and_goes_on_after_a_stop(tmp_path: Path) -> None:
    table = [Tones("one", 1.0), Tones("two", 0.5)]
    wanted = 36 / 3600
    some = fill(Store(tmp_path), table, wanted)
    assert [next(some) for _ in range(2)] == ["one-0", "two-0"]
    some.close()
    rest = list(fill(Store(tmp_path), table, wanted))
    assert sorted(rest) == ["one-1", "one-2", "one-3", "two-1"]
    assert list(fill(Store(tmp_path), table, wanted)) == []


def test_no_take_is_made_twice(tmp_path: Path) -> None:
    table = [Tones("one", count=3), Tones("two", count=2)]
    for number in range(2):
        Store(tmp_path).add("one", str(number), take({"other": tone(100, 9)}))
    assert sorted(fill(Store(tmp_path), table, 1.0)) == ["one-2", "two-0", "two-1"]


def test_a_source_that_cannot_be_had_stops_no_other(
    tmp_path: Path, expected_log: Callable[[str], None]
) -> None:
    expected_log("Without gone: It is not here.")

    class Gone(Tones):
        def take(self, key: str) -> Take | None:
            raise StudioError("It is not here.")

    assert list(fill(Store(tmp_path), [Gone("gone"), Tones("one", count=1)], 1.0)) == ["one-0"]


def test_hours_are_counted_by_stem_source_and_split(tmp_path: Path) -> None:
    small_bank(tmp_path)
    table = json.loads((tmp_path / "bank" / "table.json").read_text())
    row = next(
        r for r in table if (r["stem"], r["source"], r["split"]) == ("bass", "songs", "train")
    )
    assert row["files"] == 2
    assert row["hours"] == row["active_hours"] == pytest.approx(24 / 3600, abs=1e-4)
    assert row["licences"] == ["CC0-1.0"]
    assert hours([]) == []


def test_a_table_names_every_licence_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for number, font in enumerate(("A MIT", "B MIT")):
        sounds = {"bass": {font, "C CC0-1.0"}, "other": {"D MIT"}}
        stems = {"bass": tone(60, 9), "other": tone(600, 9)}
        store.add("songs", str(number), take(stems, sounds=sounds))
    table = {row["stem"]: row["licences"] for row in hours(store.clips)}
    assert table["bass"] == ["A MIT", "B MIT", "C CC0-1.0", "CC0-1.0"]
    assert table["other"] == ["CC0-1.0", "D MIT"]


def test_a_missing_or_broken_bank_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="There is no bank"):
        load(tmp_path)
    (tmp_path / "bank").mkdir()
    (tmp_path / "bank" / "index.json").write_text('[{"path": 3}]')
    with pytest.raises(StudioError, match="cannot be read"):
        load(tmp_path)


@pytest.mark.parametrize("codec", ["vorbis", "mp3"])
def test_a_codec_moves_nothing(codec: str) -> None:
    rng = np.random.default_rng(1)
    audio = tone(220, 3) * 0.2
    for at in (0.5, 1.0, 2.2):
        audio[:, int(at * SAMPLE_RATE) :][:, :2000] += rng.normal(0, 0.2, (2, 2000)).astype("f4")
    after = coded(audio, codec, chance("a codec"))
    assert after.shape == audio.shape
    shifts = np.fft.irfft(np.fft.rfft(after[0]) * np.conj(np.fft.rfft(audio[0])))
    assert int(shifts.argmax()) == 0
    assert 0.9 < np.corrcoef(after[0], audio[0])[0, 1] < 1


def test_a_minute_of_noise_goes_through_vorbis() -> None:
    noise = chance("noise").normal(0, 0.1, (2, 60 * SAMPLE_RATE)).astype(np.float32)
    assert coded(noise, "vorbis", chance("a codec")).shape == noise.shape


def test_a_codec_that_fails_leaves_the_sound_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected_log: Callable[[str], None]
) -> None:
    def fail(*_told: object) -> None:
        raise soundfile.LibsndfileError(1)

    monkeypatch.setattr(storing, "CODED_SHARE", 1.0)
    monkeypatch.setattr(storing, "coded", fail)
    expected_log("Without .*: drums of drums-0: ")
    [clip] = Store(tmp_path).add("drums", "0", take({"drums": tone(100, 9)}))
    assert clip.coded is None


def test_levels_are_those_of_each_second() -> None:
    audio = np.concatenate([tone(100, 1, level=1.0), SILENCE, tone(100, 0.5)], axis=1)
    assert levels_db(audio) == (-3, -120)


def test_silence_is_trimmed_to_nothing() -> None:
    found, skipped = trimmed(SILENCE)
    assert found.shape == (2, 0)
    assert skipped == 0


@given(st.text(max_size=20))
def test_a_group_always_belongs_to_the_same_split(group: str) -> None:
    assert split_of(group) == split_of(group)
    assert split_of(group) in ("train", "valid", "test")


def test_some_groups_are_held_out() -> None:
    splits = [split_of(f"group {number}") for number in range(1000)]
    assert 20 < splits.count("test") < 70
    assert 20 < splits.count("valid") < 70


def test_what_is_held_out_comes_early() -> None:
    names = sorted((f"g{n}" for n in range(2000)), key=lambda name: turn(name, name))
    held_out = [split_of(name) != "train" for name in names]
    assert sum(held_out[:500]) > 0.7 * sum(held_out)
    assert not all(held_out[:20])
