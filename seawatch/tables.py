"""Every table and column seawatch reads or writes, declared once.

The check at the door, the data dictionary in ``layers/README.md``, the map's cards
and the workbook's headings are all read from here. A table is a plain GeoDataFrame
that has passed `Table.check`.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from . import overlay
from .errors import InputRefused

STRATA = ("surface", "water", "seabed", "subsoil")
# fmt: off
MODES = (
    "11", "12", "13",
    "21", "22", "23",
    "31", "32", "33",
    "41", "42", "43", "44",
    "51", "52", "53", "54", "55", "56", "57",
)
# fmt: on
"""How the sea is used (用海方式), HY/T 123-2009."""
NATURAL = ("bedrock", "sandy", "muddy", "biological", "restored")
"""Kinds of coast that count as natural; a restored line counts once qualified."""
SEGMENT_KINDS = (*NATURAL, "estuary", "artificial")
ENTRY_KINDS = ("occupied", "restored", "exempt")
ZONE_KINDS = ("redline", "aquaculture_ban", "legacy_reclamation", "basepoint", "protected")
CHANGE_KINDS = (
    "land_gained",
    "land_lost",
    "enclosed",
    "structure",
    "raft",
    "cage",
    "cleared",
    "built",
    "vegetation_lost",
    "sea_change",
)
AFLOAT = ("structure", "raft", "cage", "sea_change")
"""Kinds of change that stand or float on the sea and are no land; a ship can look like them."""
LEVELS = ("low", "high", "highest")
STATUSES = ("new", "open", "unseen", "cleared", "settled")
PROOFS = ("none", "checksum only", "signed")
"""What can vouch for a visit, the weakest first."""
VERDICTS = (
    "lawful",
    "suspected",
    "false_change",
    "legacy",
    "already_handled",
    "register_mismatch",
    "pending",
)
SETTLING = ("lawful", "false_change", "legacy", "already_handled", "register_mismatch")
"""Verdicts that settle a flag; a suspicion that was confirmed stays open until it is dealt with."""
CAUSES = (
    "tide",
    "season",
    "registration",
    "cloud",
    "ship",
    "drift",
    "works_permitted",
    "unreachable",
    "other",
)
"""What a false change was, or why nothing could be found out (unreachable)."""
EVENTS = ("assigned", "on_site", "stopped", "filed", "decided", "restored", "closed")
"""What people do about a flag, in the order it should come in."""

_DTYPES = {
    "text": "object",
    "list": "object",
    "json": "object",
    "number": "float64",
    "integer": "Int64",
    "date": "datetime64[ms]",
    "instant": "datetime64[ms, UTC]",
}


@dataclass(frozen=True)
class Fault:
    """Something wrong with a table: in some of its rows, or (rows None) in all of it.

    what, cure : the sentence before and behind the rows it names.
    shown : what stands in each of the rows (in all rows, one for one), said of the first.
    """

    what: str
    rows: np.ndarray | None = None
    cure: str = ""
    shown: Sequence[str] = ()

    @property
    def places(self) -> list[int]:
        """The rows as they stand, from 0."""
        return [] if self.rows is None else np.flatnonzero(self.rows).tolist()

    def of(self, row: int) -> "Fault":
        """The same of one of its rows alone."""
        return replace(self, rows=np.arange(0 if self.rows is None else len(self.rows)) == row)

    def text(self, numbers: Sequence[int] | None = None) -> str:
        """The sentence, with the rows by their `numbers` (as they stand, counted from 1)."""
        if self.rows is None:
            return self.what + self.cure
        shown = self.shown[self.places[0]] if self.shown else ""
        return f"{self.what} {_rows(self.rows, numbers)}{shown}{self.cure}".strip()


@dataclass(frozen=True)
class Column:
    """One column: its name, type, meaning, and what may stand in it.

    type : text, list (of `one_of`, comma-separated), number, integer, date,
        instant (UTC) or json.
    zh : its heading in Chinese; the English one is its name.
    """

    name: str
    type: str
    meaning: str
    zh: str
    required: bool = True
    one_of: tuple[str, ...] = ()
    unique: bool = False
    least: float | None = None
    most: float | None = None
    default: str | float | None = None

    def label(self, language: str) -> str:
        """The heading an inspector reads."""
        return self.zh if language == "zh" else self.name.replace("_", " ")


@dataclass(frozen=True)
class Table:
    """A table's name, meaning, geometry type and columns.

    geometry : Polygon or LineString (their multi-part kinds are welcome); Point, which a
        row may lack; empty for a table that has no place, a plain DataFrame.
    """

    name: str
    meaning: str
    zh: str
    geometry: str
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """One column by its name."""
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> list[str]:
        """Column names in order, geometry last."""
        return [*(column.name for column in self.columns), *(["geometry"] if self.geometry else [])]

    def empty(self, crs: object = None) -> gpd.GeoDataFrame:
        """A quiet week: no rows, all columns."""
        blank = _blank_table(self)
        if not self.geometry:
            return blank.copy()
        return gpd.GeoDataFrame(blank, geometry=gpd.GeoSeries([], crs=crs), crs=crs)

    def check(self, frame: gpd.GeoDataFrame, source: object = None) -> gpd.GeoDataFrame:
        """`frame` with this table's columns, in order and of their types.

        Columns the table does not know are left out. Optional columns that are
        missing come out empty, or with their default.

        Raises
        ------
        InputRefused
            Naming everything that is wrong at once: `source`, column, rows (counted
            from 1) and what would mend it.
        """
        name = f"{source} ({self.name})" if source else self.name
        columns, faults = self.faults(frame)
        if faults:
            raise InputRefused(f"{name}: {fault.text()}" for fault in faults)
        if not self.geometry:
            return pd.DataFrame(columns).reset_index(drop=True)
        return self.of(columns, frame.geometry)

    def of(self, columns: dict[str, pd.Series], shapes: gpd.GeoSeries) -> gpd.GeoDataFrame:
        """The table of `columns` as `faults` gives them, where it finds nothing wrong."""
        # told that their rows are the same, pandas need not find it out column by column
        checked = gpd.GeoDataFrame(columns, index=shapes.index, geometry=shapes.array)
        return checked.reset_index(drop=True)

    def faults(self, frame: gpd.GeoDataFrame) -> tuple[dict[str, pd.Series], list[Fault]]:
        """The table's columns out of `frame`, of their types, and all that is wrong with them."""
        faults = list(self._geometry_faults(frame)) if self.geometry else []
        columns: dict[str, pd.Series] = {}
        for column in self.columns:
            if column.name not in frame.columns:
                if column.required:
                    cure = "; add it, or name the file's own column in `rename`"
                    faults.append(Fault(f"no column '{column.name}' ({column.meaning})", cure=cure))
                blank = pd.Series([column.default] * len(frame), index=frame.index, dtype=object)
                columns[column.name], _ = _typed(blank, column)
            else:
                columns[column.name], wrong = _typed(frame[column.name], column)
                faults += wrong
        return columns, faults + _order_faults(columns)

    def _geometry_faults(self, frame: gpd.GeoDataFrame) -> Iterator[Fault]:
        shapes = frame.geometry
        if shapes.crs is None:
            yield Fault("no CRS; name it, e.g. with a .prj file or QGIS 'Assign projection'")
        missing = (shapes.isna() | shapes.is_empty).to_numpy()
        if missing.any() and self.geometry != "Point":
            yield Fault("no geometry in", missing, "; draw it or delete the row")
        other = ~missing & ~shapes.geom_type.isin([self.geometry, "Multi" + self.geometry])
        for found in sorted(shapes[other].geom_type.unique()):
            rows = (shapes.geom_type == found).to_numpy() & ~missing
            yield Fault(f"{found} instead of {self.geometry} in", rows)
        broken = ~missing & ~overlay.spread(shapely.is_valid, shapes.to_numpy())
        for row in np.flatnonzero(broken)[:5]:
            why = shapely.is_valid_reason(shapes.iloc[row])
            cure = f" ({why}); repair it, e.g. QGIS: Vector geometry > Fix geometries"
            yield Fault("invalid geometry in", np.arange(len(frame)) == row, cure)
        if broken.sum() > 5:
            rest = broken & (broken.cumsum() > 5)
            yield Fault(f"invalid geometry in {rest.sum()} more:", rest)


@cache
def _blank_table(table: Table) -> pd.DataFrame:
    """Its columns without a row; each of many quiet tables is made of it."""
    return pd.DataFrame({c.name: pd.Series([], dtype=_DTYPES[c.type]) for c in table.columns})


def _rows(bad: np.ndarray, numbers: Sequence[int] | None = None) -> str:
    """'row 3' or 'rows 3, 5, 9 and 4 more', counted from 1."""
    places = np.flatnonzero(bad).tolist()
    rows = [str(row + 1 if numbers is None else numbers[row]) for row in places]
    more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
    return ("row " if len(rows) == 1 else "rows ") + ", ".join(rows[:5]) + more


def _blank(values: np.ndarray | pd.api.extensions.ExtensionArray) -> np.ndarray:
    """Which say nothing, or are spaces alone."""
    nothing: np.ndarray = pd.isna(values)
    if values.dtype.kind != "O" or nothing.all():
        return nothing
    texts = np.asarray(values, object).tolist()
    return nothing | np.array([isinstance(text, str) and not text.strip() for text in texts], bool)


def _text(value: object) -> str:
    """'41' for 41 and for 41.0, as number columns hold codes in many registers."""
    if isinstance(value, (list, tuple, np.ndarray)):
        return ",".join(str(item) for item in value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _words(text: str, order: Iterable[str]) -> str:
    for separator in ";、，|/ []'\"":
        text = text.replace(separator, ",")
    words = [word for word in text.split(",") if word]
    unknown = [word for word in words if word not in order]
    return ",".join(unknown or [word for word in order if word in words])


def _typed(values: pd.Series, column: Column) -> tuple[pd.Series, list[Fault]]:
    """`values` in the column's type, and what is wrong with them."""
    faults: list[Fault] = []
    convert = _worded if column.type in ("text", "list", "json") else _measured
    typed, blank, bad = convert(values, column)
    if column.required and blank.any():
        faults.append(Fault(f"'{column.name}' is empty in", blank))
    if bad.any():
        what = f"'{column.name}' is not {_allowed(column)} in"
        faults.append(Fault(what, bad, shown=[f" ({value!r})" for value in values]))
    if column.unique:
        repeated = typed[typed.duplicated(keep=False) & typed.notna()]
        twice = list(dict.fromkeys(repeated))
        alike = [(f"{value!r}", typed == value) for value in twice[:5]]
        alike += [("other values", typed.isin(twice[5:]))] if twice[5:] else []
        for value, rows in alike:
            same = rows.fillna(False).to_numpy(dtype=bool)
            what = f"'{column.name}' repeats {value} in"
            faults.append(Fault(what, same, "; each must be its own"))
    return typed, faults


def _worded(values: pd.Series, column: Column) -> tuple[pd.Series, np.ndarray, np.ndarray]:
    """Texts, None for none; which of `values` were blank, and which are not allowed."""
    allowed = set(column.one_of)
    number, distinct = _distinct(values.to_numpy(object))
    blank = _blank(distinct)
    texts, bad = np.full(len(distinct), None, object), np.zeros(len(distinct), bool)
    for row, (value, nothing) in enumerate(zip(distinct.tolist(), blank.tolist(), strict=True)):
        told = column.default if nothing else value
        if told is None:
            continue
        text = _text(told)
        if column.type == "list" and text:
            text = _words(text, column.one_of)
        wrong = bool(allowed) and not set(_items(text, column)) <= allowed
        texts[row], bad[row] = text, wrong or (column.type == "json" and not _is_json(text))
    return pd.Series(texts[number], index=values.index, dtype=object), blank[number], bad[number]


def _distinct(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which of the distinct ones each is, and those, so that each text is asked once.

    Only of texts: True, 1 and 1.0 would pass for one.
    """
    if pd.api.types.infer_dtype(values, skipna=True) != "string":
        return np.arange(len(values)), values
    return pd.factorize(values, use_na_sentinel=False)


def _measured(values: pd.Series, column: Column) -> tuple[pd.Series, np.ndarray, np.ndarray]:
    """Numbers, days or instants; which of `values` were blank, and which are not allowed."""
    blank = empty = _blank(values.array)
    if column.default is not None and blank.any():
        values = values.where(~blank, column.default)
        empty = _blank(values.array)
    told = values.where(~empty, None) if empty.any() and values.dtype.kind == "O" else values
    if column.type in ("number", "integer"):
        typed = _numbers(told, _DTYPES[column.type])
        amounts = typed.to_numpy("float64", na_value=np.nan)
        bad = np.isnan(amounts) & ~empty
        if column.least is not None:
            bad |= amounts < column.least
        if column.most is not None:
            bad |= amounts > column.most
        return typed, blank, bad
    typed = _instants(told, empty) if column.type == "instant" else _dates(told)
    return typed, blank, typed.isna().to_numpy() & ~empty


def _numbers(values: pd.Series, dtype: str) -> pd.Series:
    if values.dtype == dtype:
        return values
    numbers = pd.to_numeric(values, errors="coerce")
    if dtype == _DTYPES["integer"] and numbers.dtype.kind == "f":
        whole = np.isfinite(numbers) & (numbers % 1 == 0)
        numbers = numbers.where(whole)
    return numbers.astype(dtype)


def _items(value: str, column: Column) -> list[str]:
    return value.split(",") if column.type == "list" else [value]


def _allowed(column: Column) -> str:
    if column.one_of:
        kind = "a list of " if column.type == "list" else "one of "
        return kind + ", ".join(column.one_of)
    limits = [f"at least {column.least:g}"] if column.least is not None else []
    limits += [f"at most {column.most:g}"] if column.most is not None else []
    shape = {
        "date": "a date such as 2026-11-23",
        "instant": "an instant with its time zone such as 2026-11-23T02:50:00Z",
        "integer": "a whole number",
        "json": "JSON",
    }
    return " ".join([shape.get(column.type, "a number"), *limits])


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _dates(values: pd.Series) -> pd.Series:
    """Days, from dates, instants, '2026-11-23', '2026/11/23', '20261123' or '2026年11月23日'."""
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        values = values.dt.tz_localize(None)
    if values.dtype.kind == "M":
        return values.dt.floor("D").astype("datetime64[ms]")
    text = values.map(_day_text)
    return pd.to_datetime(text, format="%Y-%m-%d", errors="coerce").astype("datetime64[ms]")


def _day_text(value: object) -> str | None:
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return None
    if isinstance(value, (date, np.datetime64)):
        return str(value)[:10]
    text = _text(value).replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-")
    if text.isdigit() and len(text) == 8:
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    return text.split("T")[0].split(" ")[0]


def _instants(values: pd.Series, blank: np.ndarray) -> pd.Series:
    """Instants of UTC; none where the zone is not told."""
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return values.dt.tz_convert("UTC").astype(_DTYPES["instant"])
    naive = values.map(lambda v: not _has_zone(v)) & ~blank
    typed = pd.to_datetime(values.where(~naive, None), utc=True, errors="coerce", format="mixed")
    return typed.astype(_DTYPES["instant"])


def _has_zone(value: object) -> bool:
    try:
        return value is not None and value == value and pd.Timestamp(value).tzinfo is not None
    except (ValueError, TypeError):
        return False


def _order_faults(columns: dict[str, pd.Series]) -> list[Fault]:
    if not {"valid_from", "valid_to"} <= columns.keys():
        return []
    backwards = (columns["valid_to"] < columns["valid_from"]).to_numpy()
    return [Fault("'valid_to' is before 'valid_from' in", backwards)] if backwards.any() else []


PERMITS = Table(
    "permits",
    "Sea-use parcels: where a holder may use the sea, for what, and until when.",
    "用海权属（宗海）",
    "Polygon",
    (
        Column("permit_id", "text", "number on the certificate", "证号", unique=True),
        Column(
            "right",
            "text",
            "sea use, or use of an island",
            "权利类型",
            required=False,
            one_of=("sea_use", "island_use"),
            default="sea_use",
        ),
        Column("project_name", "text", "name of the project", "项目名称", required=False),
        Column("holder", "text", "who holds the right", "使用权人", required=False),
        Column(
            "scheme",
            "text",
            "the classification `use_type` is written in",
            "分类标准",
            one_of=("hy/t-123-2009", "tdys-2023"),
        ),
        Column("use_type", "text", "what the sea is used for, a code of `scheme`", "用海类型"),
        Column("use_mode", "text", "how the sea is used, HY/T 123-2009", "用海方式", one_of=MODES),
        Column(
            "strata",
            "list",
            "the layers of the sea the right reaches",
            "用海空间层",
            one_of=STRATA,
        ),
        Column("valid_from", "date", "first day of the right", "起始日期"),
        Column("valid_to", "date", "last day of the right, inclusive", "终止日期"),
        Column("authority", "text", "who granted it", "批准机关", required=False),
        Column(
            "area_ha", "number", "area on the certificate, ha", "宗海面积（公顷）", False, least=0
        ),
        Column(
            "meridian",
            "number",
            "central meridian the area was computed on, degrees east",
            "中央经线",
            required=False,
            least=-180,
            most=180,
        ),
        Column(
            "sigma_m",
            "number",
            "survey error of the corners, one standard deviation, m",
            "界址点中误差（米）",
            required=False,
            least=0,
        ),
    ),
)

COASTLINE = Table(
    "coastline",
    "The official coastline in segments; a satellite waterline never replaces it.",
    "海岸线",
    "LineString",
    (
        Column("segment_id", "text", "number of the segment", "岸线编号", unique=True),
        Column("kind", "text", "what the shore is", "岸线类型", one_of=SEGMENT_KINDS),
        Column(
            "protection",
            "text",
            "protection class",
            "保护等级",
            required=False,
            one_of=("strict", "limited", "optimised"),
        ),
        Column(
            "slope",
            "number",
            "rise over run of the foreshore as surveyed, 0.0001 to 10; without it its kind tells",
            "岸滩坡度",
            required=False,
            least=0.0001,
            most=10,
        ),
        Column("baseline", "text", "the survey this line belongs to", "基准版本"),
        Column("surveyed", "date", "day of the survey", "调查日期"),
    ),
)

ISLANDS = Table(
    "islands",
    "Islands on the register.",
    "海岛",
    "Polygon",
    (
        Column("island_id", "text", "number on the register", "海岛编号", unique=True),
        Column("name", "text", "name", "名称", required=False),
        Column(
            "inhabited",
            "text",
            "whether people live there; unknown is judged as uninhabited",
            "有无居民",
            required=False,
            one_of=("yes", "no"),
        ),
        Column("category", "text", "category on the register", "类别", required=False),
        Column("surveyed", "date", "day of the survey", "调查日期"),
    ),
)

ZONES = Table(
    "zones",
    "Zones with rules of their own: red lines, bans, legacy reclamation, base points.",
    "管控区",
    "Polygon",
    (
        Column("zone_id", "text", "number of the zone", "区编号", unique=True),
        Column("kind", "text", "what rule the zone carries", "区类型", one_of=ZONE_KINDS),
        Column("name", "text", "name", "名称", required=False),
        Column("valid_from", "date", "first day in force", "生效日期", required=False),
        Column("valid_to", "date", "last day in force, inclusive", "失效日期", required=False),
        Column("source", "text", "the document it comes from", "来源", required=False),
        Column(
            "legacy_class",
            "text",
            "of a legacy reclamation, how it is classed on the register",
            "历史围填海类别",
            required=False,
        ),
        Column(
            "filled_ha", "number", "of it, filled, ha", "已填面积（公顷）", required=False, least=0
        ),
        Column(
            "used_ha", "number", "of it, in use, ha", "已利用面积（公顷）", required=False, least=0
        ),
        Column("assessment", "text", "its ecological assessment", "生态评估", required=False),
        Column("plan", "text", "its plan of use or restoration", "处理方案", required=False),
        Column("deadline", "date", "day the plan is to be done by", "完成期限", required=False),
    ),
)

DUTY = Table(
    "duty",
    "Who answers for which stretch of coast, and when.",
    "责任网格",
    "Polygon",
    (
        Column("grid_id", "text", "number of the grid cell", "网格编号", unique=True),
        Column("officer", "text", "who answers", "责任人"),
        Column("post", "text", "the officer's post", "职务"),
        Column("duty", "text", "what the officer answers for", "职责"),
        Column("deputy", "text", "who answers in the officer's absence", "代理人", required=False),
        Column("district", "text", "the district the cell lies in", "区市", required=False),
        Column("valid_from", "date", "first day", "起始日期"),
        Column("valid_to", "date", "last day, inclusive", "终止日期", required=False),
    ),
)

KNOWN = Table(
    "known",
    "Objects already dealt with; growth of one still counts.",
    "已处理目标",
    "Polygon",
    (
        Column("known_id", "text", "number of the object", "编号", unique=True),
        Column("kind", "text", "what it is", "类型"),
        Column("since", "date", "since when it stands", "起始日期", required=False),
        Column("note", "text", "what was decided", "备注", required=False),
    ),
)

CHANGES = Table(
    "changes",
    "What a detector saw: a footprint that differs between two scenes.",
    "变化图斑",
    "Polygon",
    (
        Column("change_id", "text", "made from what was found", "变化编号", unique=True),
        Column("kind", "text", "what changed", "变化类型", one_of=CHANGE_KINDS),
        Column("score", "number", "how strong the change is, 0-1", "变化得分", least=0, most=1),
        Column(
            "sigma_m",
            "number",
            "position error of the footprint, one standard deviation, m",
            "位置中误差（米）",
            least=0,
        ),
        Column(
            "match_m",
            "number",
            "how well the shores of the two scenes lie on each other, one standard deviation, m",
            "配准中误差（米）",
            required=False,
            least=0,
        ),
        Column(
            "pixel_m",
            "number",
            "side of the pixels that the two scenes were compared on, m",
            "比对像元边长（米）",
            required=False,
            least=0,
        ),
        Column(
            "tide_sigma_m",
            "number",
            "how far its waterline may stand elsewhere by the error of the tide, one standard "
            "deviation of the height over the slope of the shore, m",
            "潮位引起的水边线中误差（米）",
            required=False,
            least=0,
        ),
        Column("before", "instant", "when the earlier scene was taken", "前时相"),
        Column("after", "instant", "when the later scene was taken", "后时相"),
        Column("before_scene", "text", "the earlier scene", "前影像"),
        Column("after_scene", "text", "the later scene", "后影像"),
        Column("sensor_before", "text", "sensor of the earlier scene", "前传感器"),
        Column("sensor_after", "text", "sensor of the later scene", "后传感器"),
        Column(
            "tide_before_m", "number", "tide height at the earlier scene, m", "前潮位（米）", False
        ),
        Column(
            "tide_after_m", "number", "tide height at the later scene, m", "后潮位（米）", False
        ),
        Column("area_m2", "number", "area on the ellipsoid, m²", "面积（平方米）", least=0),
        Column(
            "reach_m",
            "number",
            "how far it reaches from the shore between water and land of the earlier scene, m",
            "离原水边线最远（米）",
            required=False,
            least=0,
        ),
        Column(
            "near_m",
            "number",
            "how near it comes to the land of the earlier scene, m",
            "离原陆地最近（米）",
            required=False,
            least=0,
        ),
        Column(
            "dates",
            "integer",
            "clear days in a row that show it, the later scene's included",
            "清晰时相数",
            required=False,
            least=1,
        ),
        Column("first_with", "instant", "first of those days", "首次出现", required=False),
        Column("last_without", "instant", "last clear look without it", "末次未见", required=False),
        Column(
            "tide_with_m",
            "number",
            "tide height that hides most of it, of the looks that show it, m",
            "出现时最不利潮位（米）",
            False,
        ),
        Column(
            "tide_without_m",
            "number",
            "tide height that shows most of it, of the looks without it, m",
            "未见时最有利潮位（米）",
            False,
        ),
        Column(
            "veto",
            "text",
            "why it is no suspicion (yet): tide, position, varies (the place is often like "
            "that), once (seen on one day only, and may be a ship or cloud)",
            "排除原因",
            False,
        ),
        Column("source", "text", "who found it", "来源"),
        Column("external_id", "text", "its number at that source", "外部编号", required=False),
    ),
)

_FINDING = (
    Column("rule", "text", "the rule that is broken", "规则"),
    Column("change_id", "text", "the change that breaks it", "变化编号"),
    Column("subject", "text", "the permit, segment, island or zone concerned", "涉及对象", False),
    Column("confidence", "number", "how sure the machine is, 0-1", "置信度", least=0, most=1),
    Column("area_m2", "number", "area of the footprint on the ellipsoid, m²", "面积（平方米）"),
    Column("area_sigma_m2", "number", "its standard deviation, m²", "面积中误差（平方米）"),
    Column("meridian", "number", "the central meridian its plane area is shown on", "中央经线"),
    Column(
        "plane_area_m2",
        "number",
        "area of the footprint on the plane of that meridian, as certificates count, m²",
        "平面面积（平方米）",
        required=False,
        least=0,
    ),
    Column(
        "excess_m2",
        "number",
        "what of it breaks the rule, on the ellipsoid, m²",
        "超出面积（平方米）",
    ),
    Column("coast_m", "number", "length of coast it lies on, m", "占用岸线（米）"),
    Column("reason", "text", "why, in one sentence", "理由", required=False),
    Column("numbers", "json", "the numbers of that sentence", "数值"),
    Column("basis", "text", "the law it rests on", "依据", required=False),
    Column(
        "priority",
        "integer",
        "1 fill, island joined, base point, legacy growth; 2 other building on sea, "
        "coast, island, red line; 3 the rest",
        "优先级",
        least=1,
        most=3,
    ),
    Column("before", "instant", "last time the place was seen without it", "变化前时间"),
    Column("after", "instant", "first time it was seen", "变化后时间"),
    Column("before_scene", "text", "the earlier of the two scenes shown", "前影像"),
    Column("after_scene", "text", "the later of the two scenes shown", "后影像"),
    Column("sensor", "text", "sensor that saw it", "传感器"),
    Column("source", "text", "who found it", "来源"),
    Column("external_id", "text", "its number at that source", "外部编号", required=False),
)

FINDINGS = Table(
    "findings", "One rule broken by one change, this week.", "本期疑点", "Polygon", _FINDING
)

FLAGS = Table(
    "flags",
    "A finding followed from week to week; suspected until a visit has settled it.",
    "疑点图斑",
    "Polygon",
    (
        Column("flag_id", "text", "made from what was found", "图斑编号", unique=True),
        *_FINDING,
        Column("level", "text", "how well it is supported", "可信等级", one_of=LEVELS),
        Column("status", "text", "where it stands this week", "状态", one_of=STATUSES),
        Column("first_seen", "date", "day of the run that first raised it", "首次发现"),
        Column("last_seen", "date", "day of the last run that found it", "最近发现"),
        Column("owner", "text", "the officer answering for the place", "责任人", required=False),
        Column(
            "verdict",
            "text",
            "what the latest visit found",
            "核查结论",
            required=False,
            one_of=VERDICTS,
        ),
        Column(
            "chance",
            "number",
            "how likely it is real by all there is, visits included, 0-1",
            "综合可信度",
            required=False,
            least=0,
            most=1,
        ),
        Column(
            "record",
            "json",
            "what became of the flag: parent, merged_into, history, evidence (every look and "
            "visit), visits, contradicted, conflict, doubt",
            "沿革与证据",
            required=False,
        ),
    ),
)

COVERAGE = Table(
    "coverage",
    "What of the area was seen in both scenes of a pair, and what was not, and why.",
    "覆盖情况",
    "Polygon",
    (
        Column(
            "seen",
            "text",
            "whether the ground was seen in both scenes",
            "是否可见",
            one_of=("yes", "no"),
        ),
        Column(
            "why",
            "text",
            "clear, masked (cloud, shadow, no data), no_reference, not_imaged",
            "原因",
            one_of=("clear", "masked", "no_reference", "not_imaged"),
        ),
        Column("before", "instant", "earlier scene", "前时相", required=False),
        Column("after", "instant", "later scene", "后时相", required=False),
        Column("before_scene", "text", "the earlier scene", "前影像", required=False),
        Column("after_scene", "text", "the later scene", "后影像", required=False),
        Column("sensor", "text", "sensor of the later scene", "传感器", required=False),
        Column(
            "least50_m2",
            "number",
            "area of new land that is found there with a chance of 50 %, m²",
            "半数可见面积（平方米）",
            required=False,
            least=0,
        ),
        Column(
            "least95_m2",
            "number",
            "area of new land that is found there with a chance of 95 %, m²",
            "九成五可见面积（平方米）",
            required=False,
            least=0,
        ),
        Column("area_m2", "number", "area on the ellipsoid, m²", "面积（平方米）"),
    ),
)

SHORELINE = Table(
    "shoreline",
    "Entries of the shoreline ledger: coast occupied, restored or exempt, metre by metre. Its "
    "file stands under [ledger] in seawatch.toml; a row lies where its line does, or from from_m "
    "to to_m along a segment (then a CSV will do).",
    "岸线占补台账条目",
    "LineString",
    (
        Column("entry_id", "text", "number of the entry", "条目编号", unique=True),
        Column("kind", "text", "what was done", "条目类型", one_of=ENTRY_KINDS),
        Column("date", "date", "day it was done or decided", "日期"),
        Column("project", "text", "the project it belongs to", "项目"),
        Column("district", "text", "district it lies in", "县区", required=False),
        Column("owner", "text", "who answers for it", "责任单位", required=False),
        Column(
            "compensates",
            "text",
            "the project that restored coast makes good for; its own unless said",
            "补偿项目",
            required=False,
        ),
        Column("reference", "text", "permit or flag it rests on", "证号或图斑", required=False),
        Column(
            "accepted",
            "date",
            "day restored coast was accepted; it counts from then on",
            "验收日期",
            required=False,
        ),
        Column(
            "status",
            "text",
            "whether retention stood above the floor, or below or at it, that day; counted "
            "unless said",
            "保有率状态",
            required=False,
            one_of=("above", "below"),
        ),
        Column(
            "baseline",
            "text",
            "the survey its line belongs to; the newest there unless said",
            "基准版本",
            required=False,
        ),
        Column("segment_id", "text", "segment it lies on", "岸线编号", required=False),
        Column("from_m", "number", "first metre along the segment", "起点（米）", False, least=0),
        Column("to_m", "number", "last metre along the segment", "终点（米）", False, least=0),
        Column(
            "reason",
            "text",
            "why it is exempt, or why it may pass the floor",
            "理由",
            required=False,
        ),
        Column("override_by", "text", "who let it pass the floor", "放行人", required=False),
        Column("note", "text", "anything else", "备注", required=False),
    ),
)

GROUND = Table(
    "ground",
    "Every square metre of the area of interest: seen, to be patrolled, or out of scope.",
    "可见与待巡查范围",
    "Polygon",
    (
        Column(
            "state",
            "text",
            "seen clear this run, ordered to be patrolled, or out of scope",
            "状态",
            one_of=("seen", "ordered", "out_of_scope"),
        ),
        Column("last_seen", "date", "day it was last seen clear", "最近可见日期", required=False),
        Column("days", "integer", "days since then", "距今天数", required=False, least=0),
        Column("area_m2", "number", "area on the ellipsoid, m²", "面积（平方米）", least=0),
    ),
)

PATROLS = Table(
    "patrols",
    "What is to be looked at by drone, boat or on foot, by officer, in order.",
    "巡查任务",
    "Polygon",
    (
        Column("order_id", "text", "number of the order", "任务编号", unique=True),
        Column(
            "mode",
            "text",
            "drone: a flight on one battery; visit: a stop of a boat or ground route",
            "方式",
            one_of=("drone", "visit"),
        ),
        Column(
            "why",
            "text",
            "unseen: no scene shows the ground; unconfirmed: a flag waits for a visit",
            "原因",
            one_of=("unseen", "unconfirmed"),
        ),
        Column("flag_id", "text", "the flag to visit", "图斑编号", required=False),
        Column("owner", "text", "the officer who answers", "责任人", required=False),
        Column("sequence", "integer", "place in the officer's order", "顺序", least=1),
        Column("length_m", "number", "way of the flight, or to the stop, m", "航程（米）", least=0),
        Column(
            "days", "integer", "days since the ground was seen", "未见天数", required=False, least=0
        ),
        Column("area_m2", "number", "area on the ellipsoid, m²", "面积（平方米）", least=0),
    ),
)

SUSPECTS = Table(
    "suspects",
    "Suspect zones found by others; they enter the next run as changes.",
    "外部疑点",
    "Polygon",
    (
        Column("source", "text", "who found it", "来源"),
        Column("external_id", "text", "its number there", "外部编号", unique=True),
        Column(
            "kind",
            "text",
            "what changed; a change on the sea of no known kind unless said",
            "变化类型",
            required=False,
            one_of=CHANGE_KINDS,
            default="sea_change",
        ),
        Column("before", "instant", "last time the place was seen without it", "变化前时间"),
        Column("after", "instant", "first time it was seen", "变化后时间"),
        Column(
            "sigma_m",
            "number",
            "position error of the outline, one standard deviation, m; 10 unless said",
            "位置中误差（米）",
            required=False,
            least=0,
        ),
        Column("received", "date", "day it was received; runs from then on take it in", "收到日期"),
    ),
)

REPLIES = Table(
    "replies",
    "What came of each suspect zone of others: their number, our flags, the verdict.",
    "外部疑点回复",
    "Polygon",
    (
        Column("source", "text", "who found it", "来源"),
        Column("external_id", "text", "its number there", "外部编号"),
        Column("received", "date", "day it was received", "收到日期"),
        Column(
            "outcome",
            "text",
            "flagged, or no rule broken on the day it was judged",
            "处理结果",
            one_of=("flagged", "no_rule_broken"),
        ),
        Column("flag_id", "text", "our flag", "图斑编号", required=False),
        Column("rule", "text", "the rule that is broken", "规则", required=False),
        Column("reason", "text", "why, in one sentence", "理由", required=False),
        Column(
            "excess_m2", "number", "what of it breaks the rule, m²", "超出面积（平方米）", False
        ),
        Column("level", "text", "how well it is supported", "可信等级", required=False),
        Column("status", "text", "where it stands", "状态", required=False),
        Column("verdict", "text", "what a visit found", "核查结论", required=False),
        Column("owner", "text", "the officer answering for the place", "责任人", required=False),
    ),
)

VISITS = Table(
    "visits",
    "What inspectors found; visits are only ever added.",
    "现场核查",
    "Point",
    (
        Column("flag_id", "text", "the flag that was visited", "图斑编号"),
        Column("visited_at", "instant", "when", "核查时间"),
        Column("verdict", "text", "what was found", "核查结论", one_of=VERDICTS),
        Column("cause", "text", "why it is no violation", "原因", required=False, one_of=CAUSES),
        Column("by", "text", "the officer's code", "核查人"),
        Column("remark", "text", "in the officer's words", "备注", required=False),
        Column(
            "accuracy_m", "number", "of the position, m", "定位精度（米）", required=False, least=0
        ),
        Column("photos", "json", "name, sha256, taken_at, lon, lat of each", "照片", False),
        Column("device", "text", "what it was recorded with", "设备", required=False),
        Column("recorded", "instant", "when it came into the journal", "入库时间", required=False),
        Column("notes", "json", "what was noticed when it came in", "入库提示", required=False),
        Column(
            "proof",
            "text",
            "what vouches for it: signed with an enrolled key; a checksum only; none (a sheet)",
            "凭据",
            required=False,
            one_of=PROOFS,
        ),
    ),
)

KEYS = Table(
    "keys",
    "Officers' public keys that the office has enrolled, a CSV or XLSX named as [visits] keys.",
    "签名密钥",
    "",
    (
        Column("by", "text", "the officer's code", "核查人"),
        Column("key", "text", "the public key, as the field form gives it to copy", "公钥"),
        Column("note", "text", "e.g. which device, enrolled when", "说明", required=False),
    ),
)

CASES = Table(
    "cases",
    "What people did about a flag; entries are only ever added.",
    "处置过程",
    "",
    (
        Column("flag_id", "text", "the flag", "图斑编号"),
        Column("event", "text", "what was done", "环节", one_of=EVENTS),
        Column("at", "date", "the day it was done", "日期"),
        Column("by", "text", "who did it", "经办人"),
        Column("note", "text", "in their words", "说明", required=False),
        Column("recorded", "instant", "when it came into the journal", "入库时间", required=False),
    ),
)

PROBLEMS = Table(
    "problems",
    "Problems named by an inspection from above (督察整改), until they are signed off.",
    "整改问题",
    "",
    (
        Column("problem_id", "text", "its number", "问题编号"),
        Column("problem", "text", "what is wrong", "问题"),
        Column("source", "text", "who named it", "问题来源"),
        Column("unit", "text", "the unit that answers for it", "责任单位"),
        Column("person", "text", "the person who answers for it", "责任人"),
        Column("goal", "text", "what is to be reached", "整改目标"),
        Column("measures", "text", "how", "整改措施"),
        Column("deadline", "date", "the last day, inclusive", "整改时限"),
        Column("flags", "text", "numbers of its flags, comma-separated", "关联图斑", False),
        Column("evidence", "text", "what shows that it was done", "佐证材料", required=False),
        Column("closed", "date", "the day it was signed off", "销号日期", required=False),
        Column("signed_by", "text", "who signed it off", "销号签字人", required=False),
        Column("recorded", "instant", "when it came into the journal", "入库时间", required=False),
    ),
)

REMINDERS = Table(
    "reminders",
    "What a permit's dates and size give reason to ask: no suspicion, and nobody's flag.",
    "提醒事项",
    "Polygon",
    (
        Column("reminder_id", "text", "its rule and permit", "提醒编号", unique=True),
        Column("rule", "text", "the rule that reminds", "规则"),
        Column("subject", "text", "the permit concerned", "涉及权属"),
        Column(
            "state",
            "text",
            "open: there is something to do; missed: its day has passed; not_known: the ground "
            "was not seen well enough to tell",
            "状态",
            one_of=("open", "missed", "not_known"),
        ),
        Column("due", "date", "the day it is to be done by", "期限", required=False),
        Column("area_m2", "number", "area concerned, on the ellipsoid, m²", "面积（平方米）"),
        Column("reason", "text", "why, in one sentence", "理由", required=False),
        Column("numbers", "json", "the numbers of that sentence", "数值"),
        Column("basis", "text", "the law it rests on", "依据", required=False),
    ),
)

LAYERS = (PERMITS, COASTLINE, ISLANDS, ZONES, DUTY, KNOWN)
RESULTS = (CHANGES, FINDINGS, FLAGS, COVERAGE, GROUND, PATROLS, REPLIES, REMINDERS)
SAID = (VISITS, CASES, PROBLEMS)
"""What people say: it stands in the journal."""
TABLES = {table.name: table for table in (*LAYERS, SHORELINE, SUSPECTS, *RESULTS, *SAID, KEYS)}
