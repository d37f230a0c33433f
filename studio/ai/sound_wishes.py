"""From a wish about a sound ("split this clip into stems") to a request."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from math import gcd

from studio.ai.catalogue import ModelCard
from studio.ai.listening.heard import check_length
from studio.ai.phrases import action_words
from studio.ai.requests import HEARD_TASKS, Controls, Excerpt, Request, Result, Task
from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, AudioSource, ClipId, TakeId
from studio.domain.gap import Gap
from studio.domain.project import Project, new_song
from studio.domain.track import Track
from studio.edit.painting import PlacePainted
from studio.edit.stems import PlaceStems
from studio.edit.trim import trimmed
from studio.media.store import MediaStore

WHOLE_SECONDS = 900.0  # a recording up to so long is heard as a whole, once for all its clips
MARGIN_SECONDS = 3.0  # of the recording on both sides of what a clip shows


def about_file(
    task: Task, card: ModelCard, source: AudioSource, media: MediaStore, controls: Controls
) -> Request:
    """A wish about a whole recording, as long as it lasts in a song at 120 bpm.

    Raises:
        StudioError: The model cannot do this, or there is too little to listen to.
    """
    return about_excerpt(task, card, Excerpt(source, 0, source.frames), media, controls)


def about_excerpt(
    task: Task, card: ModelCard, excerpt: Excerpt, media: MediaStore, controls: Controls
) -> Request:
    """A wish about a part of a recording, wherever a song may have it: the same for every song.

    Raises:
        StudioError: The model cannot do this, or there is too little to listen to.
    """
    if task is Task.LISTEN:
        check_length(excerpt.seconds)
    song, excerpt = new_song(), replace(excerpt, clip=None)
    end = max(int(song.tempo.ticks(excerpt.seconds)), 1)
    return _request(task, card, song, Gap((), 0, end), media, controls, excerpt)


def about_clip(
    task: Task, card: ModelCard, song: Project, clip: ClipId, media: MediaStore,
    controls: Controls, span: tuple[int, int] | None = None,
) -> Request:  # fmt: skip
    """A wish about what a clip of the song shows, with a little around it where there is some;
    for Task.PAINT, about all of its recording.

    Args:
        span: Song ticks [start, end): only what the clip shows between them.

    Raises:
        StudioError: It is gone, holds no recording or shows none there, or the model cannot do
            this.
    """
    track, there = recording_of(song, clip)
    start, end = there.start, max(song.clip_end(there), there.start + 1)
    shown = there
    if span is not None:
        first, last = max(start, span[0]), min(end, span[1])
        if first >= last:
            raise StudioError("The recording does not sound there.", "Select bars that it fills.")
        cut = trimmed(there, song.tempo, first - start, last - end)
        shown = cut if isinstance(cut, AudioClip) else there
        start, end = first, last
    excerpt = excerpt_of(shown, song.sample_rate)
    if task is Task.PAINT:  # what belongs in a hole is found in all of the recording
        excerpt = Excerpt(there.source, 0, there.source.frames, there.id)
    return _request(task, card, song, Gap((track.id,), start, end), media, controls, excerpt)


def recording_of(song: Project, clip: ClipId) -> tuple[Track, AudioClip]:
    """A clip that holds a recording, and its track.

    Raises:
        StudioError: It is gone, or holds none.
    """
    found = song.find_clip(clip)
    if found is None:
        raise StudioError("That clip is no longer there.")
    track, there = found
    if not isinstance(there, AudioClip):
        raise StudioError("That clip holds notes, not a recording.", "Choose an audio clip.")
    return track, there


def recordings(song: Project, clips: Collection[ClipId]) -> tuple[AudioClip, ...]:
    """Those of `clips` that hold a recording, in the song's order."""
    found = (clip for _, clip in song.clips() if clip.id in clips)
    return tuple(clip for clip in found if isinstance(clip, AudioClip))


def placement(take: TakeId, request: Request, result: Result, *, force: bool = True) -> PlaceStems:
    """The edit that puts the stems of a clip on tracks under it.

    Without `force` it refuses where the clip changed since the request was made.

    Raises:
        StudioError: The request is about no clip.
    """
    audio = request.controls.audio
    found = request.song.find_clip(audio.clip) if audio is not None and audio.clip else None
    if audio is None or found is None or not isinstance(found[1], AudioClip):
        raise StudioError("These stems belong to no clip of the song.")
    stems = tuple((sound.name, sound.source) for sound in result.sounds)
    return PlaceStems(take, found[0].id, found[1], stems, audio.first_frame, sure=not force)


def painted_placement(
    take: TakeId, request: Request, result: Result, *, force: bool = True
) -> PlacePainted:
    """The edit that lets a clip play what was painted in its recording.

    Without `force` it refuses where the clip changed since the request was made.

    Raises:
        StudioError: The request is about no clip.
    """
    audio = request.controls.audio
    found = request.song.find_clip(audio.clip) if audio is not None and audio.clip else None
    if audio is None or found is None or not isinstance(found[1], AudioClip):
        raise StudioError("What was painted belongs to no clip of the song.")
    (sound,) = result.sounds
    first = audio.first_frame - request.controls.strokes.before
    label = action_words(request)
    return PlacePainted(found[0].id, found[1], sound.source, first, take, not force, label)


def heard_with(clip: AudioClip, song_rate: int) -> Excerpt:
    """What is listened to for a clip: all of its recording, so that other clips of it need not be
    listened to again, or what the clip shows where that would take long."""
    whole = Excerpt(clip.source, 0, clip.source.frames)
    return whole if whole.seconds <= WHOLE_SECONDS else excerpt_of(clip, song_rate)


def excerpt_of(clip: AudioClip, song_rate: int) -> Excerpt:
    """What a clip shows of its recording, and up to `MARGIN_SECONDS` on both sides.

    It begins where a frame of the recording meets one of the song, so that what is made of it
    lies on the same frames as the clip does.
    """
    source = clip.source
    shown = [clip.offset_frames, clip.offset_frames + clip.length_frames]
    shown += [point.source_frame for point in clip.warp]
    margin = round(MARGIN_SECONDS * source.sample_rate)
    step = source.sample_rate // gcd(source.sample_rate, song_rate)
    first = max(min(shown) - margin, 0) // step * step
    end = min(max(shown) + margin, source.frames)
    return Excerpt(source, first, end - first, clip.id)


def _request(
    task: Task, card: ModelCard, song: Project, gap: Gap, media: MediaStore,
    controls: Controls, excerpt: Excerpt,
) -> Request:  # fmt: skip
    assert task in HEARD_TASKS
    if task not in card.tasks:
        raise StudioError(f"{card.title} cannot do this.", "Choose another model.")
    controls = replace(controls, audio=excerpt)
    return Request(task, gap, card.id, card.digest, 0, song, controls=controls, media=media)
