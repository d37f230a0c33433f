"""A recording as a song that one can write parts for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from studio.ai import by_ear, registry, sound_wishes
from studio.ai.by_ear import ByEar
from studio.ai.listening.told import heard_of
from studio.ai.requests import Controls, Excerpt, Task
from studio.cli.desk import Desk, Draft
from studio.core import paths
from studio.core.errors import StudioError
from studio.domain.clip import AudioClip
from studio.domain.project import new_song
from studio.domain.track import Track, TrackKind


def listened_to(path: Path, desk: Desk) -> tuple[Draft, ByEar]:
    """A song of nothing but a recording, and the same song as it was heard.

    Raises:
        StudioError: There is no such file, it cannot be read, it is too short, or neither a beat
            nor a chord is heard in it.
    """
    if not path.exists():
        raise StudioError(f"There is no file called “{path}”.")
    draft, name = desk.new(), paths.legible(path.stem)
    with desk.bar(f"Read {path.name}") as reached:
        source = draft.media.import_audio(path, reached)
    song = new_song()
    song = song.with_new_track(Track(song.new_track_id(), TrackKind.AUDIO, name))
    clip = AudioClip(song.new_clip_id(), 0, source, 0, source.frames, name)
    song = song.with_clip_on(song.sources[0].id, clip)
    whole, card = Excerpt(source, 0, source.frames), registry.default_for(Task.LISTEN)
    request = sound_wishes.about_excerpt(Task.LISTEN, card, whole, draft.media, Controls())
    heard = heard_of(whole, desk.take(request).result)
    return replace(draft, project=song), by_ear.by_ear(song, clip.id, heard)
