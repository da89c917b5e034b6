"""Build the icons of the picture renderer from pinned packages of the npm registry.

    npm pack @iconify-json/fluent-emoji-flat@1.2.6 emojilib@4.0.3 unicode-emoji-json@0.9.0
    pip install resvg-py
    python scripts/picture_icons.py FOLDER MINILM pictures/icons

The drawings are Microsoft's Fluent emoji (MIT), the words are emojilib's (MIT). Faces, people, flags
and signs are left out: what stays are things that a section of a text can be about.
"""

from __future__ import annotations

import argparse
import colorsys
import io
import json
import re
from pathlib import Path

import numpy as np
import resvg_py
from PIL import Image
from safetensors.numpy import save_file

from limner.models import LocalEmbeddings
from limner.pictures.icon_words import PROBE, sentence

KEPT_GROUPS = {"Animals & Nature", "Food & Drink", "Travel & Places", "Activities", "Objects"}
KEPT = """handshake brain tooth eyes footprints robot recycling_symbol check_mark_button warning musical_notes
chequered_flag triangular_flag high_voltage speech_balloon light_bulb sparkles red_heart heavy_dollar_sign
bone dna anatomical_heart lungs writing_hand atm_sign wheelchair_symbol no_entry prohibited
hundred_points thought_balloon people_hugging busts_in_silhouette bullseye globe_with_meridians""".split()
DROPPED = re.compile(
    r"o_clock|thirty$|_face$|keycap|button$|japanese_|squared|santa|person_|man_|woman_|pistol|bomb|cigarette|"
    r"coffin|headstone|funeral_urn|dagger|crossed_swords|syringe_blood|love_hotel|moai|see_no|hear_no|speak_no|"
    r"pile_of|middle_finger|kaaba|shinto|synagogue|mosque|hindu_temple|church|prayer_beads|slot_machine|"
    r"nazar|hamsa|placard|transgender|joker|mahjong|flower_playing|people_|drop_of_blood|prayer"
)
SENSES = {
    "package": "returns and exchanges; sending an item back; parcel delivery; order fulfilment; stock",
    "delivery truck": "shipping; delivery times; logistics; moving goods",
    "receipt": "invoice and billing; refund; tax return; proof of purchase",
    "shield": "warranty; insurance; security and protection; guarantee; safety rules",
    "locked": "privacy; data protection; confidential; login and password",
    "hammer and wrench": "repairs; maintenance; do it yourself; service and fixing",
    "toolbox": "tools for a job; troubleshooting; repair kit",
    "chart increasing": "growth; revenue; sales figures; performance; statistics going up; trend",
    "bar chart": "statistics; report; survey results; analysis of data",
    "clipboard": "checklist; requirements; terms and conditions; inspection; policy",
    "memo": "notes; summary; minutes of a meeting; how to write; contract",
    "spiral calendar": "schedule; dates and deadlines; booking; opening hours; events",
    "alarm clock": "time limit; deadline; opening hours; how long it takes",
    "stopwatch": "speed; fast; performance test; waiting time",
    "headphone": "customer support; call centre; help line; audio",
    "telephone receiver": "contact us; phone support; calling",
    "speech balloon": "questions and answers; feedback; conversation; reviews; frequently asked questions",
    "light bulb": "idea; tips; advice; innovation; insight",
    "bullseye": "goal; target; strategy; focus; objective",
    "handshake": "agreement; partnership; deal; negotiation; contract",
    "busts in silhouette": "team; people; members; customers; community; staff; employees",
    "briefcase": "job; career; business; work; hiring; interview",
    "office building": "company; headquarters; workplace; organisation",
    "bank": "finance; bank account; loan; interest",
    "credit card": "payment; paying online; checkout; bank card",
    "wrapped gift": "gift card; present; voucher; bonus; reward",
    "ticket": "loyalty programme; coupon; discount; event entry",
    "label": "price; discount; sale; size label; product tag",
    "shopping cart": "ordering; online shop; buying; checkout; basket",
    "shopping bags": "shopping; retail; products; store",
    "convenience store": "store location; shop; pick up in store; branch",
    "classical building": "government; law; regulation; museum; institution",
    "balance scale": "law; legal; comparison; fairness; rights; complaint",
    "gear": "settings; how it works; configuration; automation; engineering; process",
    "laptop": "software; computer; remote work; website; programming",
    "desktop computer": "information technology; app; program; system",
    "robot": "artificial intelligence; machine learning; automation; chatbot; model",
    "card file box": "database; archive; backup; records; storage",
    "floppy disk": "saving data; backup",
    "satellite antenna": "network; signal; communication; internet connection",
    "globe with meridians": "website; internet; languages; worldwide; international",
    "recycling symbol": "sustainability; recycled materials; environment; reuse",
    "seedling": "sustainable; growth; organic; ecology; spring planting",
    "leafy green": "vegetables; vegan food",
    "sun": "solar energy; sunshine; hot weather; summer",
    "high voltage": "electricity; power; energy; charging",
    "battery": "battery life; energy storage; charge",
    "electric plug": "charging; power supply; electric car",
    "droplet": "water; waterproof; moisture; cleaning; washing",
    "bubbles": "washing; laundry care; cleaning; soap",
    "sponge": "cleaning; care instructions",
    "sewing needle": "mending; tailoring; fabric; stitching",
    "straight ruler": "size; measurements; fit; dimensions",
    "triangular ruler": "design; planning; construction",
    "hiking boot": "outdoor shoes; trekking; walking trail",
    "tent": "camping; sleeping outdoors; shelter",
    "backpack": "travel gear; outdoor equipment; luggage",
    "bed": "sleeping; sleeping bag; overnight; rest; mattress",
    "coat": "jacket; outerwear; rainwear; winter clothes",
    "hot beverage": "coffee; tea; espresso; cafe; break",
    "fork and knife with plate": "restaurant; meal; dinner; recipe",
    "cooking": "kitchen; how to cook; recipe",
    "hospital": "health care; clinic; patients; medical",
    "stethoscope": "doctor; examination; diagnosis; medicine",
    "pill": "medication; drug; side effects",
    "graduation cap": "education; training; course; learning; university; students",
    "books": "documentation; reading; library; manual; knowledge; guide",
    "magnifying glass tilted left": "search; research; finding; inspection; review",
    "microscope": "science; laboratory; experiment; quality test",
    "rocket": "launch; new release; startup; getting started",
    "megaphone": "announcement; news; marketing; promotion; recall",
    "newspaper": "press; news article; current events",
    "trophy": "award; best; winner; success; quality",
    "warning": "risk; caution; limits; what to avoid; exceptions; danger; hazard",
    "prohibited": "not allowed; exclusions; forbidden; cancelled",
    "check mark button": "approved; done; conditions met; requirements; eligible",
    "key": "access; account; renting; ownership",
    "identification card": "identity; membership; account; registration; proof of identity",
    "envelope": "letter; email newsletter; contact; notification",
    "closed mailbox with raised flag": "mail; post; sending a letter",
    "house": "home; housing; living; household; property",
    "airplane": "flight; travel; holiday trip; airport",
    "automobile": "car; driving; vehicle; traffic",
    "bicycle": "cycling; bike; commuting",
    "factory": "manufacturing; production; industry; supply chain",
    "world map": "route; regions; countries; travel plan",
    "compass": "orientation; guide; navigation; direction",
    "link": "connection; chain; hyperlink; integration",
    "puzzle piece": "solution; parts; problem; compatibility; plugin",
    "hourglass done": "waiting; duration; patience; history",
    "money bag": "budget; savings; costs; fund; salary",
    "coin": "price; fee; cents; cheap",
    "money with wings": "refund; money back; spending; transfer of money; cost",
    "snowflake": "cold; winter; freezing; frozen; cooling",
    "thermometer": "temperature; fever; climate",
    "cloud with rain": "rain; wet weather; storm forecast",
    "video game": "gaming; entertainment; player",
    "artist palette": "design; colours; art; creativity",
    "camera": "photography; pictures; photo",
    "soccer ball": "football; sport; match",
    "baby bottle": "baby care; infants; parents",
    "dog": "pets; puppy; animal care",
    "old key": "history; heritage; antique",
    "scroll": "history; law; ancient text; declaration",
    "dna": "genetics; biology; research in life science",
    "brain": "thinking; psychology; memory; mental health; intelligence",
    "red heart": "care; love; thank you; donation; health",
    "fire extinguisher": "fire safety; emergency",
    "rescue worker’s helmet": "work safety; rescue; construction site",
    "construction": "building site; road works; under construction",
    "ladder": "steps up; improvement; progress",
    "chequered flag": "finish; completion; race; result",
    "triangular flag": "milestone; start; marker",
}
"""What a thing stands for in texts of work, shops and news, beside what it is."""
DROPPED_MEANINGS = {"poop", "sexy", "sex", "porn", "wtf", "xxx"}
LESS_PRECISE = re.compile(r"-?\d+\.\d{3,}|-?\.\d{3,}")


def lightened(body: str) -> str:
    """The same drawing with two decimals: a hundredth of a unit in 32 is never seen."""
    return LESS_PRECISE.sub(lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), body)


def main() -> None:
    """Build the icons and their vectors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("packages", type=Path)
    parser.add_argument("minilm", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()

    def load(pattern: str) -> dict[str, object]:
        (path,) = given.packages.glob(pattern)
        return json.loads(path.read_text("utf-8"))

    drawings = load("iconify-json-fluent-emoji-flat*/icons.json")["icons"]
    keys = dict(load("iconify-json-fluent-emoji-flat*/chars.json"))
    words = load("emojilib*/dist/emoji-en-US.json")
    icons = []
    for emoji, facts in load("unicode-emoji-json*/data-by-emoji.json").items():
        slug = facts["slug"]
        group = facts["group"]
        if slug not in KEPT and (group not in KEPT_GROUPS or DROPPED.search(slug)):
            continue
        codes = "-".join(f"{ord(c):x}" for c in emoji)
        key = keys.get(codes) or keys.get(codes.replace("-fe0f", ""))
        if key is None or key not in drawings:
            continue
        tags = [w.replace("_", " ") for w in words.get(emoji, []) if w not in DROPPED_MEANINGS]
        tags = [tag for tag in dict.fromkeys(tags) if tag != facts["name"] and len(tag) > 1][:14]
        body = lightened(drawings[key]["body"])
        if len(body) > 6000:
            continue
        icons.append({"name": facts["name"], "tags": tags, "body": body, "group": group})
    spoken: dict[str, list[str]] = {}
    for icon in icons:
        icon.update(look(icon["body"]))
        del icon["group"]
        if icon["name"] in SENSES:
            # where no embeddings are at hand, words are compared
            spoken[icon["name"]] = [*icon["tags"], *SENSES[icon["name"]].split("; ")]
    given.out.mkdir(parents=True, exist_ok=True)
    written = [{**icon, "tags": spoken.get(icon["name"], icon["tags"])} for icon in icons]
    rows = ",\n".join(json.dumps(icon, ensure_ascii=False, separators=(",", ":")) for icon in written)
    (given.out / "icons.json").write_text(f"[\n{rows}\n]\n", "utf-8")
    model = LocalEmbeddings(given.minilm)
    numbers = {icon["name"]: number for number, icon in enumerate(icons)}
    senses = [(text, numbers[name]) for name, texts in SENSES.items() for text in texts.split("; ")]
    tagged = model.embed_documents([sentence(icon["name"], icon["tags"]) for icon in icons])
    save_file(
        {
            "icons": np.array([*tagged, *model.embed_documents([text for text, _ in senses])], np.float16),
            "rows": np.array([*range(len(icons)), *(number for _, number in senses)], np.int32),
            "probe": np.array(model.embed_query(PROBE), np.float16),
        },
        given.out / "vectors.safetensors",
    )
    for file in sorted(given.out.glob("*.*")):
        print(f"{file.name:24} {file.stat().st_size:>9,} bytes")
    print(f"{len(icons)} icons")


def look(body: str) -> dict[str, int]:
    """The hue that a drawing is mostly of, 0 to 359; how colourful and how light it is, 0 to 100."""
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="48" height="48">{body}</svg>'
    with Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg)))) as image:
        pixels = np.asarray(image.convert("RGBA"), float).reshape(-1, 4) / 255
    pixels = pixels[pixels[:, 3] > 0.5]
    x = y = colour = 0.0
    for red, green, blue, _ in pixels:
        hue, saturation, value = colorsys.rgb_to_hsv(red, green, blue)
        weight = saturation * value
        colour += weight
        x += weight * np.cos(hue * 2 * np.pi)
        y += weight * np.sin(hue * 2 * np.pi)
    return {
        "hue": int(np.degrees(np.arctan2(y, x))) % 360,
        "light": round(100 * float((pixels[:, :3] @ (0.2126, 0.7152, 0.0722)).mean())),
        "colour": round(100 * float(np.hypot(x, y)) / max(1, len(pixels))),
    }


if __name__ == "__main__":
    main()
