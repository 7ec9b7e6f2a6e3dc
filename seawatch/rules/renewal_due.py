"""A right ends soon, and its holder has to ask for more in time.

The application is due two months before the last day at the latest (Shandong: 60 days). From
`months_before` the end the holder is reminded; once the day has passed, the reminder says that
it was missed. Rights that have ended are left to ``expired`` and ``not_dismantled``; left alone
are those whose place a later right covers already. It is no suspicion.
"""

import numpy as np
import pandas as pd

from .. import overlay
from ..law import DEADLINES
from ..rights import in_force
from ._reminder import days_until, reminders
from ._rule import Rule


def check(changes, layers, on, seen, where, *, months_before=6.0, renewed=0.9):
    """Rights in force that end within `months_before` months.

    renewed : share of the place that a later right has to cover.
    """
    permits = in_force(layers.permits, on)
    day = pd.Timestamp(on)
    soon = permits[permits.valid_to - pd.DateOffset(months=int(months_before)) <= day]
    soon = soon[~_followed(soon, layers.permits, renewed)]
    due = soon.valid_to - _notice(where)
    numbers = pd.DataFrame(
        {
            "valid_to": soon.valid_to.dt.strftime("%Y-%m-%d"),
            "due": due.dt.strftime("%Y-%m-%d"),
            "days": days_until(due, on),
        }
    )
    state = pd.Series(np.where(due < day, "missed", "open"), index=soon.index)
    return reminders(soon, "renewal_due", numbers, state=state, due=due)


def _notice(where):
    """How long before the end the application is due, by the law of the place."""
    local = DEADLINES["renewal_shandong"]
    term = local if local.act.region in where else DEADLINES["renewal"]
    return pd.DateOffset(**{term.unit: term.count})


def _followed(soon, permits, renewed):
    """Whether a right that lasts longer covers the place of each."""
    shapes, others = soon.geometry.to_numpy(), permits.geometry.to_numpy()
    one, other = overlay.pairs(shapes, others)
    later = permits.valid_to.to_numpy()[other] > soon.valid_to.to_numpy()[one]
    alike = (permits.right.to_numpy()[other] == "sea_use") & (
        permits.use_mode.str[:1].to_numpy()[other] == soon.use_mode.str[:1].to_numpy()[one]
    )
    one, other = one[later & alike], other[later & alike]
    shared = overlay.shared_m2(shapes[one], others[other])
    done = np.zeros(len(soon), bool)
    done[one[shared >= renewed * soon.area.to_numpy()[one]]] = True
    return done


RULE = Rule("renewal_due", check, reminder=True)
