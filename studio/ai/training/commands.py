"""The commands of a recipe."""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import sys
from collections.abc import Mapping, Sequence

from studio.core.errors import StudioError


def run(package: str, commands: Mapping[str, str], words: Sequence[str] | None) -> int:
    """Run one command of a recipe; 1 where it could not be done.

    Args:
        commands: Each is a module of the package, with `add_arguments(parser)` and
            `run(arguments)`, and what it does.
    """
    # Threads that wait in a loop make a machine that has other work crawl. Read when torch loads.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    parser = argparse.ArgumentParser(prog=f"python -m {package}")
    several = parser.add_subparsers(dest="command", required=True)
    for name, text in commands.items():
        module = importlib.import_module(f"{package}.{name}")
        module.add_arguments(several.add_parser(name, help=text))
    arguments = parser.parse_args(words)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    try:
        importlib.import_module(f"{package}.{arguments.command}").run(arguments)
    except StudioError as error:
        logging.getLogger(package).error("%s", error)
        return 1
    return 0
