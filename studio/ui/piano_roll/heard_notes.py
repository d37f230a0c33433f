"""What is heard in the recording behind the open clip, as ghosts of the piano roll."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import SignalInstance

from studio.domain.clip import AudioClip, ClipId, NoteClip
from studio.domain.project import Project
from studio.domain.track import Track
from studio.workspace.studio import Studio
from studio.workspace.transcripts import Ghosts


class Opened(Protocol):
    """The view whose clip it is."""

    studio: Studio
    ghosts_changed: SignalInstance

    @property
    def project(self) -> Project: ...
    @property
    def clip(self) -> NoteClip | None: ...
    @property
    def track(self) -> Track | None: ...


class HeardNotes:
    """Looked for once in each song that is shown.

    Attributes:
        on: Whether they are shown.
    """

    def __init__(self, view: Opened) -> None:
        self._view = view
        self.on = True
        self._found: tuple[Project, ClipId, Ghosts | None] | None = None

    def notes(self) -> Ghosts | None:
        """The notes heard behind the open clip, where they are known and shown."""
        clip, project = self._view.clip, self._view.project
        if clip is None or not self.on:
            return None
        if self._found is None or self._found[0] is not project or self._found[1] != clip.id:
            ghosts = self._view.studio.transcripts.ghosts(clip, drums=self._drums)
            self._found = (project, clip.id, ghosts)
        return self._found[2]

    def switch(self, on: bool) -> None:
        if on != self.on:
            self.on = on
            self.forget()

    def ask(self) -> None:
        """Have the notes of the recording behind the open clip heard."""
        clip = self._view.clip
        if clip is not None:
            self._view.studio.transcripts.ask(clip, drums=self._drums)

    def look(self, clip: NoteClip) -> None:
        """Work out ahead what is known of what lies behind `clip`."""
        self._view.studio.transcripts.look(clip, drums=self._drums)

    def unheard(self) -> AudioClip | None:
        """The recording behind the open clip whose notes could be heard, and were not yet."""
        clip, transcripts = self._view.clip, self._view.studio.transcripts
        if clip is None or not self.on or not transcripts.can_ask(clip, drums=self._drums):
            return None
        found = transcripts.recording(clip)
        return found[1] if found is not None else None

    def forget(self) -> None:
        """More is known now, or they were switched: draw anew."""
        self._found = None
        self._view.ghosts_changed.emit()

    @property
    def _drums(self) -> bool:
        track = self._view.track
        return track is not None and track.is_drums
