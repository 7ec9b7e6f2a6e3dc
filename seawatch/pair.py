"""One pair of rasters compared, without a workspace."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd

from .detect import DETECTORS, Comparison, compare, laid_on
from .errors import InputRefused
from .io import rasters, scores
from .io.files import aside, output
from .io.scenes import known_sensor, scene_of
from .process import one_thread_a_task
from .scenes import ScenePair
from .tides import explain


def compared(
    before: str | Path,
    after: str | Path,
    *,
    sensor: str = "generic-optical",
    bands: Sequence[str] = (),
    masks: tuple[str | Path, str | Path] | None = None,
    score: str | Path | None = None,
) -> Comparison:
    """What two rasters show, without a workspace.

    Parameters
    ----------
    sensor, bands : of both rasters; see `seawatch sensors`.
    masks : of the earlier and the later raster: 0 clear, 1 cloud or shadow, 255 no data.
    score : a GeoTIFF to write: band ``change`` (0-1, 0.5 and more is changed, NaN not
        seen), then a band for each kind, on the later raster's grid; in steps of 1/64,
        rounded down, and a kind that is less likely than 1/8 as 0.

    Returns
    -------
    The changes table and the coverage, in the later raster's CRS where that is in metres, else
        in UTM. Neither file says when it was taken, so `before` and `after` are a day apart.

    Raises
    ------
    UsageError, InputRefused
        If sensor, bands or names are wrong, or the rasters cannot be used or show nothing.
    """
    known_sensor(sensor)
    early, late = Path(before), Path(after)
    mask = masks or (None, None)
    if score:
        output(Path(score), (".tif", ".tiff"), [early, late, *(Path(m) for m in mask if m)])
    # on the raster's own datum: to look for the best way to another takes a tenth of a second
    degrees = rasters.degrees_of(late)
    # rasters on the command line carry no date; two instants keep the table's order
    days = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2000, 1, 2, tzinfo=UTC))
    scenes = [
        scene_of(
            [path],
            sensor=sensor,
            taken=day,
            crs=degrees,
            bands=bands,
            mask=Path(m) if m else None,
            decode=False,
        )
        for path, day, m in zip((early, late), days, mask, strict=True)
    ]
    overlap = scenes[0].footprint.intersection(scenes[1].footprint)
    if overlap.area == 0:
        raise InputRefused(f"{early} and {late} do not overlap; check their CRS and position")
    pair = ScenePair(scenes[0], scenes[1], overlap, {})
    with one_thread_a_task(), rasters.open_pair(pair, degrees) as reader:
        crs = _metric_crs(reader.grid.crs, gpd.GeoSeries([overlap], crs=degrees), late)
        found = _scored(reader, crs, Path(score) if score else None)
    if found.changes.empty and not (found.coverage.seen == "yes").any():
        raise InputRefused(
            f"{early} and {late}: nothing was seen in both of them; look at their values for no "
            "data, and at the masks"
        )
    return replace(found, changes=explain(found.changes))


def _metric_crs(crs: str, overlap: gpd.GeoSeries, path: Path) -> object:
    own = gpd.GeoSeries([], crs=crs).crs
    if own.is_projected and own.axis_info[0].unit_conversion_factor == 1:
        return own
    try:
        return overlap.estimate_utm_crs()
    except RuntimeError:
        raise InputRefused(
            f"{path}: too near a pole for any UTM zone; reproject it to a CRS in metres"
        ) from None


def _scored(reader: rasters.PairReader, crs: object, path: Path | None) -> Comparison:
    """The comparison, its score maps written to `path` on the later raster's whole grid."""
    with laid_on(reader) as laid:
        if path is None:
            return compare(laid, DETECTORS, crs)
        names = ["change", *(detector.kind for detector in DETECTORS)]
        told = laid.learnt.before is not None  # else no kind is told, but only that it changed
        with aside(path) as hidden, scores.score_file(hidden, reader, names, told) as write:
            return compare(laid, DETECTORS, crs, keep=write)
