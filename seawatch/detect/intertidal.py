"""How often the ground lies under water: between always and never lies what the tide reaches.

The share of clear looks that show a pixel as water (as Murray et al. 2019 and DEA's intertidal
products map flats), every scene with its own waterline and read where it has the ground of the
reference.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager

import numpy as np

from ..errors import InputRefused
from ..scenes import Grid, Scene, ScenePair, Walk
from .laid import Frame, Laid, Reader, Window, both_seen, laid_on
from .registration import Shift

BANDS = ("water", "looks")
"""Share of the clear looks that show water, 0-1, NaN where there was none; and their number."""


@contextmanager
def looks_on(
    reference: Scene,
    scenes: Sequence[Scene],
    grid: Grid,
    open_pair: Callable[[ScenePair], AbstractContextManager[Reader]],
) -> Iterator[list[Laid]]:
    """Scenes laid on a reference; those without bands that tell water, or common ground, not.

    open_pair : as `detect_changes` has it.
    """
    frame = Frame(grid, Shift(sigma=0.0))
    with ExitStack() as stack:
        looks = [_opened(reference, scene, frame, open_pair, stack) for scene in scenes]
        yield [look for look in looks if look is not None and look.learnt.after is not None]


def water_frequency(
    looks: Sequence[Laid], grid: Grid, each: Callable[[], object] = lambda: None
) -> Iterator[tuple[Window, np.ndarray]]:
    """Each window of the reference's grid and its (BANDS, row, column) maps, float32.

    looks : see `looks_on`; the reference is one more. each : called when a window is done.
    """
    for window in Walk().windows(grid):
        total = np.zeros((2, *window[2:]), np.float32)
        for number, look in enumerate(looks):
            before, after, seen = both_seen(*look.read(window))
            shown = [(look.learnt.after, after)]
            if number == 0:
                shown.append((look.learnt.before, before))
            for line, image in shown:
                wet = line.odds(image) > 0  # type: ignore[union-attr]  # it is there
                total += np.stack([wet & seen, seen])
        total[0] /= np.where(total[1] > 0, total[1], np.nan)
        yield window, total
        each()


def _opened(
    reference: Scene,
    scene: Scene,
    frame: Frame,
    open_pair: Callable[[ScenePair], AbstractContextManager[Reader]],
    stack: ExitStack,
) -> Laid | None:
    overlap = reference.footprint.intersection(scene.footprint)
    if overlap.area == 0:
        return None
    try:
        reader = stack.enter_context(open_pair(ScenePair(reference, scene, overlap, {})))
    except InputRefused:
        return None
    return stack.enter_context(laid_on(reader, frame))
