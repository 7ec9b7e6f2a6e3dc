"""The whole way on real imagery; skipped where it is not at hand (SEAWATCH_SHARED)."""

import numpy as np
import pytest
import rasterio
from shapely.geometry import box

import seawatch as sw
from conftest import write_layers
from seawatch.tables import PERMITS, ZONES

POND_PERMIT = {
    "scheme": "hy/t-123-2009",
    "use_type": "71",
    "use_mode": "11",
    "strata": "surface,water,seabed,subsoil",
    "valid_from": "2009-01-01",
    "valid_to": "2040-01-01",
}


@pytest.fixture(scope="module")
def ponds(shared, tmp_path_factory):
    """Two runs over the ponds of 2010, 2014 and 2020, permits and zones invented around them.

    Looked at by eye, near infrared, red, green:

    - 2010 to 2014 the field between two ponds at (489300, 5208000) was flooded: in the
      invented red line R1.
    - 2014 to 2020 reeds closed the inlet at (486050, 5208040): no permit there.
    - the same at (485980, 5208860), all of it inside permit A.
    - the same in a V at (486740, 5209000), its western half inside permit B.
    - the pond shaped like a peanut at (487760, 5206470) stayed as it was: red line R2.
    """
    folder = tmp_path_factory.mktemp("ponds")
    crs = "EPSG:26914"
    permits = [
        (POND_PERMIT | {"permit_id": "A"}, box(485905, 5208690, 486060, 5208990)),
        (POND_PERMIT | {"permit_id": "B"}, box(486600, 5208930, 486715, 5209060)),
    ]
    zones = [
        ({"zone_id": "R1", "kind": "redline"}, box(489100, 5207745, 489500, 5208245)),
        ({"zone_id": "R2", "kind": "redline"}, box(487640, 5206200, 487890, 5206730)),
    ]
    write_layers(folder, crs, {PERMITS: permits, ZONES: zones}, timezone="America/Chicago")
    space = sw.open(folder)
    for path in sorted((shared / "naip_ponds").glob("*.tif")):
        day = path.stem[-8:]
        space.add_scenes(
            [path],
            sensor="generic-optical",
            taken=f"{day[:4]}-{day[4:6]}-{day[6:]}T12:00:00-05:00",
            bands=["red", "green", "blue", "nir"],
        )
    return space.run("2014-07-20"), space.run("2020-09-01")


def rules_at(run, place):
    now = run.flags[run.flags.status.isin(["new", "open"])]
    return set(now.rule[now.intersects(place)])


def test_flooded_ground_in_a_red_line_is_flagged(ponds):
    assert rules_at(ponds[0], box(489200, 5207850, 489400, 5208150)) == {"redline_entered"}


def test_new_ground_without_a_permit_is_flagged(ponds):
    assert rules_at(ponds[1], box(486000, 5207950, 486110, 5208130)) == {"fill_no_permit"}


def test_new_ground_inside_a_permit_is_left_alone(ponds):
    kinds = ponds[1].changes.cx[485950:486020, 5208790:5208930].kind
    assert "land_gained" in set(kinds)
    assert rules_at(ponds[1], box(485910, 5208700, 486055, 5208980)) == set()


def test_new_ground_growing_out_of_a_permit_is_flagged(ponds):
    flags = ponds[1].flags
    here = flags[flags.intersects(box(486720, 5208960, 486820, 5209040)) & (flags.status == "new")]
    assert set(here.rule) == {"beyond_permit"}
    assert set(here.subject) == {"B"}
    assert (here.excess_m2 < here.area_m2).all()


def test_an_unchanged_pond_is_left_alone(ponds):
    assert rules_at(ponds[1], box(487640, 5206200, 487890, 5206730)) == set()


def test_the_record_names_what_was_not_judged(ponds):
    told = ponds[1].manifest["not_judged"]
    assert told["natural_coast_occupied"] == ["coastline"]
    assert told["island_changed"] == ["islands"]
    assert not told.keys() & {"fill_no_permit", "beyond_permit", "redline_entered"}


def kappa(changed, truth):
    """Cohen's kappa of two arrays of bool."""
    agreed = (changed == truth).mean()
    chance = changed.mean() * truth.mean() + (1 - changed.mean()) * (1 - truth.mean())
    return (agreed - chance) / (1 - chance)


@pytest.mark.parametrize("bands", [[], ["blue", "green", "red", "nir", "swir16", "swir22"]])
def test_general_change_on_the_taizhou_pair(shared, tmp_path, bands):
    folder = shared / "taizhou_landsat_pair"
    score = tmp_path / "score.tif"
    sw.detect(folder / "2000TM", folder / "2003TM", bands=bands, score=score)
    with rasterio.open(score) as file:
        assert file.descriptions[0] == "change"
        assert file.dtypes[0] == "float32"
        changed = file.read(1) >= 0.5
    # label files carry no place on the ground, and rasterio says so
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        yes, no = (
            rasterio.open(folder / f"{n}.bmp").read().max(axis=0) > 0
            for n in ("change", "unchanged")
        )
    known = yes | no
    found = kappa(changed[known], yes[known])
    print(f"kappa {found:.4f}")
    assert found >= 0.85


def test_the_river_moves(shared, tmp_path):
    """The Ucayali, 1985, 2000 and 2020.

    The files are false colour: vegetation is bright in the second band, bare banks in the
    first, water in the third. They are taken as swir16, nir and red; the fourth band is
    left out. Banks were built up and cut away along the whole river.
    """
    write_layers(tmp_path, "EPSG:32718", {}, timezone="America/Lima")
    space = sw.open(tmp_path)
    for year in (1985, 2000, 2020):
        space.add_scenes(
            [shared / "landsat_river_series" / f"{year}.tif"],
            sensor="generic-optical",
            taken=f"{year}-08-01T10:00:00-05:00",
            bands=["swir16", "nir", "red", "-"],
        )
    for year in (2000, 2020):
        run = space.run(f"{year}-08-02")
        kinds = run.changes[run.changes.veto.isna()].groupby("kind").area_m2.sum() / 1e6
        # looking at the images, tens of square kilometres either way
        assert kinds["land_gained"] > 5
        assert kinds["land_lost"] > 5


def test_nothing_under_a_cloud_mask_becomes_a_change(shared, tmp_path):
    """A real scene against itself with other noise, its clouds (4) and shadows (0) masked."""
    source = np.load(shared / "cloud_masked_s2" / "sentinel2.npz")
    pixels = np.moveaxis(source["img"], -1, 0)
    hidden = np.isin(source["msk"][..., 0], (0, 4))
    noise = np.random.default_rng(1).normal(0, 0.004, pixels.shape).astype("float32")
    # under the mask the second scene is another world altogether
    other = np.where(hidden, 1.2 - pixels, pixels * 1.05 + noise).astype("float32")
    place = rasterio.transform.from_origin(500_000, 4_150_000, 10, 10)
    profile = {"driver": "GTiff", "width": 512, "height": 512, "crs": "EPSG:32651"}
    for name, values in (("one", pixels), ("two", other), ("mask", hidden[None].astype("uint8"))):
        with rasterio.open(
            tmp_path / f"{name}.tif",
            "w",
            count=len(values),
            dtype=values.dtype,
            transform=place,
            **profile,
        ) as file:
            file.write(values)
    changes = sw.detect(
        tmp_path / "one.tif",
        tmp_path / "two.tif",
        sensor="sentinel-2-l2a",
        bands=["blue", "green", "red", "nir", "swir16", "swir22"],
        masks=(tmp_path / "mask.tif", tmp_path / "mask.tif"),
    )
    touched = (
        rasterio.features.geometry_mask(changes.geometry, hidden.shape, place, invert=True)
        if len(changes)
        else np.zeros_like(hidden)
    )
    assert not (touched & hidden).any()
