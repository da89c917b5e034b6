"""Invented people, streets and towns; what it costs and takes to ship abroad."""

from __future__ import annotations


def words(text: str) -> list[str]:
    """Split a text at its spaces."""
    return text.split()


FIRST_NAMES = words(
    "Abel Briony Calla Dorian Elspeth Fenn Greta Hollis Imke Jory Keziah Linus Maren Nils Orla Pascal Quilla"
    " Rufus Sunniva Tobin Ulla Verity Wendel Xenia Yara Zebedee Amias Bettina Corwin Delphine"
)
LAST_NAMES = words(
    "Ashwick Bramlow Corrindale Dunmarsh Elverstone Fallowby Gorsefield Hathermoor Inglebeck Jessamore"
    " Kilnworth Larkenby Mossgrave Nettlecombe Oakenshade Pellweather Quarrington Rushdyke Sedgeholm Thornaby"
    " Underhay Vexmoor Wetherlow Yarrowdale Zellerholt Applegarth Birkenshade Cindermere Dapplewood Ettrick"
)
STREETS = ("Mill Lane", "Orchard Street", "Quarry Road", "Canal Row", "Juniper Hill", "Heron Court")
US_TOWNS = (
    ("Alder Falls", "VT"),
    ("Harrow Bay", "ME"),
    ("Pinecroft", "NH"),
    ("Cedar Hollow", "NY"),
    ("Maple Ferry", "PA"),
    ("Gull Point", "MA"),
    ("Copper Bend", "CO"),
    ("Tall Cedars", "OR"),
    ("Lake Marrow", "MN"),
)
FAR_TOWNS = (("Kettle Inlet", "AK"), ("Koa Landing", "HI"))
ABROAD = (
    ("Birch Narrows", "Ontario", "Canada"),
    ("Loon Harbor", "Nova Scotia", "Canada"),
    ("Netherwick", "Cumbria", "United Kingdom"),
    ("Tannenried", "Bavaria", "Germany"),
    ("Hoshigawa", "Nagano", "Japan"),
    ("Ferntown", "Otago", "New Zealand"),
)
ABROAD_RATES = {
    "Canada": (1800, 6, 10),
    "United Kingdom": (3200, 8, 14),
    "Germany": (3200, 8, 14),
    "Japan": (4200, 10, 18),
    "New Zealand": (4200, 10, 18),
}
