"""Where every process of the studio starts: the window, the command line, the engine, the worker.

The children are told apart before anything heavy is imported, so that each holds only its own part.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the arguments (default: those of this process) ask for; returns the exit status.

    `--engine` and `--worker` are the studio's own children; nothing, or songs and other files to
    open, is the window; all else is the command line.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    first = words[0] if words else ""
    if first == "--engine":
        from studio.audio import engine

        return engine.main(words[1:])
    if first == "--worker":
        from studio.ai import worker

        return worker.main(words[1:])
    if not words or first == "--self-test" or _is_file(first):
        from studio import app

        return app.main(words)
    from studio.cli import main as cli

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # leaves no half file either
    return cli.main(words)


def _is_file(word: str) -> bool:
    return not word.startswith("-") and bool(Path(word).suffix) and Path(word).exists()


if __name__ == "__main__":
    sys.exit(main())
