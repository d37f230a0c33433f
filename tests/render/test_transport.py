"""The stream: equal scripts give equal samples, whatever the blocks."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.domain.notes import Notes
from studio.domain.tempo import TempoMap
from studio.media.store import MediaStore
from studio.render.mixer import Mixer
from studio.render.offline import render_plan
from studio.render.transport import Transport
from tests.render.songs import (
    RATE,
    SMALL_SOUNDFONT,
    Samples,
    beat,
    chords,
    compiled,
    device,
    difficult,
    heard,
    keys,
    noise,
    recording,
    song,
    streamed,
    tape,
)


def everything(transport: Transport) -> None:
    """Play, loop, seek, move faders, stop, strike a note, play again."""
    transport.set_metronome(True, at=0)
    transport.play(at=0)
    transport.set_loop(10_001, 60_003, at=0)
    transport.set_parameter(0, "volume", -9.0, at=30_000)
    transport.set_parameter(1, "mute", 1.0, at=35_555)
    transport.set_parameter(1, "mute", 0.0, at=65_000)
    transport.set_parameter(3, "xreverb:decay_seconds", 0.7, at=70_000)
    transport.set_loop(0, None, at=100_000)
    transport.seek(150_001, at=120_000)
    transport.set_parameter(2, "solo", 1.0, at=130_000)
    transport.stop(at=150_000)
    transport.audition(0, 72, 100, 6_000, at=155_000)
    transport.play(at=170_000, count_in_bars=1)


@pytest.fixture(scope="module")
def in_steps_of_192(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    """The script in blocks of 192 frames, in a store of its own."""
    media = MediaStore(tmp_path_factory.mktemp("media"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TUTTI_SOUNDFONT", str(SMALL_SOUNDFONT))
        return streamed(compiled(difficult(media), media), 290_000, [192], everything)


@pytest.mark.parametrize("blocks", [[64], [100], [256], [441], [1024], [8192], [64, 1000, 7, 300]])
def test_a_script_gives_the_same_samples_at_any_block_size(
    media: MediaStore, blocks: list[int], in_steps_of_192: Samples
) -> None:
    out = streamed(compiled(difficult(media), media), 290_000, blocks, everything)
    assert np.abs(out).max() > 0.05
    assert np.array_equal(out, in_steps_of_192)


def naps(transport: Transport) -> None:
    """Play from a frame that is no step's border, rest until all sleeps, and wake again."""
    transport.seek(100, at=0)
    transport.play(at=0)
    transport.stop(at=30_000)
    transport.audition(0, 72, 100, 6_000, at=550_000)
    transport.play(at=552_000, count_in_bars=1)
    transport.stop(at=680_000)


def test_sleep_and_waking_are_the_same_at_any_block_size(media: MediaStore) -> None:
    project = difficult(media)
    shimmering = replace(project.tracks[0], devices=(*project.tracks[0].devices, device("chorus")))
    plan = compiled(project.with_track(shimmering), media)
    wanted, *others = (streamed(plan, 700_000, blocks, naps) for blocks in ([64], [441], [8192]))
    assert not wanted[500_000:550_000].any()  # the hall's tail would take longer to end
    assert np.abs(wanted[550_000:552_000]).max() > 0.01
    for found in others:
        assert np.array_equal(found[:700_000], wanted[:700_000])


def order(name: str, **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A transport's method and what to call it with."""
    return st.tuples(st.just(name), st.fixed_dictionaries(arguments))


tracks = st.integers(0, 4)
orders = st.one_of(
    order("play", count_in_bars=st.integers(0, 1)),
    order("stop"),
    order("seek", frame=st.integers(0, 150_000)),
    order("set_loop", start=st.integers(0, 50_000), end=st.none() | st.integers(51_000, 70_000)),
    order("set_metronome", on=st.booleans()),
    order("set_parameter", track=tracks, which=st.just("volume"), value=st.floats(-60, 6)),
    order("set_parameter", track=tracks, which=st.just("solo"), value=st.sampled_from([0.0, 1.0])),
    order(
        "audition",
        track=tracks,
        pitch=st.integers(30, 90),
        velocity=st.just(90),
        frames=st.integers(1, 9_000),
    ),
)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    script=st.lists(st.tuples(st.integers(0, 60_000), orders), max_size=8),
    blocks=st.lists(st.integers(40, 2_000), min_size=1, max_size=3),
)
def test_any_script_gives_the_same_samples_at_any_block_size(
    media: MediaStore, script: list[tuple[int, tuple[str, dict[str, Any]]]], blocks: list[int]
) -> None:
    def run(transport: Transport) -> None:
        transport.play(at=0)
        for at, (name, arguments) in script:
            getattr(transport, name)(**arguments, at=at)

    plan = compiled(difficult(media), media)
    wanted, found = (streamed(plan, 70_000, sizes, run)[:70_000] for sizes in ([192], blocks))
    assert np.array_equal(wanted, found)


def test_playing_from_the_start_is_the_bounce(media: MediaStore) -> None:
    plan = compiled(difficult(media), media)
    bounce = np.concatenate(list(render_plan(plan)))
    late = Mixer(plan).latency
    played = streamed(plan, len(bounce) + late, [441], lambda transport: transport.play(at=0))
    assert np.array_equal(played[late:], bounce)


def test_a_loop_repeats_itself_to_the_sample(media: MediaStore) -> None:
    """Once what rang on from before has faded, each time round is the same."""
    start, end = 5_003, 5_003 + 23_339  # not divisible by 64
    plan = compiled(song(tape("t", recording(media, noise(60_000)))), media)

    def loop(transport: Transport) -> None:
        transport.set_loop(start, end, at=0)
        transport.seek(start, at=0)
        transport.play(at=0)

    out = streamed(plan, 4 * (end - start), [256], loop)
    rounds = out.reshape(4, end - start, 2)
    assert np.array_equal(rounds[1], rounds[2])
    assert np.array_equal(rounds[2], rounds[3])
    source = noise(60_000)[start:end]
    assert np.allclose(rounds[2][300:], source[300:], atol=1e-6)  # after the 5 ms cross-fade


def test_a_loop_wraps_exactly_at_its_end(media: MediaStore) -> None:
    ramp = np.linspace(0.1, 0.9, 48_000, dtype=np.float32)
    plan = compiled(song(tape("t", recording(media, ramp))), media)

    def loop(transport: Transport) -> None:
        transport.set_loop(1_000, 20_500, at=0)
        transport.play(at=0)

    out = streamed(plan, 30_000, [256], loop)[:, 0]
    assert np.allclose(out[10_000:20_500], ramp[10_000:20_500], atol=1e-6)
    assert np.allclose(out[20_500 + 240 : 28_000], ramp[1_240 : 1_000 + 7_500], atol=1e-6)
    assert np.abs(np.diff(out[20_490:20_760])).max() < 0.02  # no click


def test_a_note_at_the_loops_start_sounds_each_time_round(media: MediaStore) -> None:
    plan = compiled(song(keys("d", Notes.of([480], [240], [38]), drums=True)), media)
    start = plan.tempo.frame(480, RATE)

    def loop(transport: Transport) -> None:
        transport.set_loop(start, start + 24_001, at=0)
        transport.seek(start, at=0)
        transport.play(at=0)

    out = np.abs(streamed(plan, 4 * 24_001, [256], loop)).max(axis=1)
    for turn in range(4):
        assert out[turn * 24_001 : turn * 24_001 + 2_000].max() > 0.02


def test_a_seek_while_playing_does_not_click(media: MediaStore) -> None:
    tone = np.sin(2 * np.pi * 110 * np.arange(RATE * 2) / RATE).astype(np.float32) * 0.5
    plan = compiled(song(tape("t", recording(media, tone))), media)

    def seek(transport: Transport) -> None:
        transport.play(at=0)
        transport.seek(60_133, at=20_000)
        transport.stop(at=40_000)

    out = streamed(plan, 48_000, [256], seek)[:, 0]
    assert np.abs(np.diff(out)).max() < 0.02  # the tone itself moves 0.007 a frame
    assert not out[41_000:].any()


def test_seeking_into_the_song_is_the_bounce_from_there(media: MediaStore) -> None:
    plan = compiled(song(keys("k", chords()), keys("d", beat(), drums=True)), media)

    def seek(transport: Transport) -> None:
        transport.seek(70_007, at=0)
        transport.play(at=0)

    assert np.array_equal(streamed(plan, 60_000, [100], seek), heard(plan, 60_000, start=70_007))


def test_stopping_lets_notes_ring_out(media: MediaStore) -> None:
    plan = compiled(song(keys("k", chords(), program=48)), media)

    def stop(transport: Transport) -> None:
        transport.play(at=0)
        transport.stop(at=24_000)

    out = np.abs(streamed(plan, 200_000, [256], stop)).max(axis=1)
    assert out[24_100:26_000].max() > 1e-3
    assert not out[-1000:].any()


def test_the_metronome_clicks_on_the_beats_and_accents_bars(media: MediaStore) -> None:
    tempo = TempoMap.constant(100.0, 3, 4).with_tempo(3 * 960, 150.0)
    plan = compiled(song(keys("k", Notes.empty()), tempo=tempo), media)

    def click(transport: Transport) -> None:
        transport.set_metronome(True, at=0)
        transport.play(at=0)

    out = streamed(plan, 6 * RATE, [256], click)[:, 0]
    beats = [int(frame) for frame in tempo.frames(np.arange(9) * 960, RATE)]
    for index, beat_frame in enumerate(beats):
        before = out[beat_frame - 64 : beat_frame] if beat_frame else np.zeros(1)
        assert not before.any()
        click_ = out[beat_frame : beat_frame + 1900]
        assert click_[0] > 0.3
        hz = np.abs(np.fft.rfft(click_, 1 << 15)).argmax() * RATE / (1 << 15)
        assert hz == pytest.approx(1600 if index % 3 == 0 else 1000, rel=0.05)


def test_a_count_in_clicks_before_the_song_begins(media: MediaStore) -> None:
    plan = compiled(song(tape("t", recording(media, np.full(RATE, 0.25)))), media)
    out = streamed(plan, 4 * RATE, [100], lambda transport: transport.play(at=0, count_in_bars=1))[
        :, 0
    ]
    clicks = [index for index in range(4) if out[index * 24_000] > 0.3]
    assert clicks == [0, 1, 2, 3]
    assert not out[3 * 24_000 + 2_000 : 4 * 24_000].any()
    assert out[4 * 24_000 + 10] == 0.25


def test_commands_come_at_the_next_step_of_64_frames(media: MediaStore) -> None:
    plan = compiled(song(tape("t", recording(media, np.full(RATE, 0.25)))), media)
    out = streamed(plan, 4_096, [300], lambda transport: transport.play(at=1_000))[:, 0]
    assert np.flatnonzero(out)[0] == 1_024


def test_another_tempo_keeps_the_tick(media: MediaStore) -> None:
    fast = song(keys("k", chords()))
    slow = replace(fast, tempo=TempoMap.constant(60.0))
    before = compiled(fast, media)
    mixer = Mixer(before)
    transport = Transport(mixer)
    transport.play(at=0)
    transport.process(np.zeros((RATE, 2), np.float32))
    tick = before.tempo.tick_of_frame(transport.frame, RATE)
    transport.set_plan(mixer.prepare(compiled(slow, media, before)))
    transport.process(np.zeros((64, 2), np.float32))
    after = slow.tempo.tick_of_frame(transport.frame - 64, RATE)
    assert abs(after - tick) <= 1
    mixer.close()


def test_the_clock_and_the_position_are_told(media: MediaStore) -> None:
    mixer = Mixer(compiled(song(keys("k", chords())), media))
    transport = Transport(mixer)
    transport.process(np.zeros((100, 2), np.float32))
    assert (transport.clock, transport.playing, transport.frame) == (100, False, 0)
    transport.seek(5_000)
    transport.play()
    transport.process(np.zeros((100, 2), np.float32))
    assert transport.playing
    assert transport.frame == 5_000 + 100 - 28  # 28 frames of the step before were left over
    mixer.close()


def test_a_loop_too_short_to_hear_is_refused(media: MediaStore) -> None:
    mixer = Mixer(compiled(song(), media))
    with pytest.raises(ValueError, match="256 frames"):
        Transport(mixer).set_loop(0, 100)
    mixer.close()


def test_plans_are_made_on_one_thread_while_another_plays(media: MediaStore) -> None:
    """Tracks come, go and change instrument under a running stream; it stays sound."""
    project = song(keys("k", chords()), keys("d", beat(), drums=True))
    plan = compiled(project, media)
    mixer = Mixer(plan, 1024)
    transport, done = Transport(mixer), threading.Event()
    transport.set_loop(0, 2 * RATE)
    transport.play()
    loudest: list[float] = []

    def stream() -> None:
        out = np.zeros((256, 2), np.float32)
        while not done.is_set():
            transport.process(out)
            loudest.append(float(np.abs(out).max()))

    thread = threading.Thread(target=stream)
    thread.start()
    try:
        for turn in range(30):
            added = keys(f"n{turn % 3}", chords(), program=turn * 4)
            tracks = [track for track in project.tracks[:-1] if track.id != added.id]
            project = song(*tracks[-3:], *([added] if turn % 4 else []))
            plan = compiled(project, media, plan)
            transport.set_plan(mixer.prepare(plan))
            while mixer.plan is not plan and thread.is_alive():
                time.sleep(0.001)
    finally:
        done.set()
        thread.join()
    mixer.close()
    assert np.isfinite(loudest).all()
    assert 0.01 < max(loudest) < 4.0
    assert mixer.plan is plan
