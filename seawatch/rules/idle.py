"""Nothing has been built where a right to build has been in force for a year.

Said only where it was seen: a pair of scenes, the earlier from before the right began, the
later from a year and more (two years and more) after, shows the whole parcel clear, and in it
no change of any kind, not even one that was vetoed. Farming afloat counts only in an image
from its season, December to May: rafts that are not out prove nothing. Where the ground was
not seen so, or the parcel is smaller than what the pair can show, the state is *not known*.

Uses that show nothing at the surface (fairways, cables, bathing, dumping) are left alone, as
are rights to the seabed alone, and places where an older right allowed the like: it may
stand there already. It is a reminder to ask, no suspicion.
"""

import numpy as np
import pandas as pd
import shapely

from .. import overlay
from ..rights import held, in_force
from ._reminder import reminders
from ._rule import Rule

SHOWING = ("11", "12", "13", "21", "23", "31", "32", "33", "41", "51", "52")
"""Modes under which something stands or floats at the surface."""
SEASONAL = ("41",)


def check(
    changes,
    layers,
    on,
    seen,
    where,
    *,
    years=1.0,
    clear=0.95,
    season_from=12.0,
    season_to=5.0,
    list_unknown=0.0,
):
    """Rights in force for `years` and more, with nothing new on ground seen clear.

    clear : share of the parcel to be seen. season_from, season_to : months of farming afloat.
    list_unknown : 1 to list the parcels too of which it is not known.
    """
    permits = in_force(layers.permits, on)
    begun = permits.valid_from + pd.Timedelta(days=round(365.25 * years)) < pd.Timestamp(on)
    surface = held(permits)[:, 0]
    old = permits[begun & permits.use_mode.isin(SHOWING) & surface]
    old = old[~_touched(old, changes) & ~_held_before(old, layers.permits)]
    last = _seen_until(old, seen, clear, (int(season_from), int(season_to)))
    lasted = (last - old.valid_from) / np.timedelta64(1, "D") / 365.25
    known = (lasted >= years).to_numpy()
    shown = known | (list_unknown > 0)
    numbers = pd.DataFrame(
        {
            "valid_from": old.valid_from.dt.strftime("%Y-%m-%d"),
            "seen": last.dt.strftime("%Y-%m-%d"),
            "years": np.where(lasted >= 2, 2, 1),
            "use_mode": old.use_mode,
        }
    )
    state = pd.Series(np.where(known, "open", "not_known"), index=old.index)
    return reminders(old[shown], "idle", numbers[shown], state=state[shown])


def _touched(permits, changes):
    """Whether any change lies in each parcel."""
    touched = np.zeros(len(permits), bool)
    touched[overlay.pairs(permits.geometry.to_numpy(), changes.geometry.to_numpy())[0]] = True
    return touched


def _held_before(permits, all_permits):
    """Whether an older right of the same group of modes covers half of each place."""
    shapes, others = permits.geometry.to_numpy(), all_permits.geometry.to_numpy()
    one, other = overlay.pairs(shapes, others)
    older = all_permits.valid_from.to_numpy()[other] < permits.valid_from.to_numpy()[one]
    alike = (
        all_permits.use_mode.str[:1].to_numpy()[other] == permits.use_mode.str[:1].to_numpy()[one]
    )
    one, other = one[older & alike], other[older & alike]
    shared = overlay.shared_m2(shapes[one], others[other])
    covered = np.zeros(len(permits), bool)
    covered[one[shared >= permits.area.to_numpy()[one] / 2]] = True
    return covered


def _seen_until(permits, seen, clear, season):
    """Day of the latest scene whose pair shows each parcel from before its right to now."""
    ground = seen[seen.seen == "yes"]
    shapes, grounds = permits.geometry.to_numpy(), ground.geometry.to_numpy()
    one, other = overlay.pairs(shapes, grounds)
    before, after = (
        ground[name].dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()[other]
        for name in ("before", "after")
    )
    telling = before <= permits.valid_from.to_numpy()[one]
    telling &= ~(ground.least95_m2.to_numpy()[other] > permits.area.to_numpy()[one])
    month = pd.DatetimeIndex(after).month.to_numpy()
    first, last = season
    inside = (month >= first) & (month <= last)
    in_season = inside if first <= last else (month >= first) | (month <= last)
    telling &= in_season | ~permits.use_mode.isin(SEASONAL).to_numpy()[one]
    one, other, after = one[telling], other[telling], after[telling]
    part = overlay.spread(shapely.intersection, shapes[one], grounds[other])
    whole = shapely.area(part) >= clear * permits.area.to_numpy()[one]
    days = pd.Series(after[whole]).groupby(one[whole]).max()
    latest = np.full(len(permits), np.datetime64("NaT", "ms"))
    latest[days.index.to_numpy(int)] = days.to_numpy().astype("M8[ms]")
    return pd.Series(latest, index=permits.index)


RULE = Rule("idle", check, reminder=True)
