"""Listening to recordings of the open song, and what the song makes of what was heard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from PySide6.QtCore import QObject, Signal

from studio.ai import registry, sound_wishes
from studio.ai.listening import placing
from studio.ai.listening.heard import Heard
from studio.ai.listening.told import heard_of, in_words
from studio.ai.requests import Controls, Excerpt, Request, Take, Task, take_id
from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, ClipId, TakeId
from studio.domain.project import Project
from studio.edit.command import Command
from studio.jobs.queue import Job, Queue, Work
from studio.media.store import MediaStore
from studio.workspace.asking import Asking
from studio.workspace.reckoning import Reckon
from studio.workspace.selection import Selection
from studio.workspace.song import Song
from studio.workspace.takes import Takes

Edited = Callable[[Project, AudioClip, Heard], Command]


@dataclass(slots=True)
class _Asked:
    """A recording that is being listened to, and what comes once it was."""

    job: Job[Take]
    then: list[Callable[[], None]] = field(default_factory=list)


class Listening(Asking):
    """Has recordings listened to; what was heard is kept as a take of the song.

    The commands are about the selected clips. Those that change the song listen first where that
    was not done yet; each of them is one undo step.

    Signals:
        changed(): More was heard, or something is forgotten.
        noted(level, message, hint): A sentence on what was heard.
    """

    changed = Signal()
    noted = Signal(str, str, str)

    def __init__(
        self,
        song: Song,
        selection: Selection,
        takes: Takes,
        jobs: Queue,
        work: Callable[[Request], Work[Take]],
        media: Callable[[], MediaStore],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(song, takes, jobs, work, media, parent)
        self._selection = selection
        self._asked: dict[TakeId, _Asked] = {}
        self._heard: dict[TakeId, tuple[Excerpt, Heard]] = {}  # newest first
        takes.changed.connect(self._recall)

    # -- looking ------------------------------------------------------------------------------
    def recordings(self) -> tuple[AudioClip, ...]:
        """Those of the selected clips that hold a recording, in the song's order."""
        return sound_wishes.recordings(self._song.project, self._selection.clips)

    def heard(self, clip: AudioClip) -> Heard | None:
        """What was heard in the recording of a clip; None where nobody listened to all that it
        shows. The same object for as long as nothing else was heard."""
        known = (heard for excerpt, heard in self._heard.values() if excerpt.holds(clip))
        return next(known, None)

    def heard_now(self, id: ClipId) -> tuple[AudioClip, Heard]:
        """A clip as it is now, and what was heard in its recording.

        Raises:
            StudioError: It is gone, or shows what nobody listened to.
        """
        found = self._song.project.find_clip(id)
        clip = found[1] if found is not None else None
        if not isinstance(clip, AudioClip):
            raise StudioError("That recording is no longer there.", "Nothing was changed.")
        heard = self.heard(clip)
        if heard is None:
            raise StudioError(
                f"“{clip.name or clip.source.name}” shows more now than was listened to.",
                "Nothing was changed; ask again.",
            )
        return clip, heard

    # -- what can be asked --------------------------------------------------------------------
    def listen(self) -> None:
        """Find tempo, beats, key, chords and sections of the selected recordings."""
        clips = self.recordings()
        if not clips:
            self.failed.emit(StudioError("Select a recording first."))
        first = {clip.source.media: clip.id for clip in reversed(clips)}  # is told of
        for clip in clips:
            is_first = first[clip.source.media] == clip.id
            self.after_listening(clip, partial(self._tell, clip.id) if is_first else lambda: None)

    def follow(self) -> None:
        """Make the tempo of the selected recording the song's."""
        self._do(placing.following)

    def fit(self) -> None:
        """Bend the selected recording to the song's tempo."""
        self._do(placing.fitting)

    def write(self) -> None:
        """Write the chords and sections of the selected recording into the song."""
        self._do(placing.writing, self._warn_out_of_time)

    def cancel(self) -> None:
        """Stop all listening."""
        self._asked.clear()
        super().cancel()

    # -- within -------------------------------------------------------------------------------
    def _do(self, edit: Edited, after: Callable[[AudioClip, Heard], None] | None = None) -> None:
        clips = self.recordings()
        if len(clips) == 1:
            self.after_listening(clips[0], partial(self._edit, clips[0].id, edit, after))
        elif clips:
            hint = "The song can go by one of them at a time."
            self.failed.emit(StudioError(f"{len(clips)} recordings are selected.", hint))
        else:
            self.failed.emit(StudioError("Select a recording first."))

    def _edit(
        self, id: ClipId, edit: Edited, after: Callable[[AudioClip, Heard], None] | None
    ) -> None:
        """Change the song by what was heard, once it is worked out how."""
        project = self._song.project
        try:
            clip, heard = self.heard_now(id)
        except StudioError as error:
            self.failed.emit(error)
            return
        self._keep(
            self._jobs.submit(
                Reckon("Go by a recording", partial(edit, project, clip, heard)),
                on_done=partial(self._settle, project, id, edit, after),
                on_failed=self.failed.emit,
            )
        )

    def _settle(
        self, project: Project, id: ClipId, edit: Edited,
        after: Callable[[AudioClip, Heard], None] | None, command: Command,
    ) -> None:  # fmt: skip
        """Change the song as it was worked out for `project`: anew where it is another by now."""
        if self._song.project is not project:
            self._edit(id, edit, after)
            return
        clip, heard = self.heard_now(id)
        self._song.close_step()
        done = self._song.do(command)
        self._song.close_step()
        if done and after is not None:
            after(clip, heard)

    def _warn_out_of_time(self, clip: AudioClip, heard: Heard) -> None:
        if not placing.is_in_time(self._song.project, clip, heard):
            self.noted.emit(
                "warning",
                f"“{clip.name or clip.source.name}” is not in time with the song.",
                "Its chords lie on the nearest beats; make it the tempo map, or fit it, first.",
            )

    def _tell(self, id: ClipId) -> None:
        try:
            clip, heard = self.heard_now(id)
        except StudioError:  # it is another song's by now, or more of it is shown
            return
        name, words = clip.name or clip.source.name, in_words(heard)
        if words:
            self.noted.emit("info", f"Heard {words} in “{name}”.", "")
        else:
            self.noted.emit("warning", f"Nothing was heard in “{name}”.", heard.why)

    # -- asking -------------------------------------------------------------------------------
    def after_listening(self, clip: AudioClip, then: Callable[[], None]) -> None:
        """Do `then` once the clip was listened to, at once where it was."""
        if self.heard(clip) is not None:
            then()
            return
        try:
            request = self._request(clip)
        except StudioError as error:
            self.failed.emit(error)
            return
        id = take_id(request)
        if id in self._asked and not self._asked[id].job.finished:
            self._asked[id].then.append(then)
        else:
            self._ask(id, request, then)

    def _request(self, clip: AudioClip) -> Request:
        card = registry.default_for(Task.LISTEN)
        excerpt = sound_wishes.heard_with(clip, self._song.project.sample_rate)
        return sound_wishes.about_excerpt(Task.LISTEN, card, excerpt, self._media(), Controls())

    def _ask(self, id: TakeId, request: Request, then: Callable[[], None]) -> None:
        waiting = [then]  # a job may end before it is known here
        batch = self._takes.new_batch()
        job = self._submit(request, partial(self._finish, batch, waiting))
        if not job.finished:
            self._asked[id] = _Asked(job, waiting)

    def _finish(self, batch: int, then: list[Callable[[], None]], take: Take) -> None:
        self._asked.pop(take.id, None)
        self._takes.add(take, batch)
        for call in then:
            call()

    def _recall(self) -> None:
        """Keep what the takes of the song tell."""
        takes = [e.take for e in self._takes.entries if e.take.request.task is Task.LISTEN]
        if [take.id for take in takes] == list(self._heard):
            return
        before, self._heard = self._heard, {}
        for take in takes:
            audio = take.request.controls.audio
            if audio is not None:
                known = before.get(take.id)
                self._heard[take.id] = known or (audio, heard_of(audio, take.result))
        self.changed.emit()
