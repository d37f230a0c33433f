"""Makes the shipped vectors of the example phrases: `python -m studio.ai.training.word_examples`.

To be run after a change of `studio.ai.encoder.tags`, together with another `READER`.
"""

from __future__ import annotations

from studio.ai.encoder import guesses
from studio.ai.encoder.network import Encoder


def main() -> None:
    guesses.store(Encoder.installed(), guesses.table_file())


if __name__ == "__main__":
    main()
