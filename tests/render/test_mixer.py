"""The graph: faders, pans, solo, sends, effects, and what happens when the song changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from studio.domain.clip import ClipId, FadeShape, NoteClip, WarpPoint
from studio.domain.device import Device
from studio.domain.notes import HOLD, Automation, Notes
from studio.domain.project import Project, new_song
from studio.domain.tempo import TempoMap
from studio.domain.track import SILENT_DB, Send, Track, TrackId
from studio.media.store import MediaStore
from studio.render import sources
from studio.render.mixer import Mixer, Segment
from studio.render.plan import Plan, compile_song
from tests.conftest import ExpectedLog
from tests.render.songs import (
    BAR,
    MASTER,
    RATE,
    Samples,
    bus,
    chords,
    compiled,
    device,
    heard,
    keys,
    noise,
    recording,
    song,
    tape,
)

HALL = TrackId("hall")


def constant(media: MediaStore, id: str, value: float = 0.25, **strip: object) -> Track:
    """A second of direct current: what a strip does to it is there to be read off."""
    return tape(id, recording(media, np.full(RATE, value), id=f"c{id}"), **strip)


def level(media: MediaStore, project: Project, frame: int = 4_096) -> list[float]:
    """Left and right of one frame, rounded."""
    return [round(float(value), 5) for value in heard(compiled(project, media), frame + 1)[frame]]


# -- faders and pans -----------------------------------------------------------------------------
def test_a_fader_at_zero_changes_nothing(media: MediaStore) -> None:
    samples = noise(10_000)
    out = heard(compiled(song(tape("t", recording(media, samples))), media), 10_000)
    assert np.array_equal(out, samples)


@pytest.mark.parametrize(
    ("pan", "left", "right"), [(0.0, 1.0, 1.0), (-1.0, 2**0.5, 0.0), (1.0, 0.0, 2**0.5)]
)
def test_a_pan_keeps_the_power(media: MediaStore, pan: float, left: float, right: float) -> None:
    wanted = [round(0.25 * left, 5), round(0.25 * right, 5)]
    assert level(media, song(constant(media, "t", pan=pan))) == wanted


def test_volume_is_in_decibels(media: MediaStore) -> None:
    master = replace(MASTER, volume_db=-6.0)
    out = level(media, song(constant(media, "t", volume_db=-6.0), master))
    assert out[0] == pytest.approx(0.25 * 10 ** (-12 / 20), abs=1e-5)
    assert level(media, song(constant(media, "t", volume_db=SILENT_DB))) == [0.0, 0.0]


def test_a_moved_fader_ramps(media: MediaStore) -> None:
    mixer = Mixer(compiled(song(constant(media, "t")), media))
    out = np.zeros((2_048, 2), np.float32)
    mixer.render(out[:1024], 0)
    mixer.set_parameter(0, "volume", SILENT_DB)
    mixer.render(out[1024:], 1024)
    mixer.close()
    steps = np.diff(out[1000:, 0])
    assert steps.min() == pytest.approx(-0.25 / 512, rel=0.01)
    assert not out[1024 + 512 :].any()
    assert steps.max() <= 0.0


def test_volume_automation_follows_the_song(media: MediaStore) -> None:
    """A straight line in dB, held afterwards; a held point jumps within a step of 64 frames."""
    line = Automation.of("volume", [0, 960], [0.0, -12.0])
    stair = Automation.of("pan", [0, 960], [0.0, 1.0], HOLD)
    project = song(constant(media, "t", automation=(line, stair)))
    out = heard(compiled(project, media), 40_000)
    assert out[12_000, 0] == pytest.approx(0.25 * 10 ** (-6 / 20), rel=1e-3)
    assert out[30_000, 1] == pytest.approx(0.25 * 10 ** (-12 / 20) * 2**0.5, rel=1e-3)
    assert out[24_000 - 64, 0] == pytest.approx(out[24_000 - 64, 1])
    assert out[24_000 + 64, 0] == pytest.approx(0.0, abs=1e-6)


def test_a_hand_on_an_automated_fader_has_its_way(media: MediaStore) -> None:
    line = Automation.of("volume", [0], [-12.0])
    mixer = Mixer(compiled(song(constant(media, "t", automation=(line,))), media))
    out = np.zeros((4_096, 2), np.float32)
    mixer.set_parameter(0, "volume", -3.0)
    mixer.render(out, 0)
    mixer.close()
    assert out[-1, 0] == pytest.approx(0.25 * 10 ** (-3 / 20), rel=1e-4)


# -- mute, solo, sends ---------------------------------------------------------------------------
def test_mute_silences_a_track_and_its_sends(media: MediaStore) -> None:
    sends = (Send(HALL, 0.0), Send(TrackId("other"), 0.0, pre_fader=True))
    muted = constant(media, "t", muted=True, sends=sends)
    project = song(muted, constant(media, "u", 0.1), bus("hall"), bus("other"))
    assert level(media, project) == [0.1, 0.1]


def test_solo_leaves_the_soloed_and_its_sends(media: MediaStore) -> None:
    project = song(
        constant(media, "t", 0.1, soloed=True, sends=(Send(HALL, 0.0),)),
        constant(media, "u", 0.2, sends=(Send(HALL, 0.0),)),
        bus("hall"),
    )
    assert level(media, project) == [0.2, 0.2]  # itself, and its own share of the bus


def test_a_soloed_bus_is_fed_by_every_track(media: MediaStore) -> None:
    project = song(
        constant(media, "t", 0.1, sends=(Send(HALL, 0.0),)),
        constant(media, "u", 0.2, sends=(Send(HALL, 0.0),)),
        bus("hall", soloed=True),
    )
    assert level(media, project) == [0.3, 0.3]


def test_mute_wins_over_solo(media: MediaStore) -> None:
    project = song(constant(media, "t", soloed=True, muted=True), constant(media, "u"))
    assert level(media, project) == [0.0, 0.0]


def test_a_send_before_the_fader_ignores_it(media: MediaStore) -> None:
    for pre_fader, wanted in ((True, 0.25), (False, 0.0)):
        send = Send(HALL, 0.0, pre_fader)
        track = constant(media, "t", volume_db=SILENT_DB, sends=(send,))
        assert level(media, song(track, bus("hall"))) == [wanted, wanted]


def test_buses_feed_later_ones_whatever_their_order_on_screen(media: MediaStore) -> None:
    project = song(
        constant(media, "t", 0.1, volume_db=0.0, sends=(Send(TrackId("b"), 0.0),)),
        bus("a"),
        bus("b", sends=(Send(TrackId("a"), -6.0),)),
    )
    wanted = 0.1 + 0.1 + 0.1 * 10 ** (-6 / 20)
    assert level(media, project)[0] == pytest.approx(wanted, abs=1e-5)


# -- look-ahead ----------------------------------------------------------------------------------
def test_paths_of_different_latency_arrive_together(media: MediaStore) -> None:
    """An impulse by way of limiters of 0, 1 and 2 times 64 frames comes out as one."""
    click = np.zeros(RATE)
    click[5_000] = 0.1
    late = (device("limiter"), Device(device("delayed").id, "plug-in", latency_frames=64))
    project = song(
        tape("t", recording(media, click, id="a"), sends=(Send(HALL, 0.0),)),
        tape("u", recording(media, click, id="b"), devices=late),
        tape("v", recording(media, click, id="c"), devices=late[:1], sends=(Send(HALL, 0.0),)),
        bus("hall", device("limiter")),
        replace(MASTER, devices=(device("limiter"),)),
    )
    plan = compiled(project, media)
    mixer = Mixer(plan)
    assert mixer.latency == 3 * 64
    mixer.close()
    out = heard(plan, 10_000)[:, 0]
    assert np.flatnonzero(np.abs(out) > 1e-7).tolist() == [5_000]
    assert out[5_000] == pytest.approx(0.5, abs=1e-6)


def test_a_bypassed_device_is_as_late_as_before(media: MediaStore) -> None:
    click = np.zeros(RATE)
    click[5_000] = 0.9
    bypassed = replace(device("limiter", ceiling_db=-20.0), bypassed=True)
    project = song(
        tape("t", recording(media, click, id="a"), devices=(bypassed,)),
        tape("u", recording(media, click, id="b"), volume_db=-120.0),
    )
    out = heard(compiled(project, media), 10_000)[:, 0]
    assert np.flatnonzero(out).tolist() == [5_000]
    assert out[5_000] == np.float32(0.9)


# -- audio clips ---------------------------------------------------------------------------------
def test_a_recording_of_another_rate_keeps_its_pitch_and_place(media: MediaStore) -> None:
    tone = np.sin(2 * np.pi * 441.0 * np.arange(44_100) / 44_100) * 0.5
    clip = recording(media, tone, start=960, rate=44_100)
    out = heard(compiled(song(tape("t", clip)), media), 2 * RATE)[:, 0]
    frames = np.arange(RATE)
    wanted = np.sin(2 * np.pi * 441.0 * frames / RATE) * 0.5
    assert not out[: 24_000 - 1].any()
    assert np.abs(out[24_000 : 24_000 + RATE] - wanted)[200:-200].max() < 1e-4


def test_fades_keep_the_power_half_way(media: MediaStore) -> None:
    clip = replace(
        recording(media, np.full(RATE, 0.5)), fade_in_frames=4_800, fade_out_frames=9_600
    )
    out = heard(compiled(song(tape("t", clip)), media), RATE)[:, 0]
    assert out[2_400] == pytest.approx(0.5 * 0.5**0.5, rel=1e-3)
    assert out[RATE - 4_800] == pytest.approx(0.5 * 0.5**0.5, rel=1e-3)
    assert out[20_000] == 0.5
    assert abs(out[0]) < 1e-3
    assert abs(out[-1]) < 1e-3


def test_overlapping_clips_cross_fade(media: MediaStore) -> None:
    """Two unlike sounds: where one lies over the other, the power stays what each has alone."""
    first = recording(media, noise(RATE, 1), id="a")
    second = recording(media, noise(RATE, 2), start=960, id="b")
    out = heard(compiled(song(tape("t", first, second)), media), 72_000)
    middle = out[30_000:42_000]
    assert np.sqrt((middle**2).mean()) == pytest.approx(0.2, rel=0.02)
    assert np.array_equal(out[:24_000], noise(RATE, 1)[:24_000])
    assert np.array_equal(out[48_000:], noise(RATE, 2)[24_000:])


def test_a_clip_inside_another_takes_its_place(media: MediaStore) -> None:
    long = recording(media, np.full(RATE, 0.1), id="a")
    short = recording(media, np.full(4_800, 0.3), start=960, id="b")
    out = heard(compiled(song(tape("t", long, short)), media), RATE)[:, 0]
    assert out[26_000] == np.float32(0.3)
    assert out[20_000] == out[40_000] == np.float32(0.1)
    assert np.abs(np.diff(out)).max() < 0.01


def test_clips_cross_fade_whichever_lies_above(media: MediaStore) -> None:
    first, second = noise(RATE, 1), noise(RATE, 2)
    clips = recording(media, second, start=960, id="b"), recording(media, first, id="a")
    plan = compiled(song(tape("t", *clips)), media)
    out = heard(plan, 72_000)
    assert np.array_equal(out, heard(plan, 72_000, block=8192))
    assert np.array_equal(out[:24_000], first[:24_000])
    assert np.array_equal(out[48_000:], second[24_000:])
    assert np.sqrt((out[30_000:42_000] ** 2).mean()) == pytest.approx(0.2, rel=0.02)


@pytest.mark.parametrize("start", [0, 960])
@pytest.mark.parametrize("end", [96_000, 120_000])
def test_a_clip_over_all_of_another_hides_it(media: MediaStore, start: int, end: int) -> None:
    hidden = recording(media, noise(72_000, 1), start=960, id="a")  # ends at 96,000
    above = recording(media, noise(end - start * 25, 2), start=start, id="b")
    out = heard(compiled(song(tape("t", hidden, above)), media), 96_000)
    assert np.array_equal(out[start * 25 :], noise(end - start * 25, 2)[: 96_000 - start * 25])


def test_a_clip_over_the_head_of_another_begins_as_it_was_recorded(media: MediaStore) -> None:
    long = recording(media, noise(RATE, 1), id="a")
    short = recording(media, noise(4_800, 2), id="b")
    out = heard(compiled(song(tape("t", long, short)), media), RATE)
    assert np.array_equal(out[:4_000], noise(4_800, 2)[:4_000])
    assert np.array_equal(out[4_800:], noise(RATE, 1)[4_800:])


def test_a_recording_that_is_gone_by_now_is_silent(
    media: MediaStore, expected_log: ExpectedLog
) -> None:
    expected_log("is not heard")
    here, gone = recording(media, noise(4_800, 1)), recording(media, noise(4_800, 2), id="b")
    plan = compiled(song(tape("t", here), tape("u", gone)), media)
    media.conformed(gone.source, RATE).unlink()
    assert np.array_equal(heard(plan, 4_800), noise(4_800, 1))


def test_clip_gain_offset_and_mute(media: MediaStore) -> None:
    ramp = recording(media, np.linspace(0.0, 1.0, RATE))
    clip = replace(ramp, offset_frames=24_000, length_frames=10_000, gain_db=-20.0)
    out = heard(compiled(song(tape("t", clip)), media), 20_000)[:, 0]
    assert out[100] == pytest.approx((24_100 / (RATE - 1)) * 0.1, rel=1e-4)
    assert not out[10_000:].any()
    silent = song(tape("t", replace(clip, muted=True)))
    assert not heard(compiled(silent, media), 20_000).any()


@pytest.mark.parametrize("change", [90.0, 140.0])
def test_a_warped_recording_follows_the_tempo(media: MediaStore, change: float) -> None:
    """A burst on each beat at 120 bpm lands on each beat of a song whose tempo changes."""
    sound = np.zeros(8 * 24_000, np.float32)
    for index in range(8):
        sound[index * 24_000 + 48 : index * 24_000 + 1_248] = noise(1_200, index, 0.3)[:, 0]
    points = (WarpPoint(0, 0), WarpPoint(8 * 24_000, 8 * 960))
    clip = replace(recording(media, sound, start=960), warp=points)
    tempo = TempoMap.constant(90.0).with_tempo(5 * 960, change)
    project = song(tape("t", clip), tempo=tempo)
    beats = tempo.frames((np.arange(9) + 1) * 960, RATE)
    out = np.abs(heard(compiled(project, media), int(beats[-1]))).max(axis=1)
    for beat_frame in beats[:-1]:
        onset = int(np.argmax(out[beat_frame - 480 : beat_frame + 8_000] > 0.1)) - 480
        assert abs(onset - 60) < 480  # 10 ms


# -- notes ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("tick", [0, 1, 7, 481, 960, 1913])
def test_a_note_begins_at_its_frame_on_the_grid(media: MediaStore, tick: int) -> None:
    tempo = TempoMap.constant(117.3)
    plan = compiled(song(keys("d", Notes.of([tick], [240], [37]), drums=True), tempo=tempo), media)
    out = np.abs(heard(plan, 3 * RATE)).max(axis=1)
    onset = -(-tempo.frame(tick, RATE) // 64) * 64
    assert not out[:onset].any()
    assert out[onset : onset + 8].any()


def test_muted_and_clipped_notes(media: MediaStore) -> None:
    notes = Notes.of([0, 960], [BAR * 8, 240], [60, 72], muted=[False, True])
    out = np.abs(heard(compiled(song(keys("k", notes, program=19)), media), 14 * RATE)).max(axis=1)
    assert out[4 * RATE : 8 * RATE].min() > 0.0  # an organ holds
    assert not out[-RATE:].any()  # and ends with the clip, at 8 s


def strongest(out: Samples, low: float, high: float) -> float:
    """The frequency in Hz of the strongest partial between two others."""
    size = 1 << 19
    spectrum = np.abs(np.fft.rfft(out[:, 0] * np.hanning(len(out)), size))
    first = int(low * size / RATE)
    return (first + int(spectrum[first : int(high * size / RATE)].argmax())) * RATE / size


def cents_between(one: float, other: float) -> float:
    return float(1200 * np.log2(other / one))


def test_a_detuned_note_leaves_the_others_alone(media: MediaStore) -> None:
    def both(cents: float) -> Samples:
        notes = Notes.of([0, 0], [BAR, BAR], [60, 69], cents=[0.0, cents])
        return heard(compiled(song(keys("k", notes, program=19)), media), 2 * RATE)

    plain, tuned = both(0.0), both(40.0)
    assert strongest(plain, 250, 275) == strongest(tuned, 250, 275)
    moved = cents_between(strongest(plain, 430, 470), strongest(tuned, 430, 470))
    assert moved == pytest.approx(40.0, abs=1.0)


def test_a_long_note_is_taken_up_where_playing_begins(media: MediaStore) -> None:
    held = Notes.of([0], [4 * BAR], [60])
    organ = heard(compiled(song(keys("k", held, program=19)), media), RATE, start=2 * RATE)
    assert np.abs(organ).max() > 0.005
    drum = heard(compiled(song(keys("d", held, drums=True)), media), RATE, start=2 * RATE)
    assert not drum.any()


def with_controller(track: Track, lane: Automation) -> Track:
    clip = track.clips[0]
    assert isinstance(clip, NoteClip)
    return replace(track, clips=(replace(clip, controllers=(lane,)),))


def test_controllers_are_as_if_playing_had_come_there(media: MediaStore) -> None:
    """With volume 0 from bar 2 on, nothing is heard from there, wherever playing begins."""
    track = keys("k", Notes.of(np.arange(16) * 960, 900, 60), program=19)
    quiet = Automation.of("cc7", [0, BAR], [100.0, 0.0], HOLD)
    track = with_controller(track, quiet)
    plan = compiled(song(track), media)
    assert np.abs(heard(plan, RATE)).max() > 0.005
    assert np.abs(heard(plan, RATE, start=3 * RATE)[4_000:]).max() < 1e-5


def test_pitch_bend_is_in_semitones(media: MediaStore) -> None:
    plain = keys("k", Notes.of([0], [2 * BAR], [69]), program=19)
    up = Automation.of("bend", [0], [2.0])
    bent = with_controller(plain, up)
    outs = [heard(compiled(song(track), media), 2 * RATE) for track in (plain, bent)]
    moved = cents_between(strongest(outs[0], 400, 600), strongest(outs[1], 400, 600))
    assert moved == pytest.approx(200.0, abs=1.5)


# -- another plan --------------------------------------------------------------------------------
def swapped(media: MediaStore, before: Project, after: Project, at: int, frames: int) -> Samples:
    first = compiled(before, media)
    mixer = Mixer(first)
    out = np.zeros((frames, 2), np.float32)
    for start in range(0, at, 1024):
        mixer.render(out[start : start + 1024], start)
    mixer.swap(mixer.prepare(compiled(after, media, first)))
    for start in range(at, frames, 1024):
        mixer.render(out[start : start + 1024], start)
    mixer.close()
    return out


def test_a_change_elsewhere_is_not_heard(media: MediaStore) -> None:
    kept = keys("k", chords(), sends=(Send(HALL, -6.0),))
    hall = bus("hall", device("reverb"))
    before = song(kept, tape("t"), hall)
    after = song(kept, tape("t", recording(media, noise(100), start=40 * BAR)), hall)
    frames = 96 * 1024
    assert np.array_equal(
        swapped(media, before, after, 40 * 1024, frames), heard(compiled(before, media), frames)
    )


def test_notes_that_stay_sound_on_and_notes_that_go_end(media: MediaStore) -> None:
    both = Notes.of([0, 0], [4 * BAR, 4 * BAR], [48, 72])
    before, after = song(keys("k", both, program=19)), song(keys("k", both.where([0]), program=19))
    frames = 96 * 1024
    out = swapped(media, before, after, 40 * 1024, frames)
    alone = heard(compiled(after, media), frames)
    assert np.array_equal(out[: 40 * 1024], heard(compiled(before, media), 40 * 1024))
    assert np.allclose(out[-1024:], alone[-1024:], atol=2e-4)


def test_a_controller_taken_away_is_at_rest_again(media: MediaStore) -> None:
    plain = keys("k", Notes.of([0], [4 * BAR], [60]), program=19)
    quiet = with_controller(plain, Automation.of("cc7", [0], [0.0]))
    out = np.abs(swapped(media, song(quiet), song(plain), 40 * 1024, 60 * 1024)).max(axis=1)
    assert out[30 * 1024 : 40 * 1024].max() < 1e-5
    assert out[-4096:].max() > 0.01


def test_a_removed_track_does_not_click(media: MediaStore) -> None:
    project = song(constant(media, "t"), constant(media, "u", 0.1))
    after = project.without_track(TrackId("t"))
    out = swapped(media, project, after, 8 * 1024, 16 * 1024)[:, 0]
    assert out[-1] == np.float32(0.1)
    assert np.abs(np.diff(out)).max() < 0.01


def test_changed_audio_cross_fades(media: MediaStore) -> None:
    before, after = song(constant(media, "t")), song(constant(media, "t", -0.25))
    out = swapped(media, before, after, 8 * 1024, 16 * 1024)[:, 0]
    assert out[-1] == np.float32(-0.25)
    assert np.abs(np.diff(out)).max() < 0.01


def test_audio_that_stays_is_not_touched_when_other_clips_change(media: MediaStore) -> None:
    first = recording(media, noise(RATE), id="a")
    before = song(tape("t", first))
    after = song(tape("t", first, recording(media, noise(100, 2), start=BAR, id="b")))
    out = swapped(media, before, after, 8 * 1024, 16 * 1024)
    assert np.array_equal(out, noise(RATE)[: 16 * 1024])


def test_effects_come_and_go_without_a_click(media: MediaStore) -> None:
    plain = constant(media, "t")
    driven = replace(plain, devices=(device("saturation", drive_db=20.0),))
    for before, after in ((plain, driven), (driven, plain)):
        out = swapped(media, song(before), song(after), 8 * 1024, 16 * 1024)[:, 0]
        assert np.abs(np.diff(out)).max() < 0.01
        assert abs(out[-1] - out[0]) > 0.1


def test_a_swap_starts_what_a_new_track_is_playing(media: MediaStore) -> None:
    before, after = song(constant(media, "t")), song(constant(media, "t"), constant(media, "u"))
    out = swapped(media, before, after, 8 * 1024, 16 * 1024)[:, 0]
    assert out[-1] == np.float32(0.5)


def test_a_soloed_master_silences_nothing(media: MediaStore) -> None:
    soloed = replace(MASTER, soloed=True)
    assert level(media, song(constant(media, "t"), soloed)) == [0.25, 0.25]


# -- by hand -------------------------------------------------------------------------------------
def test_a_note_can_be_heard_while_nothing_plays(media: MediaStore) -> None:
    plan = compiled(song(keys("k", Notes.empty(), program=19), bus("hall")), media)
    mixer = Mixer(plan)
    out = np.zeros((4_096, 2), np.float32)
    mixer.audition(0, 60, 100, 24_000)
    mixer.audition(1, 60, 100, 24_000)  # a bus makes no sound
    mixer.run(out, _resting(4_096))
    assert np.abs(out).max() > 0.01
    for _ in range(40):
        mixer.run(out, _resting(4_096))
    assert not out.any()
    mixer.close()


def test_a_note_that_is_heard_beside_the_song_does_not_end_the_songs(media: MediaStore) -> None:
    plan = compiled(song(keys("k", Notes.of([0], 3840, [60]), program=19)), media)
    mixer = Mixer(plan)
    out = np.zeros((48_000, 2), np.float32)
    mixer.reset(0)
    mixer.audition(0, 60, 100, 4_800)
    for at in range(0, 48_000, 4_800):
        mixer.render(out[at : at + 4_800], at)
    assert np.abs(out[40_000:]).max() > 0.01
    mixer.close()


def _resting(frames: int) -> list[Segment]:
    return [Segment(frames, 0, rest=True)]


def test_meters_tell_peak_and_rms(media: MediaStore) -> None:
    tone = np.sin(2 * np.pi * 480 * np.arange(RATE) / RATE) * 0.5
    mixer = Mixer(compiled(song(tape("t", recording(media, tone), pan=-1.0)), media))
    levels = np.zeros((2, 4), np.float32)
    mixer.render(np.zeros((4_800 // 64 * 64, 2), np.float32), 0)
    mixer.take_levels(levels)
    full = 0.5 * 2**0.5
    assert levels[0] == pytest.approx([full, 0.0, full / 2**0.5, 0.0], rel=0.01)
    assert levels[1] == pytest.approx(levels[0])
    mixer.take_levels(levels)
    assert not levels.any()
    mixer.close()


# -- as a whole ----------------------------------------------------------------------------------
def test_a_dense_song_stays_below_full_scale(media: MediaStore) -> None:
    """Twelve tracks of loud chords, with the faders and the master a song starts with."""
    project = new_song()
    for index in range(12):
        starts = np.repeat(np.arange(0, 4 * BAR, 480), 4)
        pitches = np.tile([48, 60, 64, 67], len(starts) // 4)
        notes = Notes.of(starts, 470, pitches, velocity=110)
        project = project.with_new_track(
            keys(
                f"k{index}",
                notes,
                program=index * 9,
                drums=index == 11,
                sends=(Send(TrackId("t1"), -14.0),),
            )
        )
    out = heard(compiled(project, media), 4 * RATE)
    assert np.isfinite(out).all()
    assert 0.1 < np.abs(out).max() <= 10 ** (-1.0 / 20) + 1e-6


def test_reading_ahead_asks_for_the_pages_to_come(
    media: MediaStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And for none beyond the recording."""
    asked: list[tuple[int, int, int]] = []

    def note(samples: np.memmap, first: int, frames: int) -> None:
        mapped = samples._mmap  # type: ignore[attr-defined]
        asked.append((len(mapped) // 8, first, frames))
        will_need(samples, first, frames)

    will_need = sources._will_need
    monkeypatch.setattr(sources, "_will_need", note)
    clip = recording(media, noise(RATE), start=960)
    mixer = Mixer(compiled(song(tape("t", clip), keys("k", chords())), media))
    for start in (0, 24_000, 40_000, 24_000 + RATE - 10, 10 * RATE):
        mixer.read_ahead(start, RATE)
    mixer.close()
    assert asked == [(RATE, first, RATE) for first in (0, 0, 16_000, RATE - 10)]


@pytest.mark.parametrize("rate", [44_100, 88_200, 96_000])
def test_songs_play_at_every_rate(media: MediaStore, rate: int) -> None:
    """A second of a recording takes a second, a beat a beat, and the longest hall fits."""
    hall = device("reverb", predelay_ms=120.0, decay_seconds=10.0)
    tone = tape("t", recording(media, np.full(RATE, 0.25)))
    drum = keys("d", Notes.of([1920], [240], [37]), drums=True, sends=(Send(HALL, -6.0),))
    silent = replace(tone, clips=())
    out = heard(compiled(song(tone, rate=rate), media), 2 * rate)[:, 0]
    assert abs(int(np.flatnonzero(np.abs(out) > 0.1)[-1]) - rate) < 10
    out = np.abs(heard(compiled(song(silent, drum, bus("hall", hall), rate=rate), media), 2 * rate))
    assert int(np.flatnonzero(out.max(axis=1))[0]) == pytest.approx(rate, abs=136)
    assert np.isfinite(out).all()


def test_a_song_of_silence_is_silent(media: MediaStore) -> None:
    out = heard(compiled(new_song(), media), RATE)
    assert not out.any()


@pytest.mark.parametrize(("shape", "half"), [("linear", 0.5), ("smooth", 0.5), ("slow", 0.25)])
def test_fades_have_the_shape_that_was_chosen(
    media: MediaStore, shape: FadeShape, half: float
) -> None:
    clip = replace(
        recording(media, np.full(RATE, 0.5)), fade_in_frames=4_800, fade_out_frames=9_600,
        fade_shape=FadeShape(shape),
    )  # fmt: skip
    out = heard(compiled(song(tape("t", clip)), media), RATE)[:, 0]
    assert out[2_400] == pytest.approx(0.5 * half, rel=2e-3)
    assert out[RATE - 4_800] == pytest.approx(0.5 * half, rel=2e-3)


@pytest.mark.parametrize("shape", [FadeShape.LINEAR, FadeShape.SMOOTH])
def test_one_sound_cross_fades_into_itself_without_a_trace(
    media: MediaStore, shape: FadeShape
) -> None:
    """The same recording cut in two parts that overlap, as after a split that was drawn out."""
    whole = replace(recording(media, noise(RATE, 1)), fade_shape=shape)
    first = replace(whole, id=ClipId("ca"), length_frames=36_000)
    second = replace(whole, id=ClipId("cb"), start=960, offset_frames=24_000,
                     length_frames=24_000)  # fmt: skip
    out = heard(compiled(song(tape("t", first, second)), media), RATE)
    assert np.abs(out - noise(RATE, 1)).max() < 1e-6


def test_a_line_that_is_drawn_anew_takes_the_fader_from_the_hand(media: MediaStore) -> None:
    def plan_of(db: float, before: Plan | None = None) -> Plan:
        line = Automation.of("volume", [0], [db])
        return compile_song(song(constant(media, "t", automation=(line,))), media, before)

    plan = plan_of(-12.0)
    mixer = Mixer(plan)
    mixer.set_parameter(0, "volume", -3.0)
    mixer.swap(mixer.prepare(plan_of(-6.0, plan)))
    out = np.zeros((4_096, 2), np.float32)
    mixer.render(out, 0)
    mixer.close()
    assert out[-1, 0] == pytest.approx(0.25 * 10 ** (-6 / 20), rel=1e-4)
