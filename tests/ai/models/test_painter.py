"""The painter's answer to a request: a whole recording, and what of it is written anew."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np

from studio.ai import record, registry, sound_wishes
from studio.ai.cards import PAINTER_CARD
from studio.ai.models.painter import Painter
from studio.ai.painter.hole import Hole, Lasso, Strokes
from studio.ai.phrases import action_words
from studio.ai.requests import Controls, Excerpt, Request, Result, Take, Task, take_id
from studio.media.store import MediaStore
from tests.ai.painter.test_painter import RATE, music


class Heard:
    def __init__(self) -> None:
        self.fractions: list[float] = []

    def progress(self, fraction: float, text: str = "") -> None:
        self.fractions.append(fraction)

    def partial(self, result: Result) -> None: ...

    def check_cancelled(self) -> None: ...


def asked(media: MediaStore, strokes: Strokes, first: int = 0) -> Request:
    source = media.put_audio(music(14.0), RATE, "song")
    excerpt = Excerpt(source, first, source.frames - first)
    controls = Controls(strokes=strokes)
    return sound_wishes.about_excerpt(Task.PAINT, PAINTER_CARD, excerpt, media, controls)


def test_a_whole_recording_comes_back_and_the_same_again(tmp_path: Path) -> None:
    media, context = MediaStore(tmp_path / "media"), Heard()
    outline = Lasso.box(Hole(10 * RATE, 10 * RATE + 3000), 500, 2000)
    strokes = Strokes((Hole(5 * RATE, 6 * RATE),), (outline,), after=RATE)
    request = asked(media, strokes, first=RATE)
    result = Painter().generate(request, context)
    (sound,) = result.sounds
    before = music(14.0)[RATE:]
    after = media.samples(sound.source, 0, sound.source.frames)
    assert len(after) == len(before) + RATE
    changed = np.flatnonzero((after[: len(before)] != before).any(axis=1))
    spans = [range(one.first, one.end) for one in result.painted]
    assert len(spans) == 3
    assert all(any(frame in span for span in spans) for frame in changed.tolist())
    assert context.fractions == sorted(context.fractions)
    assert result.why.startswith("Match from")
    assert Painter().generate(request, Heard()) == result


def test_the_log_of_takes_keeps_strokes_and_seams(tmp_path: Path) -> None:
    media = MediaStore(tmp_path / "media")
    outline = Lasso.box(Hole(RATE, 2 * RATE), 500, 2000)
    request = asked(media, Strokes((Hole(5 * RATE, 5 * RATE + 900),), (outline,)))
    take = Take(take_id(request), request, Painter().generate(request, Heard()), 1.0)
    line = msgspec.json.encode(record.take_to_json(take, media))
    again = record.take_from_json(msgspec.json.decode(line), media)
    assert again.request.controls.strokes == request.controls.strokes
    assert again.result == take.result
    assert take_id(again.request) == take.id
    others = [Strokes((Hole(5 * RATE, 5 * RATE + 901),)), Strokes(heal=True)]
    for one in others:
        other = replace(request, controls=replace(request.controls, strokes=one))
        assert take_id(other) != take.id


def test_the_button_says_what_is_done(tmp_path: Path) -> None:
    media = MediaStore(tmp_path / "media")
    wishes = (Strokes((Hole(0, 5),)), Strokes(heal=True), Strokes(before=9))
    said = [action_words(asked(media, strokes)) for strokes in wishes]
    assert said == ["Fill 1 hole in song", "Heal song", "Extend song"]
    assert registry.default_for(Task.PAINT) is PAINTER_CARD
