"""From objects of pixels to outlines, whole or in windows."""

import numpy as np
import pandas as pd
import pytest
import shapely

from conftest import CRS
from seawatch.detect import outline
from seawatch.detect._objects import labelled
from seawatch.scenes import Grid

GRID = Grid(CRS, (10, 0, 500, 0, -10, 900), 40, 30)


def traced(found, grid):
    """Every object of a map of numbers, as the only kind there is."""
    objects, sure = labelled(found), np.ones(found.shape, np.float32)
    near = np.ones(len(objects.at), np.float32)
    return outline.footprints(objects, sure, ["raft"], near, near, grid, 1)


def whole(*tiles):
    return outline.joined(list(tiles), GRID, 1).geometry.normalize()


def test_corner_to_corner_is_one_object_and_valid():
    found = np.zeros((30, 40), np.uint8)
    found[3:6, 3:6] = found[6:9, 6:9] = found[9, 5] = 1  # and a hole that opens at corners
    found[20:25, 20:25] = 1
    found[22, 22] = found[21, 21] = 0
    shapes = whole(traced(found, GRID))
    assert list(shapes.area) == [100 * 19, 100 * 23]
    assert shapes.is_valid.all()
    assert shapes.iloc[0].equals(
        shapely.union_all(
            [
                shapely.box(*GRID.ground(c, r + 1), *GRID.ground(c + 1, r))
                for r, c in np.argwhere(found[:15])
            ]
        )
    )


@pytest.mark.parametrize("seed", range(4))
def test_windows_leave_no_corners_where_they_met(seed):
    found = np.zeros((30, 40), np.uint8)
    found[2:28, 2:38] = np.random.default_rng(seed).random((26, 36)) < 0.5
    found[10:20, 8:30] = 1
    once = whole(traced(found, GRID))
    rows, columns = (slice(0, 14), slice(14, 30)), (slice(0, 17), slice(17, 40))
    tiles = [
        traced(found[r, c], GRID.window(r.start, c.start, r.stop - r.start, c.stop - c.start))
        for r in rows
        for c in columns
    ]
    parted = whole(*tiles)
    order = [shapes.to_wkt().sort_values().to_list() for shapes in (once, parted)]
    assert len(once) == len(parted)
    assert pd.Series(order[0]).equals(pd.Series(order[1]))
    assert once.is_valid.all()


@pytest.mark.parametrize("share", [0.0, 0.03, 0.5, 0.97, 1.0])
def test_where_a_map_is_true_is_one_valid_geometry_of_just_those_cells(share):
    mask = np.random.default_rng(1).random((30, 40)) < share
    shape = outline.patches(mask, GRID)
    cells = [
        shapely.box(*GRID.ground(c, r + 1), *GRID.ground(c + 1, r)) for r, c in np.argwhere(mask)
    ]
    assert shape.is_valid
    assert shape.is_empty == (not cells)
    assert shape.symmetric_difference(shapely.union_all(cells)).area == 0
