"""What the headers of ABC files (abcnotation.com, 2.1) say of a tune: key, kind, tempo."""

from __future__ import annotations

import re
from dataclasses import dataclass

from studio.ai.training.composer.collections.styles import plain
from studio.domain.theory import pitch_class

_MINOR = ("m", "min", "aeo", "dor", "phr", "loc")


@dataclass(frozen=True, slots=True)
class Tune:
    """A header.

    Attributes:
        number: As the X field has it.
        rhythm: Such as `jig`.
        bpm: Quarters a minute; 0 where the tune does not say.
        key: Pitch class of the tonic, 0 major or 1 minor; None where the key is not plain.
    """

    number: str
    titles: tuple[str, ...]
    rhythm: str = ""
    bpm: float = 0.0
    key: tuple[int, int] | None = None


def headers(text: str) -> list[Tune]:
    """The tunes of a file."""
    found = []
    for block in re.split(r"^(?=X:)", text, flags=re.MULTILINE):
        fields = dict(reversed(re.findall(r"^([A-Z]):[ \t]*([^%\n]*)", block, re.MULTILINE)))
        titles = re.findall(r"^T:[ \t]*([^%\n]*)", block, re.MULTILINE)
        if "X" in fields and titles:
            found.append(
                Tune(
                    fields["X"].strip(),
                    tuple(plain(title) for title in titles),
                    fields.get("R", "").strip().lower(),
                    _bpm(block),
                    key_of(fields.get("K", "")),
                )
            )
    return found


def _bpm(block: str) -> float:
    """From the first `Q:1/4=100`, in the header or in the tune; 0 where there is none."""
    found = re.search(r"Q:\s*(\d+)/(\d+)\s*=\s*(\d+)", block)
    return int(found[3]) * 4 * int(found[1]) / int(found[2]) if found else 0.0


def key_of(text: str) -> tuple[int, int] | None:
    """`Am` -> (9, 1), `Dmix` -> (2, 0); church modes by their third."""
    found = re.match(r"\s*([A-G])([#b]?)\s*([A-Za-z]*)", text)
    if not found:
        return None
    mode = found[3].lower()[:3]
    if mode not in ("", "m", "maj", "min", "aeo", "dor", "phr", "loc", "mix", "lyd", "ion"):
        mode = ""
    return pitch_class(found[1], found[2]), int(mode in _MINOR)


def tunes(files: dict[str, bytes]) -> dict[tuple[str, str], Tune]:
    """Tunes by (number, title), and by ("", title)."""
    known: dict[tuple[str, str], Tune] = {}
    for _, data in sorted(files.items()):
        for tune in headers(data.decode("latin-1")):
            for title in tune.titles:
                known[tune.number, title] = tune
                known.setdefault(("", title), tune)
    return known


def named(known: list[Tune], number: str, title: str) -> Tune | None:
    """The tune of a title that a file name may have cut short; of several the one so numbered."""
    found = [tune for tune in known if any(name.startswith(title) for name in tune.titles)]
    return min(found, key=lambda tune: tune.number != number, default=None)
