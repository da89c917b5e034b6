r"""Build the fonts of the picture renderer from pinned packages of the npm registry.

    npm pack inter-ui@4.1.1 @fontsource/noto-sans-{arabic,hebrew,devanagari,thai,jp,kr,sc}@5.3.0 \
        @fontsource/noto-emoji@5.3.2          # unpack each into FOLDER/NAME
    pip install fonttools brotli
    python scripts/picture_fonts.py FOLDER pictures/fonts

Every font is under the SIL Open Font License 1.1. Each is cut down to the characters that it is for;
`coverage.json` lists what the fonts can draw together.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterable
from pathlib import Path

from fontTools import subset
from fontTools.merge import Merger
from fontTools.ttLib import TTFont

EUROPE = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x250),
    *range(0x2B0, 0x37F),
    *range(0x370, 0x530),
    *range(0x1E00, 0x2000),
    *range(0x2000, 0x2070),
    *range(0x2070, 0x20D0),
    *range(0x2100, 0x2200),
    *(0x2212, 0x2215, 0x2219, 0x221A, 0x221E, 0x2248, 0x2260, 0x2264, 0x2265),
    *(0x2605, 0x2606, 0x2713, 0x2717, 0xFFFD),
]
FEATURES = ["kern", "liga", "calt", "ccmp", "locl", "mark", "mkmk", "tnum", "init", "medi", "fina", "isol"]
FEATURES += ["rlig", "rclt", "akhn", "rphf", "rkrf", "half", "blwf", "abvs", "blws", "pres", "psts", "haln"]
FEATURES += ["cjct", "nukt", "vatu", "abvm", "blwm", "dist", "curs", "palt"]


def decoded(encoding: str, first: Iterable[int], second: Iterable[int]) -> list[int]:
    """The characters of a part of a two-byte character set."""
    seconds = list(second)
    made = []
    for a in first:
        for b in seconds:
            try:
                made += [ord(c) for c in bytes([a, b]).decode(encoding)]
            except UnicodeDecodeError:
                continue
    return made


LOW = range(0xA1, 0xFF)
KANA = [*range(0x3000, 0x3100), *range(0x31F0, 0x3200), *range(0xFF01, 0xFFA0), *range(0x3200, 0x3300)]
JAPANESE = [*KANA, *decoded("euc_jp", range(0xB0, 0xD0), LOW)]
"""Kana, punctuation and the 2,965 kanji of JIS level 1."""
CHINESE = decoded("gb2312", range(0xB0, 0xD8), LOW)
"""The 3,755 characters of GB 2312 level 1."""
KOREAN = decoded("euc_kr", range(0xB0, 0xC9), LOW)
"""The 2,350 syllables of KS X 1001."""


def write(font: TTFont, wanted: Iterable[int], family: str, weight: int, out: Path) -> set[int]:
    """Cut a font to characters, name it, and write it; return what it covers."""
    options = subset.Options()
    options.layout_features = FEATURES
    options.hinting = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.notdef_outline = True
    options.drop_tables += ["DSIG", "meta", "STAT", "vhea", "vmtx", "VORG"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=set(wanted))
    cutter.subset(font)
    style = {400: "Regular", 500: "Medium", 600: "SemiBold", 700: "Bold"}[weight]
    names = {1: family, 2: style, 4: f"{family} {style}", 6: f"{family}-{style}".replace(" ", "")}
    for record in list(font["name"].names):
        if record.nameID in (16, 17, 21, 22, 25):
            font["name"].removeNames(nameID=record.nameID)
    for number, text in names.items():
        font["name"].setName(text, number, 3, 1, 0x409)
    font["OS/2"].usWeightClass = weight
    font["head"].created = font["head"].modified = 3_800_000_000
    font.flavor = None
    path = out / f"{names[6]}.ttf"
    font.recalcTimestamp = False
    font.save(path)
    print(f"{path.name:32} {path.stat().st_size:>9,} bytes {len(font.getBestCmap()):>6} characters")
    return set(font.getBestCmap())


def main() -> None:
    """Build every font."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("packages", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    covered: set[int] = set()

    def source(pattern: str) -> Path:
        (found,) = given.packages.glob(pattern)
        return found

    for name, family, weight in (
        ("display/InterDisplay-Bold", "Inter Display", 700),
        ("web/Inter-Regular", "Inter", 400),
        ("web/Inter-SemiBold", "Inter", 600),
    ):
        covered |= write(TTFont(source(f"inter-ui*/{name}.woff2")), EUROPE, family, weight, given.out)

    def noto(script: str, part: str, weight: int) -> TTFont:
        return TTFont(source(f"*noto-sans-{script}*/files/noto-sans-{script}-{part}-{weight}-normal.woff2"))

    everything = range(0x110000)
    for script in ("arabic", "hebrew", "devanagari", "thai"):
        for weight in (400, 700):
            font = noto(script, script, weight)
            # the digits and signs of Latin come from Inter
            wanted = [c for c in everything if c > 0x590 and not 0x2000 <= c < 0x2200]
            wanted += [0x20, 0x200C, 0x200D, 0x25CC]
            covered |= write(font, wanted, f"Noto Sans {script.title()}", weight, given.out)
    japanese = write(noto("jp", "japanese", 500), JAPANESE, "Noto Sans JP", 500, given.out)
    covered |= japanese
    covered |= write(
        noto("sc", "chinese-simplified", 500), set(CHINESE) - japanese, "Noto Sans SC", 500, given.out
    )
    covered |= write(noto("kr", "korean", 500), KOREAN, "Noto Sans KR", 500, given.out)

    slices = sorted(given.packages.glob("*noto-emoji*/files/noto-emoji-*-500-normal.woff2"))
    with tempfile.TemporaryDirectory() as folder:
        plain = []
        for number, path in enumerate(slices):
            font = TTFont(path)
            font.flavor = None
            if "vmtx" in font:
                del font["vmtx"], font["vhea"]
            plain.append(str(Path(folder) / f"{number}.ttf"))
            font.save(plain[-1])
        merged = Merger().merge(plain)
        wanted = [c for c in everything if c > 0x200 and c not in covered]
        covered |= write(merged, [*wanted, 0x200D], "Noto Emoji", 500, given.out)

    ranges: list[list[int]] = []
    for code in sorted(covered):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    (given.out / "coverage.json").write_text(json.dumps(ranges, separators=(",", ":")) + "\n", "utf-8")
    print(f"{len(covered):,} characters, {sum(f.stat().st_size for f in given.out.iterdir()):,} bytes")


if __name__ == "__main__":
    main()
