"""A second JACK client that holds what it received: `python -m tests.audio.capture CLIENT FILE`.

Connects to the outputs of the client whose name holds CLIENT, says `ready` on standard output, and
takes frames until its standard input ends. It then writes them as float32 [frames, 2] and prints
one line of JSON: frames, xruns the server told of, and when sound began after silence.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import jack
import numpy as np
import numpy.typing as npt

_MOST_SECONDS = 120
_AUDIBLE = 1e-4
_SILENCE_FRAMES = 4800


class Capture:
    """Keeps every block in an array made beforehand."""

    def __init__(self, source: str) -> None:
        self.client = jack.Client("capture", no_start_server=True)
        self.sample_rate = self.client.samplerate
        self.frames = np.zeros((2, _MOST_SECONDS * self.sample_rate), np.float32)
        self.count = self.xruns = 0
        self.onsets_ns: list[int] = []  # `time.perf_counter_ns()`
        self._quiet = _SILENCE_FRAMES
        self._inputs = [self.client.inports.register(f"in_{index}") for index in (1, 2)]
        self.client.set_process_callback(self._process)
        self.client.set_xrun_callback(self._on_xrun)
        self.client.activate()
        self._connect(source)
        self.xruns = 0

    def _connect(self, source: str) -> None:
        until = time.monotonic() + 60.0
        while time.monotonic() < until:
            ports = self.client.get_ports(source, is_output=True, is_audio=True)
            if len(ports) >= 2:
                for theirs, ours in zip(ports, self._inputs, strict=False):
                    self.client.connect(theirs, ours)
                return
            time.sleep(0.02)
        raise SystemExit(f"no client {source} came")

    def _process(self, frames: int) -> None:
        end = self.count + frames
        if end > self.frames.shape[1]:
            return
        for row, port in zip(self.frames, self._inputs, strict=True):
            row[self.count : end] = np.frombuffer(port.get_buffer(), np.float32)
        self._note_onset(self.frames[:, self.count : end])
        self.count = end

    def _note_onset(self, block: npt.NDArray[np.float32]) -> None:
        audible = np.flatnonzero((np.abs(block) > _AUDIBLE).any(axis=0))
        if not len(audible):
            self._quiet += block.shape[1]
            return
        if self._quiet >= _SILENCE_FRAMES:
            offset = int(audible[0]) * 1_000_000_000 // self.sample_rate
            self.onsets_ns.append(time.perf_counter_ns() + offset)
        self._quiet = 0

    def _on_xrun(self, _microseconds: Any) -> None:
        self.xruns += 1


def main() -> None:
    source, path = sys.argv[1], Path(sys.argv[2])
    capture = Capture(source)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()
    capture.client.deactivate()
    np.ascontiguousarray(capture.frames[:, : capture.count].T).tofile(path)
    found = {
        "frames": capture.count,
        "xruns": capture.xruns,
        "onsets_ns": capture.onsets_ns,
    }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
