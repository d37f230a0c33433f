"""Words into the pieces a BERT network knows (WordPiece, Wu et al. 2016; Devlin et al. 2019)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

UNKNOWN, FIRST, LAST = "[UNK]", "[CLS]", "[SEP]"
_LONGEST_WORD = 100


class WordPiece:
    """Cuts text into numbers of a vocabulary file, one piece a line; `##` goes on a word."""

    def __init__(self, vocabulary: Path) -> None:
        lines = vocabulary.read_text(encoding="utf-8").splitlines()
        self._numbers = {piece: number for number, piece in enumerate(lines)}

    def numbers(self, text: str, most: int = 128) -> list[int]:
        """The pieces of `text` between the mark of its beginning and that of its end."""
        pieces = [piece for word in words_of(text) for piece in self.pieces(word)]
        return [self._numbers[piece] for piece in (FIRST, *pieces[: most - 2], LAST)]

    def pieces(self, word: str) -> list[str]:
        """The longest known pieces of a word, left to right; `[UNK]` where one is missing."""
        if len(word) > _LONGEST_WORD:
            return [UNKNOWN]
        found: list[str] = []
        start = 0
        while start < len(word):
            piece = self._longest(word, start)
            if not piece:
                return [UNKNOWN]
            found.append(piece)
            start += len(piece) - 2 * (start > 0)
        return found

    def _longest(self, word: str, start: int) -> str:
        mark = "##" if start else ""
        ends = range(len(word), start, -1)
        return next((p for end in ends if (p := mark + word[start:end]) in self._numbers), "")


def words_of(text: str) -> list[str]:
    """Lower case without accents; marks of punctuation and CJK signs are words of their own."""
    plain = unicodedata.normalize("NFD", "".join(_cleaned(text)).lower())
    kept = "".join(mark for mark in plain if unicodedata.category(mark) != "Mn")
    return "".join(f" {mark} " if _stands_alone(mark) else mark for mark in kept).split()


def _cleaned(text: str) -> Iterator[str]:
    for mark in text:
        if mark in "\t\n\r" or unicodedata.category(mark) == "Zs":
            yield " "
        elif ord(mark) not in (0, 0xFFFD) and not unicodedata.category(mark).startswith("C"):
            yield mark


def _stands_alone(mark: str) -> bool:
    code = ord(mark)
    symbol = 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126
    ideogram = 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0x20000 <= code <= 0x2FA1F
    return symbol or ideogram or unicodedata.category(mark).startswith("P")
