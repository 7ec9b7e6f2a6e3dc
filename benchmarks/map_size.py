"""How heavy the offline map is, beside a plain folium page of the same flags.

Claims: 10,000 flags without pictures take at most 5 MB, are ready in under 1 s of CPU and in
under 30 MB of heap; 200 flags with their pairs take at most 25 MB. Run it with a folder to keep
the pages in:

    uv run python benchmarks/map_size.py [FOLDER]

CPU is the page's main thread, from navigation to the page's own "ready", as Chromium counts it.
"""

import json
import sys
import tempfile
from datetime import date
from pathlib import Path

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from playwright.sync_api import sync_playwright

from seawatch.layers import empty_layers
from seawatch.maps import chips, page
from seawatch.maps.words import with_words
from seawatch.rules import RULES
from seawatch.tables import COVERAGE, FLAGS

CRS, ON = "EPSG:4549", date(2026, 11, 23)
CHROMIUM = "/usr/bin/chromium"


def blob(rng, x, y, size):
    """An outline as a detector draws it: some fifteen corners."""
    turns = np.sort(rng.uniform(0, 2 * np.pi, 15))
    away = size * rng.uniform(0.6, 1.0, 15)
    ring = np.column_stack([x + away * np.cos(turns), y + away * np.sin(turns)])
    return max(shapely.get_parts(shapely.Polygon(ring).buffer(0)), key=shapely.area)


def flags(count, seed=1):
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(560_000, 690_000, count), rng.uniform(4_090_000, 4_160_000, count)
    shapes = [blob(rng, *row) for row in zip(x, y, rng.uniform(20, 150, count), strict=True)]
    area = np.array([shape.area for shape in shapes])
    numbers = [
        json.dumps(
            {
                "kind": "land_gained",
                "dates": int(rng.integers(1, 6)),
                "tolerance_m": 12.3,
                "excess_m2": a * 0.8,
                "excess_sigma_m2": a / 9,
                "excess_plane_m2": a * 0.8001,
                "permit_id": f"2021-{n:06d}",
                "outside_share": 0.4,
                "tide_before_m": 0.61,
                "tide_after_m": -0.12,
            }
        )
        for n, a in enumerate(area)
    ]
    table = gpd.GeoDataFrame(
        {
            "flag_id": [f"2026-W{40 + n % 9}-{n:06X}" for n in range(count)],
            "rule": rng.choice(["fill_no_permit", "beyond_permit", "no_permit"], count),
            "change_id": [f"C{n}" for n in range(count)],
            "subject": [f"2021-{n:06d}" for n in range(count)],
            "confidence": rng.uniform(0.5, 1, count).round(3),
            "area_m2": area,
            "area_sigma_m2": area / 10,
            "plane_area_m2": area * 1.0002,
            "meridian": 120.0,
            "excess_m2": area * 0.8,
            "coast_m": 0.0,
            "numbers": numbers,
            "priority": rng.integers(1, 4, count),
            "before": pd.Timestamp("2025-11-10T02:47", tz="UTC"),
            "after": pd.Timestamp("2026-11-21T02:45", tz="UTC"),
            "before_scene": "S2-20251110",
            "after_scene": [f"S2-202611{n % 7 + 15}" for n in range(count)],
            "sensor": "sentinel-2-l2a",
            "source": "seawatch",
            "level": rng.choice(["low", "high"], count),
            "status": rng.choice(["new", "open", "unseen"], count),
            "first_seen": pd.Timestamp("2026-11-09"),
            "last_seen": pd.Timestamp(ON),
            "owner": [f"wh-{n % 80:02d}" for n in range(count)],
        },
        geometry=shapes,
        crs=CRS,
    )
    return FLAGS.check(with_words(table.assign(reason="", basis=""), "zh"))


def pictures(table):
    """Pairs of textured coast: what JPEG makes of noise is as large as it gets of imagery."""
    rng, made = np.random.default_rng(0), {}
    seen = chips.Seen("2026-11-20 10:50", "Sentinel-2", 0.6, 4.0, 10.0)
    for flag in table.itertuples():
        bounds, size = chips.frame(flag.geometry, table.crs, 10.0)
        ground = rng.uniform(0.02, 0.2, (3, size[0] // 2, size[1] // 2)).astype("float32")
        both = [np.kron(ground * k, np.ones((1, 2, 2), "float32")) for k in (1, 0.9)]
        looks = tuple(chips.look(both[0][:, :96, :96], "2026-11-20") for _ in range(6))
        wet = rng.uniform(-0.6, 0.6, chips.index_size(bounds, 10.0))
        index = chips.index_pictures(wet, -wet, ("green", "swir16"))
        made[flag.flag_id] = chips.chip(*both, bounds, seen, seen, looks, index)
    return made


def ours(table, shown):
    layers, coverage = empty_layers(CRS), COVERAGE.empty(CRS)
    made = page.draw(table, coverage, layers, shown, title="Weihai", issue="2026-W48", on=ON)
    return page.html(made)


def plain(table):
    """What the tutorial does: every column in a popup, with the library's own defaults."""
    chart = folium.Map([37.3, 122], zoom_start=9)
    degrees = table.to_crs("EPSG:4326")
    for name in degrees.columns:
        if str(degrees[name].dtype).startswith("datetime"):
            degrees[name] = degrees[name].astype(str)
    fields = [c for c in degrees.columns if c != "geometry"]
    folium.GeoJson(degrees, popup=folium.GeoJsonPopup(fields)).add_to(chart)
    return chart.get_root().render()


def opened(browser, path, ready):
    """CPU seconds of the main thread until ready, and heap in MB after collection."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    tab = context.new_page()
    tools = context.new_cdp_session(tab)
    tools.send("Performance.enable", {"timeDomain": "threadTicks"})
    tab.goto(path.as_uri())
    for _ in range(600):
        if tab.evaluate(f"Boolean({ready})"):
            break
        tab.wait_for_timeout(100)
    else:
        raise SystemExit(f"{path}: never ready")
    told = {m["name"]: m["value"] for m in tools.send("Performance.getMetrics")["metrics"]}
    tools.send("HeapProfiler.collectGarbage")
    after = {m["name"]: m["value"] for m in tools.send("Performance.getMetrics")["metrics"]}
    context.close()
    return told["TaskDuration"], after["JSHeapUsedSize"] / 1e6


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    assert set(RULES) >= {"fill_no_permit", "beyond_permit", "no_permit"}
    many, few = flags(10_000), flags(200)
    made = {
        "seawatch, 10,000 flags": (ours(many, {}), "window.seawatch"),
        "seawatch, 200 flags with pairs, indices and six looks": (
            ours(few, pictures(few)),
            "window.seawatch",
        ),
        "plain folium, 10,000 flags": (plain(many), "false"),
    }
    with sync_playwright() as driver:
        arguments = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND"]
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        for name, (text, ready) in made.items():
            path = folder / (name.replace(", ", "_").replace(" ", "_") + ".html")
            path.write_text(text, "utf-8")
            size = f"{len(text.encode()) / 1e6:6.2f} MB"
            if ready == "false":
                print(f"{name:46} {size}   no map at all without a network")
                continue
            cpu, heap = opened(browser, path, ready)
            print(f"{name:46} {size}   ready in {cpu:.2f} s of CPU   heap {heap:.1f} MB")
        browser.close()


if __name__ == "__main__":
    main()
