"""What the transport's actions do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from time import monotonic

from studio.edit.recording import ChooseTurn
from studio.edit.tempo import SetMarker, SetTempo
from studio.workspace.span import SpanPlayer
from studio.workspace.studio import Studio

_TAP_PAUSE_SECONDS = 2.0  # a longer pause begins another tempo
_MOST_TAPS = 8
MOST_COUNT_IN_BARS = 2


class TransportCommands:
    """Answers for the `transport.` rows of the action table.

    Args:
        prompt: Takes the focus to the prompt, for a selected range.
    """

    def __init__(self, studio: Studio, prompt: Callable[[], None]) -> None:
        self._studio = studio
        self._prompt = prompt
        self._taps: list[float] = []
        self._span = SpanPlayer(studio.playback, studio)

    def play_selection(self) -> None:
        """Play from where the selection begins, or from the playhead without one."""
        span = self._selected_span()
        if span is not None:
            self._studio.playback.seek(span[0])
        self._studio.playback.play()

    def play_range(self) -> None:
        """Play what is selected, and nothing after it."""
        span = self._selected_span()
        if span is not None:
            self._span.play(*span)

    def stop_or_write(self) -> None:
        """Stop and go back to the start; with a range selected, describe what to write into it.

        That leaves the music on: one listens while thinking of words.
        """
        if self._studio.selection.span is not None:
            self._prompt()
        else:
            self.to_start()

    def to_start(self) -> None:
        if self._studio.playback.playing:
            self._studio.playback.stop()
        self._studio.playback.seek(0)

    def to_end(self) -> None:
        self._studio.playback.seek(self._studio.song.project.end)

    def toggle_loop(self) -> None:
        """Switch the loop; without a range it takes the selection, else the whole song."""
        playback = self._studio.playback
        if playback.loop is None:
            self.loop_selection()
        else:
            playback.set_loop(playback.loop, not playback.loop_on)

    def loop_selection(self) -> None:
        end = self._studio.song.project.end
        span = self._selected_span() or ((0, end) if end else None)
        if span is not None:
            self._studio.playback.set_loop(span, True)

    def toggle_metronome(self) -> None:
        self._studio.playback.set_metronome(not self._studio.playback.metronome)

    def change_count_in(self) -> None:
        """No bars, one, two, and none again, before a recording."""
        studio = self._studio
        bars = (studio.settings.count_in_bars + 1) % (MOST_COUNT_IN_BARS + 1)
        studio.set_settings(replace(studio.settings, count_in_bars=bars))

    def show_other_take(self, by: int) -> None:
        """Show a newer take of the selected recording, or an older one, going around."""
        clip = self._studio.selection.audio_clip
        if clip is not None and clip.turns:
            self._studio.song.do(ChooseTurn(clip.id, (clip.turn + by) % len(clip.turns)))

    def set_marker(self) -> None:
        """A marker at the bar under the playhead, named by its number."""
        project = self._studio.song.project
        tick = project.tempo.bar_start(project.tempo.bar_at(self._studio.playback.position_tick))
        if all(marker.tick != tick for marker in project.markers):
            name = f"Marker {len(project.markers) + 1}"
            self._studio.song.do(SetMarker(tick, name), self)

    def tap(self) -> None:
        """Two or more taps set the tempo to their mean distance."""
        now = monotonic()
        if self._taps and now - self._taps[-1] > _TAP_PAUSE_SECONDS:
            self._taps.clear()
        self._taps = [*self._taps[1 - _MOST_TAPS :], now]
        bpm = tapped_bpm(self._taps)
        if bpm is not None:
            gesture = round(self._taps[0] * 1000)
            tick = self.tempo_tick()
            self._studio.song.do(SetTempo(tick, bpm, gesture), self)

    def tempo_tick(self) -> int:
        """Where the tempo that is in force at the playhead begins."""
        position = self._studio.playback.position_tick
        tempos = self._studio.song.project.tempo.tempos
        return max(change.tick for change in tempos if change.tick <= max(position, 0))

    def _selected_span(self) -> tuple[int, int] | None:
        selection, project = self._studio.selection, self._studio.song.project
        if selection.span is not None:
            return selection.span
        found = [entry[1] for id in selection.clips if (entry := project.find_clip(id))]
        if not found:
            return None
        return min(clip.start for clip in found), max(project.clip_end(clip) for clip in found)


def tapped_bpm(taps: list[float]) -> float | None:
    """Beats a minute from the times of taps in seconds; None where they make no tempo."""
    gaps = [after - before for before, after in pairwise(taps)]
    mean = sum(gaps) / len(gaps) if gaps else 0.0
    bpm = round(60 / mean, 1) if mean else 0.0
    return bpm if 10 <= bpm <= 960 else None
