"""Tables of sea-use fees: the one shipped here, and a workspace's own.

A row is a mode of use in one table: its dates, whether it is paid once or yearly, and what a
hectare pays in each of the six sea grades, in 10⁴ yuan, as the official tables print it. The
shipped table is unverified; rows of a workspace's own replace the shipped ones of their modes.
"""

import io
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from pathlib import Path

import pandas as pd

from ..errors import InputRefused
from ..fees import Fee
from ..tables import MODES
from .files import plain_file

GRADES = range(1, 7)
_PAID, _TRUST = ("once", "yearly"), ("H", "M", "L")
_RATES = [f"wan_yuan_per_ha_{grade}" for grade in GRADES]
COLUMNS = (
    "table",
    "effective_from",
    "effective_to",
    "mode",
    "use_zh",
    "use_en",
    "paid",
    *_RATES,
    "trust",
    "source",
)


def read_fees(path: Path | None = None) -> tuple[Fee, ...]:
    """The shipped fees; those in `path` replace the shipped ones of the modes they name.

    Raises
    ------
    InputRefused
        Naming every row that cannot be used, what is wrong with it and what may stand there.
    """
    shipped = _parsed((files(__package__) / "fees.csv").read_bytes(), "fees.csv")
    if path is None:
        return shipped
    own = _parsed(plain_file(path).read_bytes(), path)
    modes = {fee.mode for fee in own}
    return (*(fee for fee in shipped if fee.mode not in modes), *own)


def _parsed(content: bytes, source: object) -> tuple[Fee, ...]:
    try:
        frame = pd.read_csv(io.BytesIO(content), dtype=str, encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputRefused(f"{source}: not UTF-8; save it as CSV UTF-8") from None
    except (ValueError, pd.errors.ParserError) as error:
        raise InputRefused(f"{source}: not CSV: {error}") from None
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise InputRefused(f"{source}: no column {', '.join(missing)}; needs {', '.join(COLUMNS)}")
    frame = frame[list(COLUMNS)].apply(lambda column: column.str.strip())
    problems = [f"{source}: {fault}" for fault in _faults(frame)]
    if problems:
        raise InputRefused(problems)
    return tuple(_fee(row) for row in frame.to_dict("records"))


def _faults(frame: pd.DataFrame) -> Iterator[str]:
    """What is wrong with the rows, by row of the file (the heading is row 1)."""
    wrong: dict[str, pd.Series] = {
        "table: empty": frame.table.isna(),
        f"mode: not one of {', '.join(MODES)}": ~frame["mode"].isin(MODES),
        "paid: write once or yearly": ~frame.paid.isin(_PAID),
        "trust: write H, M or L": ~frame.trust.isin(_TRUST),
        "source: empty; say where the figures come from": frame.source.isna(),
        "effective_from: no day; write it as 2018-05-01": _days(frame.effective_from).isna(),
        "effective_to: no day; write it as 2018-04-30, or leave it empty": (
            frame.effective_to.notna() & _days(frame.effective_to).isna()
        ),
        "effective_to: before effective_from": (
            _days(frame.effective_to) < _days(frame.effective_from)
        ),
    }
    for name in _RATES:
        rates = pd.to_numeric(frame[name], errors="coerce")
        wrong[f"{name}: not a fee in 10⁴ yuan a hectare"] = ~(rates.between(0, 1e5))
    for what, rows in wrong.items():
        if rows.any():
            numbers = [str(number + 2) for number in frame.index[rows]]
            yield f"row {', '.join(numbers)}: {what}"
    if len(frame) == 0:
        yield "no row; leave [law] fees out to use the shipped table"


def _days(column: pd.Series) -> pd.Series:
    return pd.to_datetime(column, format="%Y-%m-%d", errors="coerce")


def _fee(row: dict[str, str]) -> Fee:
    end = row["effective_to"]
    return Fee(
        table=row["table"],
        effective_from=date.fromisoformat(row["effective_from"]),
        effective_to=None if pd.isna(end) else date.fromisoformat(end),
        mode=row["mode"],
        use=tuple("" if pd.isna(row[name]) else row[name] for name in ("use_zh", "use_en")),  # type: ignore[arg-type]  # two
        paid=row["paid"],
        # to a tenth of a yuan: 4.63 times 10⁴ is 46300, whatever binary fractions say
        yuan_per_ha=tuple(round(float(row[name]) * 1e4, 1) for name in _RATES),
        trust=row["trust"],
        source=row["source"],
    )
