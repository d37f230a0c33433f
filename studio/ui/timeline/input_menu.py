"""What a track is recorded from: words and a menu."""

from __future__ import annotations

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from studio.domain.clip import AudioClip
from studio.domain.track import MONO_1, MONO_2, STEREO, Track, TrackKind
from studio.edit.recording import ChooseTurn
from studio.ui.tr import tr
from studio.workspace.studio import Studio

CHANNELS = {MONO_1: "Input 1", MONO_2: "Input 2", STEREO: "Inputs 1 and 2, stereo"}


def input_words(studio: Studio, track: Track) -> str:
    """`From input 1, not heard while armed`."""
    if track.kind is TrackKind.INSTRUMENT:
        return tr("From the MIDI keyboard, heard through the track")
    heard = studio.arming.input_of(track.id)
    how = tr("heard while armed") if heard.monitor else tr("not heard while armed")
    return f"{tr(CHANNELS[heard.channels])} · {how}"


def add_inputs(menu: QMenu, studio: Studio, track: Track) -> None:
    """Arming, and for an audio track its channels and whether it is heard."""
    arming = studio.arming
    arm = menu.addAction(tr("Arm to record") + "\tShift+R")
    arm.setCheckable(True)
    arm.setChecked(arming.is_armed(track.id))
    arm.triggered.connect(lambda on: arming.set_armed(track.id, on))
    if track.kind is not TrackKind.AUDIO:
        return
    chosen, inner = arming.input_of(track.id), menu.addMenu(tr("Input"))
    group = QActionGroup(inner)
    for channels, name in CHANNELS.items():
        entry = inner.addAction(tr(name))
        entry.setCheckable(True)
        entry.setChecked(channels == chosen.channels)
        group.addAction(entry)
        entry.triggered.connect(lambda _on, c=channels: arming.set_input(track.id, c))
    inner.addSeparator()
    heard = inner.addAction(tr("Hear it while armed (use headphones)"))
    heard.setCheckable(True)
    heard.setChecked(chosen.monitor)
    heard.triggered.connect(lambda on: arming.set_monitor(track.id, on))


def add_turns(menu: QMenu, studio: Studio) -> None:
    """The takes of the selected recording, newest first."""
    clip = studio.selection.audio_clip
    if not isinstance(clip, AudioClip) or len(clip.turns) < 2:
        return
    inner = menu.addMenu(tr("Takes"))
    group = QActionGroup(inner)
    for turn in reversed(range(len(clip.turns))):
        entry = inner.addAction(tr("Take {number}", number=turn + 1))
        entry.setCheckable(True)
        entry.setChecked(turn == clip.turn)
        group.addAction(entry)
        choose = ChooseTurn(clip.id, turn)
        entry.triggered.connect(lambda _on, choose=choose: studio.song.do(choose))
    menu.addSeparator()
