"""How fast songs are rendered: `python -m tests.benchmarks.render [--tracks 32] [--seconds 20]`.

Plays a dense song (instruments with a send into a hall, effects on every fourth track, a limiter
on the master) in blocks of 256 frames as the engine does, and bounces it in large ones. Times are
those the processor spent on it, so that other work on the machine counts little.
"""

from __future__ import annotations

import argparse
import gc
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from studio.domain.clip import ClipId, NoteClip
from studio.domain.device import Device, DeviceId, soundfont
from studio.domain.notes import Notes
from studio.domain.project import REVERB_SEND, Project, new_song
from studio.domain.track import Track, TrackId, TrackKind
from studio.media.store import MediaStore
from studio.render.fluid import find_soundfont
from studio.render.mixer import Mixer
from studio.render.offline import render_plan, render_stem, stems_of
from studio.render.plan import Plan, compile_song
from studio.render.transport import Transport

BLOCK = 256
EFFECTS = ("eq", "compressor", "chorus", "delay")


def dense_song(tracks: int, seconds: float) -> Project:
    """Eighth notes in chords on every track, at 120 bpm; every eighth track is a drum kit."""
    project, random = new_song(), np.random.default_rng(1)
    ticks = int(seconds * 1920)
    for index in range(tracks):
        starts = np.repeat(np.arange(0, ticks, 480), 2)
        pitches = random.integers(36, 80, len(starts))
        notes = Notes.of(starts, 450, pitches, velocity=random.integers(50, 110, len(starts)))
        drums = index % 8 == 7
        devices = [soundfont(DeviceId(f"d{100 + index}"), 0 if drums else index * 3 % 112, drums)]
        if index % 4 == 0:
            devices.append(Device(DeviceId(f"d{500 + index}"), EFFECTS[index // 4 % 4]))
        track = Track(
            TrackId(f"t{100 + index}"),
            TrackKind.INSTRUMENT,
            f"Track {index + 1}",
            clips=(NoteClip(ClipId(f"c{900 + index}"), 0, ticks, notes),),
            devices=tuple(devices),
            sends=(REVERB_SEND,),
        )
        project = project.with_new_track(track)
    return project


def play(plan: Plan, seconds: float) -> None:
    started = time.thread_time()
    mixer = Mixer(plan)
    print(f"ready to play after     {time.thread_time() - started:8.2f} s")
    transport, out = Transport(mixer), np.zeros((BLOCK, 2), np.float32)
    transport.play()
    gc.freeze()
    gc.disable()
    spent = np.zeros(int(seconds * plan.sample_rate) // BLOCK)
    for index in range(len(spent)):
        before = time.thread_time()
        transport.process(out)
        spent[index] = time.thread_time() - before
    gc.enable()
    p50, p99, longest = np.percentile(spent, [50, 99, 100]) * 1e3
    share = seconds / spent.sum()
    print(f"a block of {BLOCK} frames    p50 {p50:.2f}, p99 {p99:.2f}, longest {longest:.2f} ms")
    print(f"  it lasts {BLOCK / plan.sample_rate * 1e3:.2f} ms: {share:.1f} x real time")
    _jumps(transport, out)
    _rest(transport, out)
    print(f"memory of this process  {_resident_mb():8.0f} MB")
    mixer.close()


def _jumps(transport: Transport, out: np.ndarray) -> None:
    spent = []
    for turn in range(20):
        transport.seek(turn * 40_001)
        before = time.thread_time()
        transport.process(out)
        spent.append(time.thread_time() - before)
        for _ in range(40):
            transport.process(out)
    p50, longest = np.median(spent) * 1e3, max(spent) * 1e3
    print(f"a block with a seek     p50 {p50:.2f}, longest {longest:.2f} ms")


def _rest(transport: Transport, out: np.ndarray) -> None:
    """What a stopped song costs: while it rings out, and after that."""
    transport.stop()
    second = transport.mixer.sample_rate // BLOCK
    spent = np.zeros(20)
    for index in range(len(spent)):
        before = time.thread_time()
        for _ in range(second):
            transport.process(out)
        spent[index] = time.thread_time() - before
    print(f"stopped                 {spent[0]:8.1%} of a core, {spent[-1]:.2%} after 20 s")


def bounce(plan: Plan) -> None:
    before = time.thread_time()
    frames = sum(len(block) for block in render_plan(plan))
    spent = time.thread_time() - before
    seconds = frames / plan.sample_rate
    print(f"the mix                 {seconds / spent:8.1f} x real time, {seconds:.0f} s long")
    before = time.thread_time()
    stem = stems_of(plan)[0]
    sum(len(block) for block in render_stem(plan, stem, frames=frames))
    print(f"one stem                {seconds / (time.thread_time() - before):8.1f} x real time")


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; {find_soundfont().name}")
    project = dense_song(options.tracks, options.seconds)
    with tempfile.TemporaryDirectory() as folder:
        media = MediaStore(Path(folder) / "media")
        before = time.thread_time()
        plan = compile_song(project, media)
        print(f"compiled in             {(time.thread_time() - before) * 1e3:8.1f} ms")
        changed = project.with_track(replace(project.tracks[0], volume_db=-1.0))
        before = time.thread_time()
        compile_song(changed, media, plan)
        print(f"compiled after a change {(time.thread_time() - before) * 1e3:8.1f} ms")
        play(plan, options.seconds)
        bounce(plan)


if __name__ == "__main__":
    main()
