"""What is asked of a model, and what comes back. A request holds all that decides its result.

Sound is named by the hash of its recording in a media store, going in and coming out: hours of it
cross between processes as the files they are.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum

from studio.ai.painter.hole import Painted, Strokes
from studio.domain.clip import AudioClip, AudioSource, ClipId, TakeId
from studio.domain.gap import Gap, NoteSet, Part
from studio.domain.project import ChordSpan, Project
from studio.domain.tempo import TempoMap
from studio.domain.theory import Key
from studio.media import columns
from studio.media.store import MediaStore


class Task(StrEnum):
    COMPOSE = "compose"  # a gap where nothing is yet; the model may choose the parts
    EXTEND = "extend"  # a gap after (or before) what is there
    REWRITE = "rewrite"  # a gap inside
    ADD_PART = "add_part"  # a gap on a new track
    LEARN = "learn"  # a gap filled in the manner of the clip in `Controls.learn_from`
    HARMONISE = "harmonise"  # chords, and parts that play them, under `Controls.source`
    HUMANISE = "humanise"  # the gap's notes again: only velocity and timing differ
    ARRANGE = "arrange"  # `Controls.source` shared out among instruments on new tracks
    SEPARATE = "separate"  # `Controls.audio` taken apart into `Controls.stems`
    LISTEN = "listen"  # tempo, beats, key, chords and sections of `Controls.audio`
    TRANSCRIBE = "transcribe"  # `Controls.audio` as notes
    PAINT = "paint"  # `Controls.strokes` of `Controls.audio` written anew, or added to it


HEARD_TASKS = (Task.SEPARATE, Task.LISTEN, Task.TRANSCRIBE, Task.PAINT)  # about `Controls.audio`
STEMS = ("drums", "bass", "vocals", "other")


class Quality(StrEnum):
    FAST = "fast"
    BEST = "best"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Frames [first_frame, first_frame + frames) of a recording, at its own rate.

    Attributes:
        clip: The clip that shows them, if one does.

    Raises:
        ValueError: They do not lie inside the recording, or are none.
    """

    source: AudioSource
    first_frame: int
    frames: int
    clip: ClipId | None = None

    def __post_init__(self) -> None:
        if self.first_frame < 0 or self.frames < 1 or self.end_frame > self.source.frames:
            raise ValueError("an excerpt lies inside its recording and holds a frame or more")

    @property
    def end_frame(self) -> int:
        return self.first_frame + self.frames

    @property
    def seconds(self) -> float:
        return self.frames / self.source.sample_rate

    def holds(self, clip: AudioClip) -> bool:
        """Whether all that a clip shows lies in it."""
        end = clip.offset_frames + clip.length_frames
        same = self.source.media == clip.source.media
        return same and self.first_frame <= clip.offset_frames and end <= self.end_frame


@dataclass(frozen=True, slots=True)
class Controls:
    """What the musician set by hand; it wins over the words. None or 0 parts are left to the model.

    Attributes:
        key, bpm, meter: For a gap where the song has none of its own.
        chords: Chords to follow, in song ticks.
        instruments: Names of parts wanted ("bass", "drums", "strings"); empty: the model chooses.
        closeness: How closely to follow the words, 0-1.
        surprise: How much to vary, 0-1.
        density: How many notes, 0-1.
        keep_to_scale: No note outside the key and the chord that sounds where it starts.
        keep_to_chords: No note outside the chord that sounds with it: each starts on one of its
            tones, and ends where a chord begins that it is foreign to. Drums are free.
        learn_from: A note clip's id, for Task.LEARN.
        source: The notes a wish is about: the melody for Task.HARMONISE, the part for Task.ARRANGE,
            and for Task.EXTEND the motif that goes on.
        amount: How much to change, 0-1: for Task.HUMANISE; a gap that names notes, as a variation's
            does, holds that share of them.
        audio: The sound a wish is about, for `HEARD_TASKS`.
        stems: For Task.SEPARATE: all of `STEMS`, or the one that is wanted apart from the rest.
        quality: How much time to spend, for Task.SEPARATE.
        listen_for: For Task.TRANSCRIBE: "notes", "drums" or "melody".
        strokes: For Task.PAINT: what of the sound is to be written, in frames of the excerpt.
    """

    key: Key | None = None
    bpm: float | None = None
    meter: tuple[int, int] | None = None
    chords: tuple[ChordSpan, ...] = ()
    instruments: tuple[str, ...] = ()
    closeness: float = 0.7
    surprise: float = 0.4
    density: float = 0.5
    keep_to_scale: bool = True
    keep_to_chords: bool = False
    learn_from: str | None = None
    source: NoteSet = ()
    amount: float = 0.5
    # Not in the representation that names a take: `take_id` adds them where a wish has them.
    audio: Excerpt | None = field(default=None, repr=False)
    stems: tuple[str, ...] = field(default=STEMS, repr=False)
    quality: Quality = field(default=Quality.FAST, repr=False)
    listen_for: str = field(default="notes", repr=False)
    strokes: Strokes = field(default=Strokes(), repr=False)


@dataclass(frozen=True, slots=True)
class Request:
    """One wish. Two equal requests give the same take.

    Attributes:
        model: Id of a card in the catalogue.
        model_hash: Digest of the model's weights, or its version where it has none.
        song: The song as it was when the wish was made.
        parents: Takes this one continues or varies.
        room_bars: Empty bars that `song` has in front of the musician's own song, for a gap before
            it; placing the take makes the same room there.
        reader: What guesses the words that the lexicon does not know; empty: nothing does.
        media: Where the recording of `controls.audio` lies, and where recordings that the result
            brings are kept. A place and no part of the wish: it is neither compared nor recorded.
    """

    task: Task
    gap: Gap
    model: str
    model_hash: str
    seed: int
    song: Project = field(repr=False)
    prompt: str = ""
    negative: str = ""
    controls: Controls = field(default_factory=Controls)
    parents: tuple[TakeId, ...] = ()
    room_bars: int = 0
    reader: str = ""
    media: MediaStore | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing the prompt was understood to say, or (`control` empty) a word that was not.

    Attributes:
        text: What the chip shows ("84 bpm", "D minor", "no drums").
        control: What it set: `style`, `mood`, `tempo`, `key`, `meter`, `instrument`, `bars`,
            `length`, `form`, `chords`, `density`, `feel`, or empty.
        words: How it is written in the text it stands in.
        spans: Where it stands there, as (start, end); chips that share a span hang together.
        heard: The words it was guessed from; empty where it was said plainly.
        note: Why it was not understood.
        negative: Whether it stands in the text of what is not wanted.
    """

    text: str
    control: str = ""
    words: str = ""
    spans: tuple[tuple[int, int], ...] = ()
    heard: str = ""
    note: str = ""
    negative: bool = False


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording that a model made.

    Attributes:
        name: What it holds ("drums", "rest").
        source: It, in the request's media store.
        confidence: How sure the model is that it holds this and nothing else, 0-1.
        experimental: Whether the model is known to be weak at this on real music.
    """

    name: str
    source: AudioSource
    confidence: float = 1.0
    experimental: bool = False


@dataclass(frozen=True, slots=True)
class Beat:
    """A beat that was heard, in seconds from the start of the excerpt."""

    seconds: float
    downbeat: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What a model wrote for a request, whole or so far.

    Attributes:
        parts: Notes in song ticks, only inside the gap.
        written_until: Song tick up to which the parts are final.
        tempo, key, chords: Of an empty song that the model gave a shape to; else as in the song.
        sections: (tick, name) of the form it followed.
        chips: What was understood of the words.
        why: One sentence on how it was made.
        sounds: Recordings, each as long as `Controls.audio` and at its rate; for Task.PAINT, with
            what was added before and after it.
        beats: Of `Controls.audio`, in order.
        painted: What of the recording that came out is written anew, in order, in its frames.
    """

    parts: tuple[Part, ...]
    written_until: int
    tempo: TempoMap | None = None
    key: Key | None = None
    chords: tuple[ChordSpan, ...] = ()
    sections: tuple[tuple[int, str], ...] = ()
    chips: tuple[Chip, ...] = ()
    why: str = ""
    sounds: tuple[Sound, ...] = ()
    beats: tuple[Beat, ...] = ()
    painted: tuple[Painted, ...] = ()


@dataclass(frozen=True, slots=True)
class Take:
    """A finished result with the request that makes it again."""

    id: TakeId
    request: Request
    result: Result
    seconds: float  # how long the model worked; loading it is not counted


def take_id(request: Request) -> TakeId:
    """A name made of everything that decides the result: equal requests, equal ids."""
    gap, controls = request.gap, request.controls
    plain = [
        str(request.task), request.model, request.model_hash, request.seed, request.prompt,
        request.negative, repr(gap), repr(controls), list(request.parents),
        columns.digest(request.song), *([request.reader] if request.reader else []),
    ]  # fmt: skip
    if controls.audio is not None:
        heard = (controls.audio, controls.stems, str(controls.quality), controls.listen_for)
        plain.append(repr(heard))
    if controls.strokes:
        plain.append(repr(controls.strokes))
    return TakeId("k" + hashlib.sha256(json.dumps(plain).encode()).hexdigest()[:20])
