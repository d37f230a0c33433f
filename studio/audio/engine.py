"""The engine process: opens the audio device and keeps the renderer fed beside its callback.

The callback belongs to `Player`. Everything slow happens on this process's main thread, the butler:
it loads plans, touches the pages that will be heard, and looks after the device. The process ends
when its standard input does, so it never outlives the window.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import gc
import json
import logging
import os
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.audio import device as devices
from studio.audio import midi_input
from studio.audio.device import Block, Device, Fill
from studio.audio.listening import Listening
from studio.audio.player import RECENT_FRAMES, Player, Running
from studio.audio.process import DEVICES_FILE, INPUTS_FILE
from studio.audio.shared import Shared
from studio.core import log, paths
from studio.core.errors import StudioError
from studio.dsp.loudness import ProgrammeMeter, ShortTermMeter
from studio.render.graph import Graph
from studio.render.mixer import Mixer
from studio.render.plan import Plan, load_plan
from studio.render.transport import Transport

_LOG = logging.getLogger(__name__)

_AHEAD_SECONDS = 3
_ROUND_SECONDS = 0.1  # each round may hold up the callback for a moment, so they are few
_SWAP_SECONDS = 0.005
_LOOK_SECONDS = 0.5  # between looks at the device and the load
_GROW_AFTER = 4  # dropouts within _GROW_SECONDS
_GROW_SECONDS = 10.0
_LARGEST_BLOCK = 2048
_SWITCH_SECONDS = 0.0005  # the callback waits at most so long for the interpreter


def main(argv: Sequence[str]) -> int:
    """Run an engine, or with `--list FILE` write which outputs there are; returns the status."""
    words = _arguments().parse_args(argv)
    if words.list is not None:
        _write_devices(words.list, midi_input.ports())
        return 0
    log.start(paths.logs(), "engine")
    sys.excepthook = _end_at_once
    threading.excepthook = lambda failure: _end_at_once(
        failure.exc_type, failure.exc_value, failure.exc_traceback
    )
    _raise_priority()
    engine = Engine(words.shared, words.device, words.rate, words.block)
    engine.run()
    sys.stderr.flush()
    os._exit(0)  # PortAudio may wait for ever on a device that is gone


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="studio --engine")
    parser.add_argument("--list", type=Path)
    parser.add_argument("--shared", type=Path)
    parser.add_argument("--device", default="")
    parser.add_argument("--rate", type=int, default=48000)
    parser.add_argument("--block", type=int, default=256)
    return parser


class Engine:
    """The process, from opening the device to the end of its standard input.

    Args:
        shared: The client's mapped file; plans lie in `plans/` beside it.
        device: Part of a device's name, or empty for the usual one.
        sample_rate: The song's, Hz.
        block_frames: Frames a block; doubled where the device keeps missing blocks.
    """

    def __init__(self, shared: Path, device: str, sample_rate: int, block_frames: int) -> None:
        self._folder = shared.parent
        self._shared = Shared(shared)
        self._wake = threading.Event()
        self._player = Player(self._shared, sample_rate, self._wake.set)
        self._name, self._rate, self._block = device, sample_rate, block_frames
        self._version = 0
        self._sentence = ""
        self._plan: Plan | None = None
        self._loudness = ShortTermMeter(sample_rate)
        self._programme = ProgrammeMeter(sample_rate)
        self._played = False  # the song ran when its loudness was taken in last
        self._measured = 0  # frames whose loudness was taken in
        self._tracks: dict[str, Any] = {}  # what `load_plan` knows from one plan to the next
        self._ended = threading.Event()
        self._warmed: Mixer | None = None  # whose piano is decoded
        self._looked = time.monotonic()
        self._losses: list[tuple[float, int]] = []  # (when, the player's dropouts) of late
        self._devices = 0  # opened so far
        self._gone: list[Device] = []  # kept: letting go of one that is gone may never return
        self._listening = Listening(
            self._folder, self._shared, self._player, sample_rate, self._reopen
        )
        self._device = self._open(device)
        _write_devices(self._folder / DEVICES_FILE)

    def run(self) -> None:
        """Serve until standard input ends."""
        threading.Thread(target=self._await_end, name="life", daemon=True).start()
        sys.setswitchinterval(_SWITCH_SECONDS)
        gc.collect()
        gc.freeze()
        gc.disable()
        while not self._ended.is_set():
            self.turn()
        self.close()

    def turn(self) -> None:
        """What the butler does again and again: all that waits, or else what may be wanted next."""
        self._wake.wait(_SWAP_SECONDS if self._is_behind() else _ROUND_SECONDS)
        self._wake.clear()
        self._load_plan()
        self._measure()
        self._read_ahead()
        self._listening.look()
        if time.monotonic() - self._looked > _LOOK_SECONDS:
            self._looked = time.monotonic()
            self._look()
        self._warm_up()

    def close(self) -> None:
        """Let what is recorded become whole, and let go of the device."""
        self._listening.close()
        self._device.close()

    def _await_end(self) -> None:
        while os.read(0, 4096):
            pass
        self._ended.set()
        self._wake.set()

    # -- plans ---------------------------------------------------------------------------------
    def _is_behind(self) -> bool:
        return self._player.wanted_version != self._version

    def _load_plan(self) -> None:
        """Make the plan asked for last ready, and offer it to the player."""
        if not self._is_behind() or self._is_swapping():
            return
        version = self._version = self._player.wanted_version
        try:
            song = self._prepare(self._folder / "plans" / str(version))
            self._shared.message = self._sentence
        except StudioError as error:
            _LOG.warning("Plan %d cannot be played: %s", version, error)
            self._shared.message = str(error)
            song = None
        self._player.offer(song, version)

    def _is_swapping(self) -> bool:
        """What was prepared last is not played yet; the next is made from it."""
        transport = self._player.transport
        swapped = transport is None or transport.mixer.plan is self._plan
        return self._player.is_offered or not swapped

    def _prepare(self, path: Path) -> Transport | Graph:
        transport = self._player.transport
        plan = load_plan(path, self._plan, self._tracks)
        song = Transport(Mixer(plan)) if transport is None else transport.mixer.prepare(plan)
        self._plan = plan
        return song

    def _read_ahead(self) -> None:
        """Have the recordings of the next seconds in memory before they are played."""
        transport = self._player.transport
        if transport is None:
            return
        for start in (transport.frame, *(transport.loop or ())[:1]):
            transport.mixer.read_ahead(start, _AHEAD_SECONDS * self._rate)

    @property
    def is_warm(self) -> bool:
        """The piano is decoded, so that a song that begins with it does not wait."""
        transport = self._player.transport
        return transport is not None and transport.mixer is self._warmed

    def _warm_up(self) -> None:
        """Decode the piano, which takes a second, while nothing waits for this thread."""
        transport, player = self._player.transport, self._player
        if transport is None or self.is_warm or transport.playing or transport.counting_in:
            return
        behind = self._is_behind() or self._is_swapping()
        if behind or player.recording or self._wake.is_set() or self._ended.is_set():
            return
        self._warmed = transport.mixer
        try:
            transport.mixer.keep_piano()
        except StudioError as error:  # no SoundFont: said when one is wanted
            _LOG.info("The piano is not decoded ahead: %s", error)

    # -- loudness ------------------------------------------------------------------------------
    def _measure(self) -> None:
        """Weigh what was made since the last time, a tenth of a second or more."""
        made = self._player.stream_frame
        if made - self._measured < self._rate // 10:
            return
        start = max(self._measured, made - RECENT_FRAMES // 2)
        self._measured = made
        frames = self._player.recent.take(np.arange(start, made), axis=0, mode="wrap")
        self._player.short_term_lufs = self._loudness.add(frames)
        self._measure_programme(frames)

    def _measure_programme(self, frames: npt.NDArray[np.float32]) -> None:
        """Weigh what plays, anew each time the song begins to."""
        transport, player = self._player.transport, self._player
        plays = transport is not None and transport.playing
        if plays and not self._played:
            self._programme.reset()
        self._played = plays
        if plays:
            self._programme.add(frames)
            player.integrated_lufs = self._programme.integrated_lufs
            player.true_peak_db = self._programme.true_peak_db

    # -- the device ----------------------------------------------------------------------------
    def _open(self, name: str) -> Device:
        """The device called so; without it the null device, and a word on why."""
        ear = self._listening.ear
        try:
            opened = devices.open_device(name, self._rate, self._block, self._filler(), ear)
            self._say("")
        except StudioError as error:
            self._say(f"{error} Playing without sound.")
            opened = devices.open_device(devices.NULL, self._rate, self._block, self._filler(), ear)
        self._use(opened)
        return opened

    def _reopen(self) -> None:
        """Open the same device again, with another input or without one."""
        self._device.close()
        self._device = self._open(self._name)

    def _say(self, sentence: str) -> None:
        """What the musician should know of the device, until there is something else to say."""
        self._shared.message = self._sentence = sentence

    def _use(self, opened: Device) -> None:
        self._shared.device = opened.name
        self._player.use(
            Running(
                opened.latency_frames,
                opened.block_frames,
                opened.sample_rate,
                opened.silent,
                opened.input_latency_frames,
            )
        )
        self._listening.use(opened)

    def _filler(self) -> Fill:
        """What the next device calls; one that was given up may call on, and gets silence."""
        self._devices += 1
        number = self._devices

        def fill(block: Block, missed: bool) -> None:
            if number == self._devices:
                self._player.fill(block, missed)
            else:
                block[:] = 0.0

        return fill

    def _look(self) -> None:
        self._player.load = float(np.percentile(self._player.loads, 99))
        if self._device.gone:
            self._replace_gone()
        elif self._may_grow and self._keeps_missing():
            self._grow()

    @property
    def _may_grow(self) -> bool:
        """A recording goes on as it began."""
        busy = self._listening.is_recording
        return self._device.can_grow and self._block < _LARGEST_BLOCK and not busy

    def _replace_gone(self) -> None:
        name = self._device.name
        _LOG.warning("The audio device %s stopped answering.", name)
        self._gone.append(self._device)
        self._listening.lose(f"The audio device {name} stopped.")
        self._device = devices.open_device(devices.NULL, self._rate, self._block, self._filler())
        self._use(self._device)
        self._say(f"The audio device {name} stopped; playing without sound.")

    def _keeps_missing(self) -> bool:
        now = time.monotonic()
        self._losses = [loss for loss in self._losses if now - loss[0] < _GROW_SECONDS]
        self._losses.append((now, self._player.dropouts))
        return self._player.dropouts - self._losses[0][1] >= _GROW_AFTER

    def _grow(self) -> None:
        self._block *= 2
        self._losses.clear()
        self._reopen()
        self._say(f"Blocks of {self._block} frames now: shorter ones kept breaking up.")


def _write_devices(path: Path, midi: Sequence[str] = ()) -> None:
    """Outputs to `path`; inputs of sound and of MIDI beside it."""
    _write_whole(path, [dataclasses.asdict(device) for device in devices.devices()])
    heard = [dataclasses.asdict(device) for device in devices.inputs()]
    _write_whole(path.with_name(INPUTS_FILE), {"audio": heard, "midi": midi})


def _write_whole(path: Path, found: Any) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(found), encoding="utf-8")
    partial.replace(path)


def _end_at_once(
    kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
) -> None:
    """A failure ends the process, whatever its threads do: the client starts another."""
    _LOG.critical("The engine failed.", exc_info=(kind, error or kind(), trace))
    os._exit(70)


def _raise_priority() -> None:
    """Ask to be served before programs that can wait; without the right to, nothing changes.

    The butler must not be put aside while it holds the interpreter that the callback needs.
    """
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.kernel32.SetPriorityClass(-1, 0x80)  # HIGH_PRIORITY_CLASS
        return
    with contextlib.suppress(OSError):
        os.nice(-11)
    if hasattr(os, "sched_setscheduler"):
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
