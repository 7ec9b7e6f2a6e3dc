"""A register of 3,200 permits, and every way we know of in which one comes in wrong.

Each defect is planted in rows of its own, with what must be said of them. The clean register
is the same one before: nothing may be said of it.
"""

import copy
import json

import numpy as np

from conftest import CRS, X, Y

ROWS = 3200
EACH = 6
_ALL = "surface,water,seabed,subsoil"
# mode, type of HY/T 123-2009, strata, years of the term
USES = [
    ("41", "13", "surface,water", 15),
    ("33", "12", _ALL, 15),
    ("11", "71", _ALL, 50),
    ("23", "31", "surface,water,seabed", 50),
    ("53", "51", "seabed,subsoil", 50),
    ("43", "43", "surface", 25),
]
NAMES = ["荣成市俚岛镇海带养殖有限公司", "威海港集团有限公司", "张三", "李伟", "寻山街道办事处"]


def clean(rows=ROWS, seed=3):
    """Features of GeoJSON, metres of EPSG:4549: quadrangles 20 m and more apart."""
    rng = np.random.default_rng(seed)
    features = []
    for row in range(rows):
        x, y = X + 120.0 * (row % 60), Y + 120.0 * (row // 60)
        corners = np.array([[0, 0], [90, 0], [90, 90], [0, 90]]) + rng.uniform(0, 8, (4, 2))
        ring = (np.array([x, y]) + corners).round(3).tolist()
        mode, use, strata, years = USES[row % len(USES)]
        year = 2005 + row % 19
        features.append(
            {
                "type": "Feature",
                "properties": {
                    "permit_id": f"2023C{row:06d}",
                    "right": "sea_use",
                    "project_name": f"用海项目{row}",
                    "holder": NAMES[row % len(NAMES)],
                    "scheme": "hy/t-123-2009",
                    "use_type": use,
                    "use_mode": mode,
                    "strata": strata,
                    "valid_from": f"{year}-03-01",
                    "valid_to": f"{year + years}-02-28",
                    "authority": "威海市人民政府",
                    "area_ha": round(_area(ring) / SCALE / 1e4, 4),
                    "meridian": 121.5,
                    "sigma_m": 0.1,
                },
                "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
            }
        )
    return features


SCALE = 1.000350  # areal scale of EPSG:4549 there: the plane is larger than the ellipsoid


def _area(ring):
    x, y = np.array(ring).T
    return 0.5 * abs(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def collection(features, crs=CRS):
    named = {"type": "name", "properties": {"name": crs}}
    return {"type": "FeatureCollection", "crs": named, "features": features}


def save(path, features, crs=CRS):
    path.write_text(json.dumps(collection(features, crs)), "utf-8")
    return path


def _ring(feature):
    return feature["geometry"]["coordinates"][0]


def _shape(kind, coordinates):
    def plant(feature):
        ring = _ring(feature)
        x, y = ring[0]
        feature["geometry"] = {"type": kind, "coordinates": coordinates(ring, x, y)}

    return plant


def _polygon(change):
    """A change of the outer ring."""
    return _shape("Polygon", lambda ring, x, y: [change(ring, x, y)])


def _cell(column, value):
    def plant(feature):
        old = feature["properties"][column]
        feature["properties"][column] = value(old) if callable(value) else value

    return plant


def _square(x, y, size, height=None):
    high = size if height is None else height
    return [[x, y], [x + size, y], [x + size, y + high], [x, y + high], [x, y]]


def _wide(feature):
    feature["properties"] |= {"use_mode": "41", "use_type": "13", "strata": None}


def _use(mode, use, word):
    def plant(feature):
        feature["properties"] |= {"use_mode": word, "use_type": use, "strata": _ALL}
        feature["properties"] |= {"valid_from": "2021-01-01", "valid_to": "2031-01-01"}

    return plant


def _collection(*kinds):
    def plant(feature):
        ring = _ring(feature)
        x, y = ring[0]
        parts = [{"type": "Polygon", "coordinates": [ring]}]
        if "area" in kinds:
            parts.append({"type": "Polygon", "coordinates": [_square(x, y + 100, 5)]})
        if "line" in kinds:
            parts.append({"type": "LineString", "coordinates": [[x, y], [x + 5, y]]})
        feature["geometry"] = {"type": "GeometryCollection", "geometries": parts}
        feature["properties"]["area_ha"] = None

    return plant


def _no_area(plant):
    def both(feature):
        plant(feature)
        feature["properties"]["area_ha"] = None

    return both


def _loop(ring):
    """0.2 m of a knot in the middle of the third edge."""
    middle = (np.array(ring[2]) + ring[3]) / 2
    along = np.array(ring[3]) - ring[2]
    along *= 0.2 / np.hypot(*along)
    across = along[::-1] * [-1, 1]
    knot = [middle, middle + along + across, middle + along, middle + across]
    return [point.tolist() for point in knot]


# what is planted -> how, and what is put right
REPAIRS = {
    "open ring": (_polygon(lambda ring, x, y: ring[:-1]), "closed"),
    "clockwise": (_polygon(lambda ring, x, y: ring[::-1]), "turned"),
    "doubled vertex": (_polygon(lambda ring, x, y: [ring[0], *ring]), "vertices"),
    "heights": (_polygon(lambda ring, x, y: [[*p, 2.5] for p in ring]), "heights"),
    "small loop": (_polygon(lambda ring, x, y: [*ring[:3], *_loop(ring), *ring[3:]]), "crossing"),
    "spike": (
        _polygon(lambda ring, x, y: [ring[0], ring[1], [x + 110, y], ring[1], *ring[2:]]),
        "crossing",
    ),
    "closed line": (_shape("LineString", lambda ring, x, y: ring), "outline"),
    "collection of areas": (_collection("area"), "parts"),
    "sliver part": (
        _shape("MultiPolygon", lambda ring, x, y: [[ring], [_square(x, y + 105, 50, 0.04)]]),
        "sliver",
    ),
    "sliver hole": (
        _shape("Polygon", lambda ring, x, y: [ring, _square(x + 30, y + 40, 20, 0.02)[::-1]]),
        "sliver",
    ),
}

# what is planted -> how, and what is said when the row is refused
FAULTS = {
    "figure of eight": (
        _polygon(lambda ring, x, y: [ring[0], ring[2], ring[1], ring[3], ring[0]]),
        "crosses itself",
    ),
    "hole outside": (
        _shape("Polygon", lambda ring, x, y: [ring, _square(x + 100, y + 100, 10)[::-1]]),
        "crosses itself",
    ),
    "parts that overlap": (
        _shape("MultiPolygon", lambda ring, x, y: [[ring], [_square(x + 20, y + 20, 60)]]),
        "crosses itself",
    ),
    "no geometry": (lambda f: f.update(geometry=None), "no geometry"),
    "empty geometry": (_shape("Polygon", lambda ring, x, y: []), "no geometry"),
    "NaN": (_polygon(lambda ring, x, y: [ring[0], [x, float("nan")], *ring[2:]]), "NaN"),
    "infinite": (_polygon(lambda ring, x, y: [ring[0], [float("inf"), y], *ring[2:]]), "NaN"),
    "two points": (_polygon(lambda ring, x, y: ring[:2]), "encloses nothing"),
    "a word for a number": (_polygon(lambda ring, x, y: [["x", y], *ring[1:]]), "understood"),
    "one number": (_polygon(lambda ring, x, y: [[x], *ring[1:]]), "understood"),
    "wrong depth": (_shape("Polygon", lambda ring, x, y: ring), "understood"),
    "unknown kind": (_shape("Circle", lambda ring, x, y: ring), "no kind of geometry"),
    "point": (_shape("Point", lambda ring, x, y: [x, y]), "Point instead of Polygon"),
    "open line": (_shape("LineString", lambda ring, x, y: ring[:3]), "LineString instead of"),
    "area and line": (_collection("line"), "GeometryCollection instead of Polygon"),
    "nothing but a sliver": (_polygon(lambda ring, x, y: _square(x, y, 60, 0.05)), "a sliver"),
    "x and y swapped": (_polygon(lambda ring, x, y: [p[::-1] for p in ring]), "swapped"),
    "zone number": (
        _polygon(lambda ring, x, y: [[a + 4e7, b] for a, b in ring]),
        "carries the zone number 40: --crs EPSG:4528",
    ),
    "degrees": (
        _polygon(lambda ring, x, y: [[121 + a / 1e8, 37 + b / 1e8] for a, b in ring]),
        "these are degrees",
    ),
    "degrees swapped": (
        _polygon(lambda ring, x, y: [[37 + b / 1e8, 121 + a / 1e8] for a, b in ring]),
        "these are degrees, latitude first",
    ),
    "null island": (_polygon(lambda ring, x, y: _square(0, 0, 50)), "outside CGCS2000"),
    "another zone": (
        _polygon(lambda ring, x, y: [[a - 265_000, b] for a, b in ring]),
        "km from the other rows",
    ),
    "no number": (_cell("permit_id", None), "'permit_id' is empty"),
    "blank number": (_cell("permit_id", "  "), "'permit_id' is empty"),
    "no type": (_cell("use_type", None), "'use_type' is empty"),
    "no mode": (_cell("use_mode", ""), "'use_mode' is empty"),
    "no scheme": (_cell("scheme", None), "'scheme' is empty"),
    "unknown scheme": (_cell("scheme", "gb-2020"), "'scheme' is not one of"),
    "no beginning": (_cell("valid_from", None), "'valid_from' is empty"),
    "no such day": (_cell("valid_to", "2031-02-30"), "'valid_to' is not a date"),
    "no day": (_cell("valid_to", "长期"), "'valid_to' is not a date"),
    "end before beginning": (_cell("valid_to", "1999-12-31"), "'valid_to' is before"),
    "unknown mode": (_cell("use_mode", "46"), "'use_mode' is not one of"),
    "a group for a mode": (_cell("use_mode", "围海用海"), "may be 31, 32 or 33"),
    "type of the other scheme": (_cell("use_type", "1802"), "it is one of tdys-2023"),
    "type of the trial": (
        lambda f: f["properties"].update(scheme="tdys-2023", use_type="23"),
        "the trial of 2020",
    ),
    "unknown type": (_cell("use_type", "养鱼"), "write its code"),
    "unknown stratum": (_cell("strata", "surface,air"), "'strata' is not a list of"),
    "no stratum": (_wide, "'strata' is empty"),
    "unknown right": (_cell("right", "lease"), "'right' is not one of"),
    "area in words": (_cell("area_ha", "三公顷"), "'area_ha' is not a number"),
    "negative area": (_cell("area_ha", -3.0), "'area_ha' is not a number at least 0"),
    "impossible meridian": (_cell("meridian", 1215), "'meridian' is not a number"),
    "negative error": (_cell("sigma_m", -0.1), "'sigma_m' is not a number"),
    "garbled long ago": (
        _cell("holder", lambda old: old.encode("utf-8").decode("gb18030", "replace")),
        "was garbled before",
    ),
    "replaced characters": (_cell("authority", "威海市\ufffd\ufffd"), "was garbled before"),
    "half a character": (_cell("holder", "张\ud840"), "half a character"),
    "control character": (_cell("holder", "张\x07三"), "control character"),
}

# what is planted -> how, and the notice of a row that is accepted
NOTICES = {
    "term too long": (
        lambda f: f["properties"].update(
            use_mode="41",
            use_type="13",
            strata="water",
            valid_from="2020-03-01",
            valid_to="2036-03-01",
        ),
        "term",
    ),
    "area off": (_cell("area_ha", lambda old: round(old + 0.01, 4)), "area"),
    "area in square metres": (_cell("area_ha", lambda old: round(old * 1e4, 1)), "area"),
    "area in mu": (_cell("area_ha", lambda old: round(old * 15, 2)), "area"),
}

# what is planted -> how, the column, and the code it is read as
WORDS = {
    "a mode's name": (_use("33", "12", "围海养殖用海"), "use_mode", "33"),
    "a mode as a number": (_use("33", "12", 33), "use_mode", "33"),
    "a mode as a fraction": (_use("33", "12", 33.0), "use_mode", "33"),
    "a word for all fill": (_use("11", "71", "填海造地"), "use_mode", "11"),
    "a name of the fee tables": (_use("31", "31", "34"), "use_mode", "31"),
    "a type's name": (_use("41", "开放式养殖用海", "41"), "use_type", "13"),
    "a spelling of the scheme": (_cell("scheme", "HY/T 123-2009"), "scheme", "hy/t-123-2009"),
    "strata in Chinese": (_cell("strata", "水面、水体"), "strata", "surface,water"),
    "the right in Chinese": (_cell("right", "海岛使用权"), "right", "island_use"),
    "no strata of a fill": (
        lambda f: f["properties"].update(use_mode="11", use_type="71", strata=None),
        "strata",
        _ALL,
    ),
    "slashes in a date": (_cell("valid_from", lambda old: old.replace("-", "/")), None, None),
    "a date in Chinese": (
        _cell("valid_from", lambda old: "{}年{}月{}日".format(*old.split("-"))),
        None,
        None,
    ),
    "a date in one number": (_cell("valid_from", lambda old: old.replace("-", "")), None, None),
}


def planted(seed=5):
    """(features, what was planted in which rows, what the rows were before).

    Rows count from 1. ``plan[name]`` are the rows of a defect.
    """
    before = clean()
    features = copy.deepcopy(before)
    rng = np.random.default_rng(seed)
    free = iter(rng.permutation(ROWS).tolist())
    plan = {}
    for group in (REPAIRS, FAULTS, NOTICES, WORDS):
        for name, (plant, *_) in group.items():
            rows = [next(free) for _ in range(EACH)]
            for row in rows:
                plant(features[row])
            plan[name] = [row + 1 for row in rows]
    # defects of two rows: the number of another, its ground, a sliver of it, the row itself
    for name in ("number repeated", "same ground", "neighbour's sliver"):
        plan[name] = []
        for _ in range(EACH):
            one, two = next(free), next(free)
            _pair(name, features[one], features[two])
            plan[name] += [one + 1, two + 1]
    plan["row repeated"] = []
    for _ in range(EACH):
        features.append(copy.deepcopy(features[next(free)]))
        plan["row repeated"].append(len(features))
    return features, plan, before


def _pair(name, one, two):
    if name == "number repeated":
        two["properties"]["permit_id"] = one["properties"]["permit_id"]
        return
    ring = _ring(one)
    two["properties"] = {**one["properties"], "permit_id": two["properties"]["permit_id"]}
    if name == "same ground":
        two["geometry"] = copy.deepcopy(one["geometry"])
        return
    # the neighbour's edge, transcribed 0.03 m into this one
    edge = [ring[2], ring[1]]
    inner = [[edge[1][0] - 0.03, edge[1][1]], [edge[1][0] + 20, edge[1][1]]]
    outer = [[edge[0][0] + 20, edge[0][1]], [edge[0][0] - 0.03, edge[0][1]]]
    two["geometry"] = {"type": "Polygon", "coordinates": [[*inner, *outer, inner[0]]]}
    two["properties"]["area_ha"] = None
