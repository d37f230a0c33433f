"""What the engine listens to: inputs, keyboards, recordings and the measuring of latency.

All of it belongs to the butler; what must be done in time is done by the player.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from studio.audio.device import Device, Ear
from studio.audio.hearing import Monitor
from studio.audio.inputs import Inputs, Source, inputs_file, read_inputs, recording_file
from studio.audio.latency import Probe, found_at
from studio.audio.midi_input import MidiInput
from studio.audio.player import Player
from studio.audio.recorder import Recorder
from studio.audio.shared import Shared
from studio.core.errors import StudioError
from studio.domain.track import TrackId
from studio.render.live import Live, LiveInstrument

_TAKEN_SECONDS = 0.5
_STOPPED_SECONDS = 1.0  # without a block from it, an input has ended
_DRIFT_SECONDS = 0.01  # more is told of


class Listening:
    """Looked after by the butler, a few times a second and whenever something was asked for.

    Args:
        folder: Where the client leaves what it asks for.
        reopen: Opens the device again, with `ear` or without.
    """

    def __init__(
        self,
        folder: Path,
        shared: Shared,
        player: Player,
        sample_rate: int,
        reopen: Callable[[], None],
    ) -> None:
        self._folder, self._shared, self._player = folder, shared, player
        self._rate, self._reopen = sample_rate, reopen
        self._inputs = Inputs()
        self._live: dict[str, Live] = {}
        self._plan: object = None
        self._keys: MidiInput | None = None
        self._recorder: Recorder | None = None
        self._number = 0  # of the recording asked for last
        self._offset = 0  # as the recording began
        self._first = 0  # the frame that was heard first
        self._heard = (0, 0)  # frames that came in, and the stream frame when the last of them did
        self._run: tuple[int, int] | None = None  # where the song came to last

    @property
    def is_recording(self) -> bool:
        return self._recorder is not None

    @property
    def ear(self) -> Ear | None:
        """What the device must hear, if anything."""
        wanted = self._inputs.wants_sound
        return Ear(self._inputs.device, self._player.hear) if wanted else None

    def look(self) -> None:
        """Do what was asked for."""
        if self._player.wanted_inputs != self._player.inputs_version:
            self._take_inputs(self._player.wanted_inputs)
        self._follow_plan()
        self._take_runs()
        if self._keys is not None and self._keys.look():
            self._shared.trouble = self._keys.trouble
        if self._player.wanted_recording != self._number:
            self._number = self._player.wanted_recording
            self._begin(self._number) if self._number else self.end()
        self._watch_input()
        self._finish()
        self._measure()

    def close(self) -> None:
        """The process ends: let what was recorded become whole."""
        self.end()
        self._await_whole()
        if self._keys is not None:
            self._keys.close()

    def use(self, opened: Device) -> None:
        """Another device was opened."""
        self._player.hearing.channels = opened.input_channels
        if not opened.input_channels:
            self._player.hearing.close()
        self._shared.input = opened.input_name
        if self.ear is not None and opened.trouble:
            self._shared.trouble = opened.trouble

    def lose(self, sentence: str) -> None:
        """What is recorded comes no more: keep what there is."""
        if self._recorder is not None:
            self._recorder.trouble = f"{sentence} What was recorded until then is kept."
            self.end()

    # -- inputs --------------------------------------------------------------------------------
    def _take_inputs(self, version: int) -> None:
        before, wanted = self._inputs, read_inputs(inputs_file(self._folder, version))
        self._shared.trouble = ""
        is_other = (wanted.wants_sound, wanted.device) != (before.wants_sound, before.device)
        if is_other and self._recorder is not None and self._recorder.hears:
            self.lose("The audio input was changed.")
            self._await_whole()
        self._inputs = wanted
        if is_other:
            self._reopen()
            self._await_block()
        self._open_keys(before)
        self._make_live(before)
        self._player.inputs_version = version

    def _await_block(self) -> None:
        """The device has called at least twice: what is heard stands to what is made."""
        start, until = self._player.stream_frame, time.monotonic() + _TAKEN_SECONDS
        blocks = 2 * max(self._player.running.block_frames, 1)
        while self._player.stream_frame - start < blocks and time.monotonic() < until:
            time.sleep(0.002)

    def _open_keys(self, before: Inputs) -> None:
        wanted = (self._inputs.wants_keys, self._inputs.midi)
        if wanted == (before.wants_keys, before.midi):
            return
        if self._keys is not None:
            self._keys.close()
            self._keys = None
        if self._inputs.wants_keys:
            self._keys = MidiInput(self._inputs.midi, self._player.press)
            self._shared.trouble = self._keys.trouble

    # -- what sounds through tracks ------------------------------------------------------------
    def _follow_plan(self) -> None:
        """An armed track may have come with this plan, or have another instrument in it."""
        transport = self._player.transport
        plan = transport.mixer.plan if transport is not None else None
        if plan is not self._plan:
            self._plan = plan
            self._make_live(self._inputs)

    def _make_live(self, before: Inputs) -> None:
        if self._player.transport is None:
            return
        known, self._live = self._live, {}
        earlier = {source.track: source for source in before.tracks}
        for source in self._inputs.tracks:
            same = earlier.get(source.track) == source
            made = self._sounding(source, known.get(source.track) if same else None)
            if made is not None:
                self._live[source.track] = made
        if tuple(self._live.values()) != self._player.live:
            self._player.offer_live(tuple(self._live.values()))
            self._give_back(known)

    def _sounding(self, source: Source, known: Live | None) -> Live | None:
        """What a source sounds as; `known` where that still holds."""
        track = TrackId(source.track)
        if source.channels:
            heard = known or Monitor(track, self._player.hearing, source.channels)
            return heard if source.monitor else None
        assert self._player.transport is not None
        mixer = self._player.transport.mixer
        now = {t.id: t.instrument for t in mixer.plan.tracks}.get(track)
        if isinstance(known, LiveInstrument) and known.instrument == now:
            return known
        return mixer.live_instrument(track)

    def _give_back(self, known: dict[str, Live]) -> None:
        """Free the instruments that are no longer played, once the player has let go of them."""
        live = tuple(self._live.values())
        until = time.monotonic() + _TAKEN_SECONDS
        while self._player.live != live and time.monotonic() < until:
            time.sleep(0.002)
        if self._player.live != live or self._player.transport is None:
            return
        for one in known.values():
            if isinstance(one, LiveInstrument) and one not in live:
                self._player.transport.mixer.release_live(one)

    # -- recordings ----------------------------------------------------------------------------
    def _begin(self, number: int) -> None:
        self.end()
        self._await_whole()
        player, self._offset = self._player, self._player.offset
        hearing = player.hearing if self._inputs.wants_sound else None
        first = self._first = player.hearing.count if hearing is not None else 0
        stream = first - self._offset if hearing is not None else player.stream_frame
        self._shared.trouble = ""
        try:
            if hearing is not None and not hearing.channels:
                raise StudioError("There is no audio input to record from.")
            if hearing is None and (self._keys is None or self._keys.trouble):
                raise StudioError("There is no MIDI input to record from.", "Connect a keyboard.")
            told = json.loads(recording_file(self._folder, number).read_text(encoding="utf-8"))
            recorder = Recorder(Path(told["folder"]), hearing, first, stream, player.latencies)
        except (StudioError, OSError) as error:
            self._shared.trouble = str(error)
            player.ended = number
            return
        if self._run is not None:
            _note_run(recorder, self._run)
        self._heard = (player.hearing.count, player.stream_frame)
        self._recorder = player.recorder = recorder
        player.recording = number

    def end(self) -> None:
        """Let the recording under way become whole; `_finish` tells when it is."""
        player, recorder = self._player, self._recorder
        if recorder is not None and player.recorder is not None:
            player.recorder = None
            out, back, _ = player.latencies
            self._correct(recorder)
            recorder.end(player.stream_frame, out + back + self._rate // 10)

    def _correct(self, recorder: Recorder) -> None:
        """By now it is known better which frame was heard with which."""
        stream = self._first - self._player.offset
        if recorder.hears and abs(stream - recorder.begin) < self._uneven_frames:
            recorder.note("begin", stream, *self._player.latencies)

    @property
    def _uneven_frames(self) -> int:
        """More than this is no unevenness of blocks but clocks that part."""
        return self._rate // 200

    def _take_runs(self) -> None:
        """Write down where the song ran since the last time."""
        transport = self._player.transport
        while transport is not None and transport.runs:
            stream, song = transport.runs.popleft()
            self._run = (stream + self._player.clock_start, song)
            if self._recorder is not None:
                _note_run(self._recorder, self._run)

    def _watch_input(self) -> None:
        """One with a stream of its own can be pulled out while the output goes on."""
        player, recorder = self._player, self._recorder
        count, stream = player.hearing.count, player.stream_frame
        if count != self._heard[0]:
            self._heard = (count, stream)
        is_over = stream - self._heard[1] > _STOPPED_SECONDS * self._rate
        if is_over and recorder is not None and recorder.hears and player.recorder is recorder:
            self.lose(f"The audio input {self._shared.input} stopped.")

    def _await_whole(self) -> None:
        """Give a recording that was ended the time it needs."""
        until = time.monotonic() + 2 * _TAKEN_SECONDS
        while self._recorder is not None and time.monotonic() < until:
            time.sleep(0.01)
            self._finish()

    def _finish(self) -> None:
        recorder = self._recorder
        if recorder is None or not recorder.is_over:
            return
        self._recorder = self._player.recorder = None
        self._shared.trouble = recorder.trouble or self._told_of(recorder)
        self._player.ended, self._player.recording = self._player.recording, 0

    def _told_of(self, recorder: Recorder) -> str:
        """What may be wrong with a recording that is whole."""
        apart = self._player.offset - self._offset
        if recorder.lost_frames:
            seconds = recorder.lost_frames / self._rate
            return f"The disk was too slow: {seconds:.1f} seconds of the recording are silent."
        if recorder.lost_blocks:
            return f"The audio device lost sound {recorder.lost_blocks} times while recording."
        if recorder.hears and abs(apart) > _DRIFT_SECONDS * self._rate:
            late = round(1000 * abs(apart) / self._rate)
            return f"The input runs on a clock of its own: the end is {late} ms off."
        return ""

    # -- latency -------------------------------------------------------------------------------
    def _measure(self) -> None:
        player = self._player
        if player.probe is None and player.wanted_measurement != player.measured:
            if not player.hearing.channels:
                self._tell_measured(-1)
            else:
                player.probe = Probe(self._rate, player.stream_frame)
        elif player.probe is not None and player.stream_frame >= player.probe.over:
            probe, player.probe = player.probe, None
            heard = player.hearing.read(
                probe.stream_frame + player.offset, probe.over + player.offset
            )
            at = found_at(heard, probe.click)
            self._tell_measured(-1 if at is None else at)

    def _tell_measured(self, frames: int) -> None:
        self._player.measured_frames = frames
        self._player.measured = self._player.wanted_measurement


def _note_run(recorder: Recorder, run: tuple[int, int]) -> None:
    """A run that began before the recording did is one from there on."""
    stream, song = run
    late = max(recorder.begin - stream, 0)
    if song < 0:
        recorder.note("rest", stream + late)
    else:
        recorder.note("run", stream + late, song + late)
