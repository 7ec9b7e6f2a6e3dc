"""What seawatch.toml says: frozen, checked, paths made whole.

An unknown key is refused with the nearest known one beside it.
"""

import inspect
import re
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyproj
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from . import law
from .audience import MAY_SHOW, Limits
from .errors import UsageError
from .offsets import Ratio, Terms, terms_of
from .patrol import Craft
from .rules import RULES
from .tables import LAYERS, SEGMENT_KINDS, ZONE_KINDS
from .tides import DEFAULT_SLOPE

_NAMES = [table.name for table in LAYERS]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class LayerFile(_Section):
    """A layer's file, and how its columns are read."""

    path: str = Field(description="the file, from the workspace's folder")
    rename: dict[str, str] = Field({}, description="file's column = seawatch's column")
    encoding: str | None = Field(None, description="what its text is in, e.g. GB18030")
    layer: str | None = Field(None, description="its name in a file of several layers")
    crs: str | None = Field(None, description="what its coordinates are in, e.g. EPSG:4528")
    values: dict[str, str] = Field({}, description="column = value, where the file has none")


class LayerFiles(_Section):
    """The layers of a workspace; each is a file or is named in `absent`."""

    permits: LayerFile | None = None
    coastline: LayerFile | None = None
    islands: LayerFile | None = None
    zones: LayerFile | None = None
    duty: LayerFile | None = None
    known: LayerFile | None = None
    absent: tuple[str, ...] = Field((), description="layers that are deliberately missing")

    @field_validator(*_NAMES, mode="before")
    @classmethod
    def _plain_path(cls, value: object) -> object:
        return {"path": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _each_said(self) -> "LayerFiles":
        unknown = [name for name in self.absent if name not in _NAMES]
        if unknown:
            raise ValueError(f"absent: no layer '{unknown[0]}'{_nearest(unknown[0], _NAMES)}")
        for name in _NAMES:
            given = getattr(self, name) is not None
            if given and name in self.absent:
                raise ValueError(f"'{name}' has a file and is in `absent`; take one away")
            if not given and name not in self.absent:
                raise ValueError(f"'{name}' has no file; give it one, or add it to `absent`")
        return self


class General(_Section):
    """What the project is."""

    name: str = Field(description="name on the maps")
    crs: str = Field(description="projected CRS in metres, e.g. EPSG:4549")
    cycle: Literal["weekly", "half-month"] = Field("weekly", description="how often it runs")
    language: Literal["zh", "en"] = Field("zh", description="language of maps and reports")
    timezone: str = Field("Asia/Shanghai", description="days and weeks are counted here")
    area: str | None = Field(None, description="polygon file: the area of interest")

    @field_validator("crs")
    @classmethod
    def _metres(cls, value: str) -> str:
        try:
            crs = pyproj.CRS(value)
        except pyproj.exceptions.CRSError:
            raise ValueError(f"'{value}' is no CRS; write e.g. EPSG:4549") from None
        if not crs.is_projected or crs.axis_info[0].unit_conversion_factor != 1:
            raise ValueError(f"'{value}' is not projected in metres; write e.g. EPSG:4549")
        return value

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"'{value}' is no time zone; write e.g. Asia/Shanghai") from None
        return value


class SceneFolders(_Section):
    """Where scenes lie."""

    folders: tuple[str, ...] = Field(("scenes",), description="folders of STAC Items")
    keep: bool = Field(False, description="copy rasters into inputs/ too, not only their sha256")


class Tide(_Section):
    """What is known of the tide."""

    gauge: str | None = Field(None, description="CSV: time (ISO 8601 with zone), height_m")
    constituents: str | None = Field(
        None, description="a TICON-like JSON of harmonics, for instants the gauge lacks"
    )
    slope: float = Field(
        DEFAULT_SLOPE,
        gt=0,
        le=1,
        description="rise over run of the shore where no segment is near, 0.05 for 5 %",
    )


class Law(_Section):
    """Whose law holds here beside the nation's, and what the sea costs."""

    province: str | None = Field(None, description="its own law is used too, e.g. 山东省")
    city: str | None = Field(None, description="its own law is used too, e.g. 威海市")
    sea_grade: tuple[int, ...] = Field(
        (), description="grade of the sea in the fee tables, 1-6; several where they differ"
    )
    fees: str | None = Field(None, description="CSV of fees, in place of the shipped ones")

    @field_validator("sea_grade", mode="before")
    @classmethod
    def _one_or_more(cls, value: object) -> object:
        return (value,) if isinstance(value, int) else value

    @field_validator("sea_grade")
    @classmethod
    def _grades(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if any(grade not in range(1, 7) for grade in value):
            raise ValueError("a sea grade is 1 to 6")
        return tuple(sorted(set(value)))

    @field_validator("province", "city")
    @classmethod
    def _no_slip(cls, value: str | None) -> str | None:
        # a place without law of its own is fine; one letter off a place that has some is not
        close = get_close_matches(value or "", list(law.REGIONS), 1, 0.75)
        if close and value not in law.REGIONS:
            raise ValueError(f"'{value}' has no law here; did you mean '{close[0]}'?")
        return value

    @model_validator(mode="after")
    def _city_in_province(self) -> "Law":
        around = law.REGIONS.get(self.city or "")
        if around and self.province not in (None, around):
            raise ValueError(f"'{self.city}' lies in {around}, not in {self.province}")
        return self


class OwnRatio(_Section):
    """Metres of coast to restore for a metre occupied, as a bureau's own text has it."""

    coast: Literal["natural", "other", "any", *SEGMENT_KINDS] = Field(  # type: ignore[valid-type]
        "natural", description="what is occupied: natural, other, any, or a kind of segment"
    )
    status: Literal["above", "below", "any"] = Field(
        "any", description="retention above the floor that day, or below or at it"
    )
    ratio: float = Field(ge=0, description="metres restored for a metre occupied")
    first: date | None = Field(None, description="first day it holds")
    last: date | None = Field(None, description="last day it holds, inclusive")
    source: str = Field(description="the text it stands in")
    grade: Literal["H", "M", "L"] = Field(
        "L", description="H the text itself was read, M second hand, L unverified"
    )


class Accounts(_Section):
    """The shoreline ledger: its entries, and what it is held to."""

    entries: str | None = Field(None, description="GeoPackage or CSV of the shoreline table")
    floor: float | None = Field(
        None, ge=0, le=1, description="least share of natural coast, before the city's own"
    )
    ratios: tuple[OwnRatio, ...] = Field((), description="rows that go before the city's own")


class Patrol(_Section):
    """What is watched, and with what it is patrolled where no scene shows it."""

    within_m: float = Field(
        1000.0,
        gt=0,
        le=1e6,
        description="farther than this from every segment, island, permit and zone "
        "is out of scope, m",
    )
    swath_m: float = Field(200.0, gt=0, le=1e5, description="width of the strip the drone sees, m")
    battery_m: float = Field(
        12_000.0, gt=0, le=1e6, description="how far it flies on one battery, m"
    )


class Reports(_Section):
    """What a run writes beside its tables and its map."""

    sheets: bool = Field(False, description="a PDF sheet for each flag new or open, 0.5 s each")
    font: str | None = Field(None, description="a font file with Chinese letters, for sheets")


class FieldRecords(_Section):
    """How inspectors' records are held against those who may make them."""

    keys: str | None = Field(
        None, description="CSV or XLSX of officers' public keys (`seawatch tables keys`)"
    )


class Public(_Section):
    """What the public's map may show; the whole policy stands in `audience`."""

    approval: str | None = Field(
        None, description="the map's approval number (审图号); without it there is no public map"
    )
    position_m: float = Field(
        Limits.position_m,
        allow_inf_nan=True,  # what is wrong with it is said better below
        description="places are shown no more finely, m; unverified",
    )
    image_m: float = Field(
        Limits.image_m,
        allow_inf_nan=True,
        description="pictures are shown no more finely, m; unverified",
    )
    embargo: date | None = Field(None, description="flags first seen after this day are not shown")
    undecided: bool = Field(False, description="show flags before their case is decided, too")
    withhold_kinds: tuple[str, ...] = Field(
        (), description="kinds of zone on which nothing is shown, besides base points"
    )
    withhold_zones: tuple[str, ...] = Field(
        (), description="numbers of zones on which nothing is shown, e.g. military ones"
    )
    show: tuple[str, ...] = Field((), description=f"shown besides: {', '.join(MAY_SHOW)}")

    @field_validator("approval")
    @classmethod
    def _is_number(cls, value: str | None) -> str | None:
        if value is not None and not _APPROVAL.fullmatch(value):
            raise ValueError(f"'{value[:40]}' is no approval number; write e.g. 鲁S（2026）001号")
        return value

    @field_validator("position_m", "image_m")
    @classmethod
    def _in_bounds(cls, value: float, info: ValidationInfo) -> float:
        most = {"position_m": 10_000, "image_m": 1_000}[str(info.field_name)]
        if not 1 <= value <= most:  # nor is what is not a number
            raise ValueError(f"{value:g} is out of bounds; write metres from 1 to {most}")
        return value

    @field_validator("withhold_kinds")
    @classmethod
    def _kinds(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _each_of(value, ZONE_KINDS, "kind of zone")

    @field_validator("show")
    @classmethod
    def _shown(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _each_of(value, MAY_SHOW, "column that the public may see")


# 鲁S（2026）001号, GS京(2023)0001号: letters and a place, the year in brackets, a number
_APPROVAL = re.compile(r"[A-Z\u4e00-\u9fff]{2,8}[（(]20\d\d[）)]\s?\d{1,6}\s?号")


def _each_of(given: tuple[str, ...], known: tuple[str, ...], what: str) -> tuple[str, ...]:
    for word in given:
        if word not in known:
            raise ValueError(f"no {what} '{word}'{_nearest(word, known)}")
    return given


class Settings(_Section):
    """The whole of seawatch.toml."""

    project: General
    layers: LayerFiles
    scenes: SceneFolders = SceneFolders()
    tide: Tide = Tide()
    law: Law = Law()
    ledger: Accounts = Accounts()
    patrol: Patrol = Patrol()
    reports: Reports = Reports()
    visits: FieldRecords = FieldRecords()
    public: Public = Public()
    rules: dict[str, dict[str, NonNegativeFloat]] = Field(
        {}, description="[rules.<rule>] limit = number"
    )

    @field_validator("rules")
    @classmethod
    def _known_limits(cls, value: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
        for name, limits in value.items():
            if name not in RULES:
                raise ValueError(f"no rule '{name}'{_nearest(name, RULES)}")
            known = limits_of(name)
            for limit in limits:
                if limit not in known:
                    raise ValueError(f"{name}: no limit '{limit}'{_nearest(limit, known)}")
        return value


def limits_of(rule: str) -> dict[str, float]:
    """A rule's limits and their defaults: the keyword-only arguments of its check."""
    parameters = inspect.signature(RULES[rule].check).parameters.values()
    return {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}


def _nearest(word: str, known: Any) -> str:
    close = get_close_matches(word, list(known), 1, 0.5)
    return f"; did you mean '{close[0]}'?" if close else f"; known: {', '.join(known)}"


class Project(BaseModel):
    """A workspace's settings, bound to its folder."""

    model_config = ConfigDict(frozen=True)

    folder: Path
    settings: Settings

    @property
    def crs(self) -> str:
        """The one CRS the core works in."""
        return self.settings.project.crs

    @property
    def language(self) -> str:
        """Zh or en."""
        return self.settings.project.language

    @property
    def limits(self) -> dict[str, dict[str, float]]:
        """Limits that differ from the rules' own."""
        return self.settings.rules

    @property
    def where(self) -> tuple[str, ...]:
        """Regions whose own law holds here, beside the nation's."""
        return law.regions(self.settings.law.province, self.settings.law.city)

    @property
    def terms(self) -> Terms:
        """The floor of natural coast and the ratios of restoring that hold here."""
        law, own = self.settings.law, self.settings.ledger
        places = [place for place in (law.city, law.province) if place]
        rows = [Ratio(place="seawatch.toml", **row.model_dump()) for row in own.ratios]
        return terms_of(places, own.floor, rows)

    @property
    def archive(self) -> Path:
        """Where the runs are kept."""
        return self.folder / "runs"

    @property
    def craft(self) -> Craft:
        """The drone that patrols."""
        return Craft(self.settings.patrol.swath_m, self.settings.patrol.battery_m)

    @property
    def limits_of_public(self) -> Limits:
        """How much the public may see."""
        said = self.settings.public
        return Limits(
            approval=said.approval,
            position_m=said.position_m,
            image_m=said.image_m,
            embargo=said.embargo,
            undecided=said.undecided,
            kinds=said.withhold_kinds,
            zones=said.withhold_zones,
            more=said.show,
            stated={"position_m", "image_m"} <= said.model_fields_set,
        )

    @property
    def font(self) -> Path | None:
        """The font file that is given for sheets."""
        given = self.settings.reports.font
        return None if given is None else self.path(given)

    @cached_property
    def timezone(self) -> ZoneInfo:
        """Where days are counted."""
        return ZoneInfo(self.settings.project.timezone)

    @property
    def scene_folders(self) -> list[Path]:
        """Where the items of scenes lie."""
        return [self.path(folder) for folder in self.settings.scenes.folders]

    def path(self, text: str) -> Path:
        """A path of the settings, from the workspace's folder."""
        return self.folder / text

    def with_cycle(self, cycle: str | None) -> "Project":
        """The project run weekly or by half-months, on the same archive; as it is for None."""
        if cycle is None:
            return self
        general = self.settings.project.model_copy(update={"cycle": cycle})
        settings = self.settings.model_copy(update={"project": general})
        return self.model_copy(update={"settings": settings})

    def issue(self, on: date) -> str:
        """The name of the run on a day: 2026-W48, or 2026-11-1 for 21 October to 5 November."""
        if self.settings.project.cycle == "weekly":
            year, week, _ = on.isocalendar()
            return f"{year}-W{week:02d}"
        start = self._half_month(on)
        if start.day == 6:
            return f"{start:%Y-%m}-2"
        month = start + timedelta(days=15)  # the period that starts on the 21st is next month's
        return f"{month:%Y-%m}-1"

    def window(self, on: date) -> tuple[datetime, datetime]:
        """The instants (start, end] whose scenes the run on a day looks at."""
        first = on - timedelta(days=6)
        if self.settings.project.cycle == "half-month":
            first = self._half_month(on)
        start = datetime.combine(first, time(), self.timezone) - timedelta(microseconds=1)
        return start, datetime.combine(on + timedelta(days=1), time(), self.timezone)

    @staticmethod
    def _half_month(on: date) -> date:
        if 6 <= on.day <= 20:
            return on.replace(day=6)
        before = on if on.day > 20 else on.replace(day=1) - timedelta(days=1)
        return before.replace(day=21)


def settings_from(fields: dict[str, Any], source: Path) -> Settings:
    """Settings from the parsed file.

    Raises
    ------
    UsageError
        Naming every wrong key, its place, and the nearest known key.
    """
    try:
        return Settings.model_validate(fields)
    except ValidationError as error:
        raise UsageError(f"{source}: {_said(e)}" for e in error.errors()) from None


def _said(error: Any) -> str:
    place = [str(part) for part in error["loc"] if part not in ("function-before",)]
    where = ".".join(place)
    if error["type"] == "extra_forbidden":
        known = _known_keys(place[:-1])
        return f"unknown key '{where}'{_nearest(place[-1], known)}"
    if error["type"] == "missing":
        return f"key '{where}' is missing"
    message = error["msg"].removeprefix("Value error, ")
    return f"{where}: {message}" if where else message


def _known_keys(place: list[str]) -> list[str]:
    model: Any = Settings
    for part in place:
        if part.isdigit():  # the row of a list
            continue
        annotation = model.model_fields[part].annotation
        options = getattr(annotation, "__args__", (annotation,))
        model = next(m for m in options if isinstance(m, type) and issubclass(m, BaseModel))
    return list(model.model_fields)
