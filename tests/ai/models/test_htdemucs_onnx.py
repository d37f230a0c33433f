"""HT-Demucs from a user's own ONNX file: a tiny network with the real inputs and outputs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studio.ai import registry
from studio.ai.models.htdemucs_onnx import HtDemucsOnnx
from studio.ai.requests import STEMS, Controls, Excerpt, Quality, Request, Result, Task
from studio.ai.stems.keeping import Samples
from studio.ai.stems.splitting import null_db
from studio.core.errors import StudioError
from studio.domain.gap import Gap
from studio.domain.project import new_song
from studio.media.store import MediaStore
from tests.ai.constraints import Quiet
from tests.ai.stems.tiny_onnx import write_htdemucs

SHARES = {"drums": 0.5, "bass": 0.125, "other": 0.25, "vocals": 0.0625}
FRAMES = 60_000
EDGE = 4000  # frames at the ends of a recording, of which the transform itself loses a part


def loaded(path: Path) -> HtDemucsOnnx:
    model = HtDemucsOnnx(write_htdemucs(path, FRAMES, list(SHARES.values())))
    model.load("cpu")
    return model


def wish(
    media: MediaStore, rate: int, channels: int, quality: Quality = Quality.FAST,
    *, seconds: float = 3.1,
) -> Request:  # fmt: skip
    at = np.arange(round(seconds * rate))[:, None] / rate
    tones = [np.sin(2 * np.pi * hz * at + np.arange(channels)) for hz in (220, 1500, 3300)]
    source = media.put_audio(np.mean(tones, 0).astype(np.float32), rate)
    controls = Controls(audio=Excerpt(source, 0, source.frames), quality=quality)
    gap = Gap((), 0, 3840)
    return Request(
        Task.SEPARATE, gap, "htdemucs", "1", 0, new_song(), controls=controls, media=media
    )


def apart(request: Request, result: Result) -> tuple[Samples, dict[str, Samples]]:
    """The recording that was taken apart, and each stem of it, all found to sum to it."""
    audio, media = request.controls.audio, request.media
    assert audio is not None
    assert media is not None
    frames = audio.source.frames
    mix = media.samples(audio.source, 0, frames)
    stems = {sound.name: media.samples(sound.source, 0, frames) for sound in result.sounds}
    assert null_db(mix, list(stems.values())) <= -120
    return mix, stems


@pytest.mark.parametrize("quality", Quality)
@pytest.mark.parametrize(("rate", "channels"), [(44_100, 2), (48_000, 1)])
def test_each_stem_is_what_the_network_made_of_every_window(
    tmp_path: Path, rate: int, channels: int, quality: Quality
) -> None:
    """Whatever the windows and rates, a share of the mix comes out as that share of the mix."""
    media = MediaStore(tmp_path / "media")
    request = wish(media, rate, channels, quality)
    result = loaded(tmp_path / "htdemucs.onnx").generate(request, Quiet())
    mix, stems = apart(request, result)
    assert list(stems) == list(STEMS)
    for name in ("drums", "bass", "vocals"):
        off = stems[name] - SHARES[name] * mix
        assert np.sqrt(np.square(off[EDGE:-EDGE]).mean()) < 0.01 * SHARES[name]


def test_the_file_is_found_among_the_users_models(studio_home: Path) -> None:
    (studio_home / "models").mkdir()
    path = write_htdemucs(studio_home / "models" / "htdemucs.onnx", FRAMES, [1, 0, 0, 0])
    card = registry.card("htdemucs")
    assert card.stems == STEMS
    assert "research" in card.licence
    model = registry.load(card)
    model.load("cpu")
    model.unload()
    before = card.digest
    write_htdemucs(path, FRAMES, [0, 1, 0, 0])
    assert registry.card("htdemucs").digest != before


@pytest.mark.parametrize("damage", ["text", "cut", "other", "empty"])
def test_what_is_no_htdemucs_is_one_sentence(tmp_path: Path, damage: str) -> None:
    path = write_htdemucs(tmp_path / "htdemucs.onnx", FRAMES, [1, 0, 0, 0])
    if damage == "other":  # steps that do not go with the frames
        write_htdemucs(path, FRAMES, [1, 0, 0, 0], steps=7)
    else:
        data = {"text": b"no network", "cut": path.read_bytes()[:200], "empty": b""}[damage]
        path.write_bytes(data)
    with pytest.raises(StudioError, match=r"htdemucs\.onnx"):
        HtDemucsOnnx(path).load("cpu")
