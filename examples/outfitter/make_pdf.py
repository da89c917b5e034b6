"""Write ``knowledge/size-and-fit-guide.pdf``: two pages of text and tables, the same bytes on every run.

Usage: ``python examples/outfitter/make_pdf.py [FILE]``. Needs reportlab (in the ``dev`` extra).
"""

from __future__ import annotations

import argparse
from pathlib import Path

from reportlab.lib import colors
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.units import inch
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

DEFAULT_PATH = Path(__file__).parent / "knowledge" / "size-and-fit-guide.pdf"

Block = tuple[str, str] | list[list[str]]

PAGES: list[list[Block]] = [
    [
        ("Title", "Size and fit guide"),
        (
            "BodyText",
            "The size and fit guide of Kettlemoor Outfitters lists body measurements, not garment "
            "measurements. "
            "All measurements in the size and fit guide are in inches, unless another unit is named.",
        ),
        ("Heading2", "How to measure"),
        (
            "BodyText",
            "The chest is measured around its fullest part, with the arms hanging down. "
            "The waist is measured at the navel, with the tape held level. "
            "The inseam is measured from the crotch to the floor, without shoes. "
            "The sleeve is measured from the middle of the neck to the wrist, over a bent elbow.",
        ),
        ("Heading2", "Jackets, insulation and base layers"),
        [
            ["Size", "Chest", "Waist", "Sleeve"],
            ["XS", "33 to 35", "27 to 29", "31.5"],
            ["S", "35 to 38", "29 to 32", "32.5"],
            ["M", "38 to 41", "32 to 35", "33.5"],
            ["L", "41 to 44", "35 to 38", "34.5"],
            ["XL", "44 to 48", "38 to 42", "35.5"],
            ["XXL", "48 to 52", "42 to 46", "36.5"],
        ],
        (
            "BodyText",
            "A person with a chest of 40 inches wears size M in Kettlemoor jackets. "
            "A person whose chest and waist fall into different sizes should follow the chest for jackets. "
            "The Tarrow Storm Jacket has a roomy cut, so a warm layer fits underneath in the usual size. "
            "The Tarrow Lite Jacket has a slim cut, so hikers who wear a fleece below should order one size "
            "up. Merrow Merino layers fit close to the skin and should not be ordered in a larger size.",
        ),
        ("Heading2", "Trousers and shorts"),
        (
            "BodyText",
            "Sawpit Trousers are sized by the waist in inches and come with an inseam of 32 inches. "
            "Kettlemoor hems Sawpit Trousers to a shorter inseam for $10 in any store. "
            "Hemmed trousers cannot be returned or exchanged, unless the hem was sewn to the wrong length. "
            "Tarrow Storm Trousers have an inseam of 31 inches in size M and cannot be hemmed.",
        ),
    ],
    [
        ("Heading2", "Boots, shoes and sandals"),
        [
            ["US size, unisex", "European size", "Foot length"],
            ["6", "38", "9.3"],
            ["7", "39.5", "9.6"],
            ["8", "41", "9.9"],
            ["9", "42", "10.3"],
            ["10", "43.5", "10.6"],
            ["11", "45", "10.9"],
            ["12", "46", "11.3"],
            ["13", "47.5", "11.6"],
            ["14", "48.5", "11.9"],
        ],
        (
            "BodyText",
            "Kettlemoor footwear uses unisex sizes, and women choose 1.5 sizes below their usual women's "
            "size. Anvil Mid Boots, Anvil Light Boots and Dashwater shoes come in half sizes. "
            "Anvil Winter Boots, Hearth Hut Slippers and Creekside Sandals come in whole sizes only. "
            "Wide widths are available for Anvil boots and add about a quarter of an inch across the ball of "
            "the foot.",
        ),
        ("Heading2", "Gloves and hats"),
        [
            ["Glove size", "Hand around the knuckles"],
            ["S", "7 to 7.5"],
            ["M", "7.5 to 8.5"],
            ["L", "8.5 to 9"],
            ["XL", "9 to 10"],
        ],
        (
            "BodyText",
            "Gloves are measured around the knuckles of the stronger hand, without the thumb. "
            "The Merrow Beanie comes in one size and stretches to a head of 24 inches.",
        ),
        ("Heading2", "Packs"),
        (
            "BodyText",
            "The back length runs from the bony bump at the base of the neck to the top of the hip bones. "
            "The Carter 55 Pack in size S/M fits a back length of 15 to 18 inches. "
            "The Carter 55 Pack in size M/L fits a back length of 18 to 21 inches. "
            "The Carter 28 Daypack comes in one size and has no adjustable back.",
        ),
        ("Heading2", "Children"),
        (
            "BodyText",
            "The Millrace Kids Rain Jacket is sized by age, from 4 to 14 years. "
            "Tall children should be sized by height: size 8 fits a height of 50 to 53 inches. "
            "The fold-out cuffs of the Millrace Kids Rain Jacket add 1.5 inches to the sleeves.",
        ),
        ("Heading2", "Still unsure"),
        (
            "BodyText",
            "Customers who are between two sizes can order both sizes and return one size within 45 days. "
            "Customer support gives advice on sizes by phone at (802) 555-0100.",
        ),
    ],
]


def flowables() -> list[Flowable]:
    """Turn the blocks of every page into reportlab flowables."""
    styles = getSampleStyleSheet()
    grid = TableStyle(
        [
            ("GRID", (0, 0), (-1, -1), 0.5, colors.grey),
            ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
            ("FONTNAME", (0, 0), (-1, 0), "Helvetica-Bold"),
        ]
    )
    story: list[Flowable] = []
    for number, page in enumerate(PAGES):
        if number:
            story.append(PageBreak())
        for block in page:
            if isinstance(block, list):
                table = Table(block, hAlign="LEFT")
                table.setStyle(grid)
                story.extend([table, Spacer(1, 8)])
            else:
                style, text = block
                story.append(Paragraph(text, styles[style]))
    return story


def write_pdf(path: Path) -> None:
    """Write the guide to ``path``.

    Args:
        path: The PDF file to write; an existing file is replaced.
    """
    document = SimpleDocTemplate(
        str(path),
        pagesize=LETTER,
        invariant=1,
        title="Size and fit guide",
        author="Kettlemoor Outfitters",
        leftMargin=inch,
        rightMargin=inch,
        topMargin=0.8 * inch,
        bottomMargin=0.8 * inch,
    )
    document.build(flowables())


def main() -> None:
    """Read the output path from the command line and write the guide."""
    parser = argparse.ArgumentParser(description="Write the size and fit guide as a PDF with fixed bytes.")
    parser.add_argument("path", nargs="?", type=Path, default=DEFAULT_PATH, help="output file")
    write_pdf(parser.parse_args().path)


if __name__ == "__main__":
    main()
