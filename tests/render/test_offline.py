"""Bounces and stems."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from studio.core.errors import Cancelled
from studio.domain.notes import Notes
from studio.domain.track import Send, TrackId
from studio.media.store import MediaStore
from studio.render.offline import render_plan, render_song, render_stem, stems_of
from studio.render.plan import Plan
from tests.render.songs import (
    BAR,
    MASTER,
    RATE,
    Samples,
    beat,
    bus,
    chords,
    compiled,
    device,
    difficult,
    keys,
    noise,
    recording,
    song,
    tape,
)

HALL, GLUE = TrackId("hall"), TrackId("glue")


def joined(blocks: Iterable[Samples]) -> Samples:
    return np.concatenate(list(blocks))


def error_db(plan: Plan) -> float:
    """How far the sum of all stems is from the mix before the master, at worst, in dBFS."""
    mix = joined(render_plan(plan, premaster=True))
    total = np.zeros(mix.shape)
    for stem in stems_of(plan):
        part = joined(render_stem(plan, stem, frames=len(mix)))
        assert part.shape == mix.shape
        total += part
    assert np.abs(mix).max() > 0.1
    return float(20 * np.log10(np.abs(total - mix).max() + 1e-15))


def test_stems_sum_to_the_mix_before_the_master(media: MediaStore) -> None:
    assert error_db(compiled(difficult(media), media)) < -120.0


def test_stems_sum_where_buses_feed_buses_and_tracks_are_muted(media: MediaStore) -> None:
    project = song(
        keys("k", chords(), pan=0.4, sends=(Send(HALL, -6.0), Send(TrackId("echo"), -9.0, True))),
        keys("d", beat(), drums=True, muted=True, sends=(Send(HALL, 0.0),)),
        tape("t", recording(media, noise(RATE)), devices=(device("compressor", ratio=8.0),)),
        bus("hall", device("reverb", wet=1.0), volume_db=-3.0),
        bus("echo", device("delay", wet=1.0), device("eq", low_db=-6.0), sends=(Send(HALL, -3.0),)),
    )
    assert error_db(compiled(project, media)) < -120.0


def test_a_bus_that_is_not_linear_has_a_stem_of_its_own(media: MediaStore) -> None:
    project = song(
        keys("k", chords(), sends=(Send(GLUE, 0.0), Send(HALL, -6.0))),
        keys("d", beat(), drums=True, sends=(Send(GLUE, 0.0),)),
        bus("hall", device("reverb", wet=1.0)),
        bus("glue", device("compressor", threshold_db=-40.0, ratio=10.0)),
    )
    plan = compiled(project, media)
    assert [stem.track for stem in stems_of(plan)] == ["k", "d", "glue"]
    assert error_db(plan) < -120.0


def test_a_bounce_rings_out_and_ends(media: MediaStore) -> None:
    dry = compiled(song(tape("t", recording(media, noise(RATE)))), media)
    wet = compiled(
        song(
            tape("t", recording(media, noise(RATE)), sends=(Send(HALL, 0.0),)),
            bus("hall", device("reverb", wet=1.0, decay_seconds=2.0)),
        ),
        media,
    )
    short, long = joined(render_plan(dry)), joined(render_plan(wet))
    assert RATE + RATE // 2 <= len(short) < RATE * 2
    assert 2 * RATE < len(long) < 5 * RATE
    assert np.abs(long[-RATE // 4 :]).max() < 10 ** (-90 / 20)
    assert len(joined(render_plan(wet, tail_seconds=0.5))) == RATE + RATE // 2


def test_a_range_begins_and_ends_to_the_frame(media: MediaStore) -> None:
    samples = noise(2 * RATE)
    plan = compiled(song(tape("t", recording(media, samples))), media)
    out = joined(render_plan(plan, start=10_001, end=30_003, tail_seconds=0.0))
    assert len(out) == 20_002
    assert np.array_equal(out[240:], samples[10_241:30_003])


def test_notes_are_let_go_at_the_end_of_a_range(media: MediaStore) -> None:
    plan = compiled(song(keys("k", Notes.of([0], [4 * BAR], [60]), program=19)), media)
    out = joined(render_plan(plan, end=RATE))
    assert np.abs(out[: RATE - 100]).max() > 0.005
    assert len(out) < 4 * RATE


def test_blocks_change_no_sample(media: MediaStore) -> None:
    project = difficult(media)
    wanted = joined(render_song(project, media, block_frames=8192, tail_seconds=1.0))
    assert np.array_equal(
        joined(render_song(project, media, block_frames=320, tail_seconds=1.0)), wanted
    )


def test_blocks_may_be_longer_than_the_mixers_own(media: MediaStore) -> None:
    plan = compiled(difficult(media), media)
    stem = stems_of(plan)[2]  # behind a limiter, which looks ahead
    wanted, found = (
        np.concatenate(list(render_stem(plan, stem, frames=60_000, block_frames=block)))
        for block in (4096, 32768)
    )
    assert np.array_equal(wanted, found)


def test_progress_rises_to_one_and_can_cancel(media: MediaStore) -> None:
    project = song(tape("t", recording(media, noise(RATE))))
    seen: list[float] = []
    joined(render_song(project, media, progress=seen.append))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0

    def stop(fraction: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        joined(render_song(project, media, progress=stop))


def test_the_masters_fader_is_not_in_the_stems(media: MediaStore) -> None:
    project = song(constant := tape("t", recording(media, np.full(RATE, 0.25))))
    quiet = song(constant, replace(MASTER, volume_db=-40.0, devices=(device("limiter"),)))
    for case in (project, quiet):
        plan = compiled(case, media)
        (stem,) = stems_of(plan)
        out = joined(render_stem(plan, stem, frames=RATE))
        assert np.all(out == 0.25)


def test_an_empty_song_gives_silence(media: MediaStore) -> None:
    out = joined(render_song(song(), media))
    assert len(out) > 0
    assert not out.any()
