"""Debian's packages that hold MMA and the music of games, fetched and unpacked without root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from studio.core.errors import StudioError


@dataclass(frozen=True, slots=True)
class Package:
    name: str
    licence: str


INSTALLED_HOME = Path("/usr/share/mma")
MMA = Package("mma", "GPL-2.0-or-later")
GAMES = (
    Package("freedoom", "BSD-3-Clause"),
    Package("freedm", "BSD-3-Clause"),
    Package("simutrans-data", "Artistic-1.0"),
    Package("planetblupi-music-midi", "GPL-3.0-or-later"),
    Package("openttd-openmsx", "GPL-2.0-only"),
)


def unpacked(package: Package, folder: Path) -> Path:
    """The folder that holds the package's files, fetched with apt-get where they are not there.

    Raises:
        StudioError: apt-get or dpkg is missing, or the package cannot be had.
    """
    home = folder / package.name
    if (home / "usr").is_dir():
        return home
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise StudioError(
            f"The Debian package “{package.name}” is missing, and apt-get and dpkg are too.",
            f"Unpack it into {home}, on Debian or elsewhere.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    _ran(["apt-get", "download", package.name], folder, package)
    [archive] = sorted(folder.glob(f"{package.name}_*.deb"))[-1:]
    _ran(["dpkg", "-x", str(archive), str(home)], folder, package)
    return home


def _ran(command: list[str], folder: Path, package: Package) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StudioError(
            f"The Debian package “{package.name}” could not be fetched.", done.stderr.strip()[-200:]
        )


@dataclass(frozen=True, slots=True)
class Mma:
    """Where MMA lies: its program and its home of modules and library."""

    program: Path
    home: Path

    @property
    def library(self) -> Path:
        return self.home / "lib"

    def made(self, song: Path, midi: Path) -> bool:
        """Whether MMA made a MIDI file of a song file."""
        done = subprocess.run(
            [sys.executable, "-S", str(self.program), "-w", "-f", str(midi), str(song)],
            env={"MMA_HOME": str(self.home), "PATH": os.defpath, "HOME": str(song.parent)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        return done.returncode == 0 and midi.exists()


def mma(folder: Path) -> Mma:
    """MMA as installed, or else from its Debian package, unpacked in the folder and indexed.

    Raises:
        StudioError: It cannot be had.
    """
    if (installed := shutil.which("mma")) is not None and INSTALLED_HOME.is_dir():
        return Mma(Path(installed), INSTALLED_HOME)
    home = unpacked(MMA, folder)
    found = Mma(home / "usr" / "bin" / "mma", home / "usr" / "share" / "mma")
    if not (found.library / "stdlib" / ".mmaDB").exists():
        subprocess.run(
            [sys.executable, str(found.program), "-G"],
            env={"MMA_HOME": str(found.home), "PATH": os.defpath},
            stdout=subprocess.DEVNULL,
            check=True,
        )
    return found
