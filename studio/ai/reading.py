"""What the words of a request say, with guesses at those that the lexicon does not know.

For the worker process: it holds the sentence encoder from the first word that needs it.
"""

from __future__ import annotations

import threading
from functools import cache

from studio.ai.encoder.weights import READER
from studio.ai.requests import Chip, Request
from studio.ai.word_reader import Guess, Meaning
from studio.ai.words import Understood, understand
from studio.core.errors import StudioError

_LOADING = threading.Lock()  # windows and models may want it at once


def read(request: Request) -> Understood:
    """What a model is to go by; equal requests say the same.

    Raises:
        StudioError: The words were read by an encoder that is not the one installed.
    """
    return understand(request.prompt, request.negative, guesser(request.reader))


def chips(prompt: str, negative: str, reader: str) -> tuple[Chip, ...]:
    """What a window shows of the words: the chips of the result that they will lead to."""
    return understand(prompt, negative, guesser(reader)).chips


def guesser(reader: str) -> Guess | None:
    """What guesses for `reader`; None for the lexicon alone.

    Raises:
        StudioError: That is not the one installed.
    """
    if not reader:
        return None
    if reader != READER:
        raise StudioError(
            "The words of this were read in another version of the studio.", "Generate it anew."
        )
    return _guess


def forget() -> None:
    """Free the encoder's memory until it is needed again."""
    _guesses.cache_clear()


def _guess(phrase: str) -> Meaning | None:
    """Loads nothing before there is a phrase to guess."""
    with _LOADING:
        guesses = _guesses()
    return guesses(phrase)


@cache
def _guesses() -> Guess:
    from studio.ai.encoder.guesses import Guesses

    return Guesses.installed()
