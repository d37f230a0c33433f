"""Recordings come in from any usual file, at their own rate, and leave at the song's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from studio.core.errors import Cancelled, StudioError
from studio.domain.clip import AudioSource
from studio.media.conform import conformed_frames
from studio.media.peaks import level_sizes
from studio.media.store import MediaStore

Sound = npt.NDArray[np.float32]


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "song" / "media")


def sine(rate: int, seconds: float = 0.5, channels: int = 2, hz: float = 440.0) -> Sound:
    time = np.arange(int(rate * seconds)) / rate
    levels = np.linspace(0.5, 0.25, channels)
    return (np.sin(2 * np.pi * hz * time)[:, None] * levels).astype(np.float32)


def conformed(store: MediaStore, source: AudioSource, rate: int) -> Sound:
    raw = np.fromfile(store.conformed(source, rate), dtype="<f4")
    return raw.reshape(-1, source.channels)


@pytest.mark.parametrize(
    ("name", "subtype"),
    [
        ("a.wav", "PCM_16"), ("a.wav", "PCM_24"), ("a.wav", "FLOAT"), ("a.wav", "PCM_U8"),
        ("a.flac", "PCM_16"), ("a.flac", "PCM_24"),
        ("a.aiff", "PCM_16"), ("a.aiff", "PCM_24"), ("a.aiff", "FLOAT"), ("a.aiff", "PCM_S8"),
    ],
)  # fmt: skip
def test_a_lossless_file_comes_in_sample_for_sample(
    name: str, subtype: str, store: MediaStore, tmp_path: Path
) -> None:
    path = tmp_path / name
    soundfile.write(path, sine(44_100), 44_100, subtype=subtype)
    source = store.import_audio(path)
    expected, _ = soundfile.read(path, dtype="float32")
    assert (source.sample_rate, source.frames, source.channels) == (44_100, 22_050, 2)
    assert source.name == name
    assert np.array_equal(store.samples(source, 0, source.frames), expected)
    if not name.endswith("aiff"):
        assert store.path(source.media).read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("name", "subtype"), [("a.ogg", "VORBIS"), ("a.opus", "OPUS"), ("a.mp3", "MPEG_LAYER_III")]
)
def test_a_lossy_file_is_decoded_once_into_flac(
    name: str, subtype: str, store: MediaStore, tmp_path: Path
) -> None:
    path = tmp_path / name
    kind = "MP3" if name.endswith("mp3") else "OGG"
    soundfile.write(path, sine(48_000), 48_000, format=kind, subtype=subtype)
    expected, _ = soundfile.read(path, dtype="float32")
    source = store.import_audio(path)
    assert store.path(source.media).suffix == ".flac"
    assert source.frames == len(expected)
    found = store.samples(source, 0, source.frames)
    assert np.abs(found - expected).max() < 2**-22


def test_a_lossy_file_beyond_full_scale_is_not_clipped(store: MediaStore, tmp_path: Path) -> None:
    path = tmp_path / "hot.ogg"
    soundfile.write(path, sine(48_000) * 3, 48_000, format="OGG", subtype="VORBIS")
    expected, _ = soundfile.read(path, dtype="float32")
    source = store.import_audio(path)
    assert np.abs(expected).max() > 1.2
    assert store.path(source.media).suffix == ".wav"
    assert np.array_equal(store.samples(source, 0, source.frames), expected)


@pytest.mark.parametrize("rate", [8_000, 22_050, 96_000, 192_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_any_usual_rate_is_conformed_to_the_songs(
    rate: int, channels: int, store: MediaStore
) -> None:
    source = store.put_audio(sine(rate, 1.0, channels), rate, "tone")
    assert not store.is_conformed(source, 48_000)
    found = conformed(store, source, 48_000)
    assert store.is_conformed(source, 48_000)
    assert found.shape == (48_000, channels)
    middle = slice(2_000, 46_000)
    assert np.abs(found[middle] - sine(48_000, 1.0, channels)[middle]).max() < 1e-3


def test_a_recording_at_the_songs_rate_is_conformed_bit_for_bit(store: MediaStore) -> None:
    sound = sine(48_000, 3.0)
    source = store.put_audio(sound, 48_000)
    assert np.array_equal(conformed(store, source, 48_000), sound)


@pytest.mark.parametrize("frames", [1, 100, 65_535, 65_536, 65_537, 200_000])
@pytest.mark.parametrize("rates", [(44_100, 48_000), (48_000, 44_100), (96_000, 44_100)])
def test_a_conformed_recording_has_the_length_it_should(
    frames: int, rates: tuple[int, int], store: MediaStore
) -> None:
    source = store.put_audio(np.full((frames, 1), 0.25, np.float32), rates[0])
    assert len(conformed(store, source, rates[1])) == conformed_frames(frames, *rates)


def test_conforming_happens_once_and_the_cache_is_disposable(store: MediaStore) -> None:
    source = store.put_audio(sine(44_100), 44_100)
    path = store.conformed(source, 48_000)
    made = path.stat().st_mtime_ns
    assert store.conformed(source, 48_000).stat().st_mtime_ns == made
    path.write_bytes(path.read_bytes()[:-4])
    assert not store.is_conformed(source, 48_000)
    assert len(conformed(store, source, 48_000)) == 24_000


def test_a_recording_that_is_gone_is_named(store: MediaStore) -> None:
    source = store.put_audio(sine(48_000), 48_000, "verse.wav")
    store.path(source.media).unlink()
    next((store.cache / "peaks").iterdir()).unlink()
    for read in (
        lambda: store.conformed(source, 48_000),
        lambda: store.peaks(source),
        lambda: store.samples(source, 0, 10),
    ):
        with pytest.raises(StudioError, match=r"verse\.wav.*missing"):
            read()


def test_equal_sound_is_kept_once(store: MediaStore, tmp_path: Path) -> None:
    first, second = store.put_audio(sine(48_000), 48_000), store.put_audio(sine(48_000), 48_000)
    assert first == second
    assert b"PEAK" not in store.path(first.media).read_bytes()  # it would hold the time of day
    path = tmp_path / "a.aiff"
    soundfile.write(path, sine(48_000), 48_000, subtype="PCM_24")
    assert store.import_audio(path) == store.import_audio(path)
    assert len(list(store.hashes())) == 2


def test_what_is_not_a_number_is_heard_as_silence(store: MediaStore, tmp_path: Path) -> None:
    sound = sine(48_000)
    sound[100] = [np.nan, np.inf]
    path = tmp_path / "bad.wav"
    soundfile.write(path, sound, 48_000, subtype="FLOAT")
    source = store.import_audio(path)
    found = conformed(store, source, 48_000)
    assert np.isfinite(found).all()
    assert np.array_equal(found[100], [0, 0])
    assert np.isfinite(store.peaks(source).table).all()


def damaged(path: Path) -> None:
    soundfile.write(path, sine(44_100, 4.0) + 0, 44_100)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("empty.wav", b"", "cannot be read"),
        ("text.wav", b"hello " * 100, "cannot be read"),
        ("noise.mp3", bytes(range(256)) * 4, "cannot be read"),
        ("head.flac", b"fLaC" + bytes(60), "cannot be read"),
    ],
)
def test_what_is_no_audio_is_refused(
    name: str, content: bytes, why: str, store: MediaStore, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(StudioError, match=why) as refused:
        store.import_audio(path)
    assert name in refused.value.message
    assert list(store.hashes()) == []


def test_a_file_that_stops_early_is_refused_and_nothing_is_kept(
    store: MediaStore, tmp_path: Path
) -> None:
    path = tmp_path / "cut.flac"
    damaged(path)
    with pytest.raises(StudioError, match=r"cut\.flac"):
        store.import_audio(path)
    assert [found for found in store.folder.rglob("*") if found.is_file()] == []


@pytest.mark.parametrize(
    ("sound", "rate", "why"),
    [
        (np.zeros((0, 2), np.float32), 48_000, "no sound"),
        (sine(48_000, channels=6), 48_000, "6 channels"),
        (sine(4_000), 4_000, "4000 Hz"),
        (sine(384_000, 0.1), 384_000, "384000 Hz"),
    ],
)
def test_what_a_clip_cannot_be_is_refused(
    sound: Sound, rate: int, why: str, store: MediaStore, tmp_path: Path
) -> None:
    path = tmp_path / "odd.wav"
    soundfile.write(path, sound, rate)
    with pytest.raises(StudioError, match=why):
        store.import_audio(path)


def test_a_missing_file_and_a_folder_are_refused(store: MediaStore, tmp_path: Path) -> None:
    for path in (tmp_path / "gone.wav", tmp_path):
        with pytest.raises(StudioError, match="cannot be opened"):
            store.import_audio(path)


def test_work_on_a_recording_tells_its_progress_and_can_be_cancelled(
    store: MediaStore, tmp_path: Path
) -> None:
    path = tmp_path / "long.ogg"
    with soundfile.SoundFile(path, "w", 44_100, 1, "VORBIS", format="OGG") as file:
        for _ in range(10):
            file.write(sine(44_100, 1.0, 1))
    told: list[float] = []
    source = store.import_audio(path, told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) > 8

    def stop(_fraction: float) -> None:
        raise Cancelled

    before = sorted(store.folder.parent.rglob("*"))
    with pytest.raises(Cancelled):
        store.import_audio(path, stop)
    with pytest.raises(Cancelled):
        store.conformed(source, 48_000, stop)
    assert not list(store.folder.parent.rglob("*.partial"))
    assert [p for p in sorted(store.folder.parent.rglob("*")) if p.is_file()] == [
        p for p in before if p.is_file()
    ]


def test_peaks_come_with_the_import_and_are_made_again_when_lost(
    store: MediaStore, tmp_path: Path
) -> None:
    path = tmp_path / "tone.wav"
    soundfile.write(path, sine(44_100, 2.0), 44_100)
    source = store.import_audio(path)
    assert store.has_peaks(source)
    expected = store.peaks(source).read(0, source.frames, 50)
    cached = next((store.cache / "peaks").iterdir())
    cached.unlink()
    assert not store.has_peaks(source)
    assert np.array_equal(store.peaks(source).read(0, source.frames, 50), expected)
    cached.write_bytes(b"damaged")
    assert np.array_equal(store.peaks(source).read(0, source.frames, 50), expected)
    assert len(store.peaks(source).table) == sum(level_sizes(source.frames))


def test_a_file_on_the_same_disk_is_moved_in_not_copied(store: MediaStore, tmp_path: Path) -> None:
    there = MediaStore(tmp_path / "elsewhere").put_audio(sine(48_000), 48_000, "verse.wav")
    path = MediaStore(tmp_path / "elsewhere").path(there.media)
    file = path.stat().st_ino
    assert store.adopt(path, "verse.wav") == there
    assert store.path(there.media).stat().st_ino == file
    assert not path.exists()
    assert store.has_peaks(there)
