"""What a notebook and the command line call: a workspace, opened."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd

from . import audience, casebook, coverage
from . import run as runs
from .assess import Assessment, assess
from .detect.intertidal import BANDS, looks_on, water_frequency
from .duty import roster_faults
from .entries import proposed
from .errors import CannotFinish, InputRefused, SeawatchError, UsageError
from .given import read_scenes
from .ground import scope
from .io import (
    again,
    archive,
    cases,
    enrolled,
    gateway,
    journal,
    mend,
    parcels,
    products,
    rasters,
    records,
    settings,
    shapefile,
    shoreline,
    stac,
    suspects,
    vectors,
    visits,
)
from .io.files import aside, output
from .io.verify import Verified, verify
from .layers import Layers
from .ledger import BY, Ledger, post
from .maps import imported, words
from .planned import planned_units
from .project import Project
from .reports import fonts
from .rights import conflicts
from .scenes import LOOK_COARSER, Scene
from .sensors import SENSORS
from .tables import FLAGS, LAYERS
from .visits import settle


@dataclass(frozen=True)
class Workspace:
    """A bureau's folder, opened."""

    project: Project

    def run(
        self,
        on: str | date,
        *,
        language: str | None = None,
        write: bool = True,
        jobs: int = 1,
        cycle: str | None = None,
        progress: Callable[[str], None] = lambda step: None,
    ) -> runs.Run:
        """The week of the day `on`, judged and archived; see `run.weekly_run`."""
        day = date.fromisoformat(on) if isinstance(on, str) else on
        project = self.project.with_cycle(cycle)
        return runs.weekly_run(
            project, day, language=language, write=write, jobs=jobs, progress=progress
        )

    def made(self, run: runs.Run) -> again.Made:
        """A run as `seawatch run` tells of it, with the chain's head by now."""
        return again.Made(run.folder, run.manifest, journal.head(self.project))

    def verify(self, head: str | None = None) -> Verified:
        """Hold every byte of the record against the chain; see `io.verify`."""
        return verify(self.project, head)

    def runs(self) -> list[runs.Run]:
        """Every run in the archive, oldest first."""
        records = archive.records(self.project)
        return [runs.read_run(self.project, record) for record in records]

    def layers(self) -> Layers:
        """The checked layers, project CRS."""
        return settings.read_layers(self.project)

    def scenes(self) -> list[Scene]:
        """Every scene, by time."""
        return read_scenes(self.project)[0]

    def redraw(
        self,
        issue: str | None = None,
        language: str | None = None,
        *,
        max_mb: float = 25.0,
        tiles: str | None = None,
        sheets: bool = False,
        per_owner: bool = False,
        as_shapefile: bool = False,
    ) -> Path:
        """Draw the map of a run again, into maps/<issue>/; returns the page's path.

        max_mb : pictures that do not fit go into files beside it. tiles : see `page.draw`.
        sheets : with the inspection sheets of flags new and open, in sheets/.
        per_owner : with a folder for each officer, in owners/; see `packs.write_packs`.
        as_shapefile : with the flags as shapefile/flags.shp too; see `io.shapefile`.

        Raises
        ------
        CannotFinish
            If sheets are asked for and this machine has no Chinese font.
        """
        face = fonts.find(self.project.font) if sheets or per_owner else None
        if sheets and face is None:
            raise CannotFinish(fonts.LEFT_OUT)
        record = archive.find(self.project, issue)
        from . import atlas, packs, publish  # see Run.map

        run, layers = runs.read_run(self.project, record), self.layers()
        said = language or self.project.language
        # the archive holds them in the language of the run
        run = replace(run, flags=words.with_words(run.flags, said, self.project.where))
        shown = atlas.pictures(run, self.scenes(), said)
        drawn = dict(atlas.pages(run, layers, shown, said, max_mb=max_mb, tiles=tiles))
        folder = self.project.folder / "maps" / record.folder.name
        for name, text in drawn.items():
            with aside(folder / name) as hidden:
                hidden.write_text(text, "utf-8")
        for old in folder.glob("pictures-*.html"):
            if old.name not in drawn:
                old.unlink()  # of another limit
        if sheets and face is not None:
            publish.write_sheets(run, layers, shown, folder / "sheets", face, said)
        if per_owner:
            if face is None:
                print(f"note: {fonts.LEFT_OUT}", file=sys.stderr)
            packs.write_packs(run, layers, shown, folder, face, said, max_mb=max_mb, tiles=tiles)
        if as_shapefile:
            shapefile.write_shapefile(folder / "shapefile", run.flags, said)
        return folder / atlas.INDEX

    def release(
        self, issue: str | None = None, language: str | None = None, *, max_mb: float = 25.0
    ) -> Path:
        """Draw the public's map of a run, into maps/<issue>/public/; see `release.release`."""
        from . import release  # see Run.map

        record = archive.find(self.project, issue)
        run, layers = runs.read_run(self.project, record), self.layers()
        folder = self.project.folder / "maps" / record.folder.name / "public"
        said = language or self.project.language
        return release.release(run, layers, self.scenes(), said, folder, max_mb)

    def import_layer(
        self, file: Path, name: str, how: gateway.Reading
    ) -> tuple[Path, dict[str, Any]]:
        """Check a layer file and keep it as layers/<name>.gpkg, in the project's CRS.

        The record of what was read, repaired and refused is kept beside it and returned.

        Raises
        ------
        InputRefused
            With everything that is wrong; nothing is written then.
        """
        table = next((t for t in LAYERS if t.name == name), None)
        if table is None:
            raise UsageError(f"no layer '{name}'; use one of {', '.join(t.name for t in LAYERS)}")
        out = self.project.folder / "layers" / f"{name}.gpkg"
        if out.exists():
            raise UsageError(f"{out}: there already; move it away first")
        if parcels.looks_like_parcels(file):
            brought = parcels.bring_in(file, table, self.project.crs, how, words.mode_codes())
        else:
            brought = gateway.bring_in(file, table, self.project.crs, replace(how, repair=True))
        with mend.hold(self.project):  # a run reads every layer as it was when it began
            if out.exists():
                raise UsageError(f"{out}: written meanwhile by another; look at it first")
            vectors.write_file(out, {name: (brought.frame, table)})
            records.write(out.with_name(f"{name}.import.json"), brought.record)
        return out, brought.record

    def assess(
        self,
        parcel: Path,
        on: date,
        *,
        use_modes: Sequence[str] = (),
        strata: str | None = None,
        holder: str | None = None,
        meridian: float | None = None,
        notation: str | None = None,
        sigma_m: float | None = None,
    ) -> Assessment:
        """What a planned use, a table of corner points or any polygons, would meet.

        use_modes : one for all units or one for each; by default as the file says.
        strata : of all units; by default what the mode takes.

        Raises
        ------
        InputRefused
            If the parcel has faults, or a unit's mode is not known.
        """
        units = planned_units(
            parcel,
            self.project.crs,
            use_modes=use_modes,
            strata=strata,
            meridian=meridian,
            notation=notation,
            sigma_m=sigma_m,
        )
        return assess(units, self.layers(), on, where=self.project.where, holder=holder)

    def import_suspects(
        self, file: Path, source: str, received: date, values: Mapping[str, str]
    ) -> suspects.Kept:
        """Take in suspect zones found by others; runs from the day `received` on judge them."""
        with mend.hold(self.project):
            return suspects.keep(self.project, file, source, received, values)

    def import_visits(
        self, files: Sequence[Path], *, recorded: datetime | None = None
    ) -> visits.Imported:
        """Inspectors' exports into the journal; what became of each file.

        recorded : the instant of entry; now, unless said.
        """
        said = visits.Words(words.spoken("verdict"), words.spoken("cause"))
        known, now = cases.flags_known(self.project), recorded or datetime.now(UTC)
        return visits.import_files(self.project, files, known, now, said)

    def import_problems(self, file: Path, *, recorded: datetime | None = None) -> int:
        """Problems to be put right, from a sheet into the journal; how many say something new."""
        return cases.import_problems(self.project, file, recorded or datetime.now(UTC))

    def enter_case(
        self,
        flag_id: str,
        event: str,
        at: str,
        by: str,
        note: str | None = None,
        *,
        recorded: datetime | None = None,
    ) -> bool:
        """That something was done about a flag, into the journal; whether that is news."""
        now = recorded or datetime.now(UTC)
        return cases.enter(self.project, flag_id, event, at, by, note, now)

    def casebook(self, on: str | date) -> casebook.Casebook:
        """Every flag's case on a day, by the latest run up to it."""
        zone = self.project.timezone
        day = date.fromisoformat(on) if isinstance(on, str) else on
        told = [r for r in archive.records(self.project) if r.on <= day]
        flags = (
            told[-1].table("flags").to_crs(self.project.crs)
            if told
            else FLAGS.empty(self.project.crs)
        )
        seen = visits.read_visits(self.project, day)
        flags = settle(flags, seen, day)  # what came in since that run counts already
        entered = cases.read_cases(self.project, day), cases.read_problems(self.project, day)
        return casebook.opened(flags, seen, *entered, self.layers().duty, day, str(zone))

    def add_scenes(
        self,
        files: Sequence[Path],
        *,
        sensor: str | None = None,
        taken: str | None = None,
        bands: Sequence[str] = (),
        mask: Path | None = None,
        sigma_m: float | None = None,
        progress: Callable[[str], object] = lambda step: None,
    ) -> list[Path]:
        """Register rasters and products as scenes; the paths of their items.

        Several files, each of one band, with as many band names are one scene; otherwise
        each file is a scene of its own, as is each product. A raster needs `sensor` and
        `taken`; a product says them itself. `progress` is told how far decoding has come.
        """
        folder = self.project.scene_folders[0]
        when = stac.instant(taken) if taken is not None else None
        groups = products.grouped(files, sensor=sensor, bands=bands)
        if mask and len(groups) > 1:
            raise UsageError("--mask goes with one scene; add the others by themselves")
        return [
            products.add(
                group,
                scenes_folder=folder,
                sensor=sensor,
                taken=when,
                bands=bands,
                mask=mask,
                sigma_m=sigma_m,
                progress=progress,
            )
            for group in groups
        ]

    def ledger(self, on: str | date) -> Ledger:
        """The shoreline accounts as they stand on a day; see `ledger.post`.

        Raises
        ------
        InputRefused
            Without a coastline: there is no line to keep accounts of.
        """
        day = date.fromisoformat(on) if isinstance(on, str) else on
        coastline = self._coastline()
        entries = shoreline.read_entries(self.project, coastline)
        return post(entries, coastline, self.project.terms, day)

    def draft_entries(self, out: Path) -> int:
        """Propose an entry for each stretch the latest run's flags occupy; how many there are.

        Flags that an entry refers to already, and flags that have cleared, are left out. What
        is proposed is a lead: project and owner are for whoever has looked into it.
        """
        record = archive.find(self.project)
        coastline = self._coastline()
        known = set(shoreline.read_entries(self.project, coastline).reference)
        flags = archive.table_of(record, "flags", self.project.crs)
        flags = flags[(flags.rule == "natural_coast_occupied") & (flags.status != "cleared")]
        drafts = proposed(flags[~flags.flag_id.isin(known)], coastline)
        shoreline.write_entries(out, drafts)
        return len(drafts)

    def _coastline(self) -> gpd.GeoDataFrame:
        layers = self.layers()
        if "coastline" in layers.absent:
            raise InputRefused("no coastline: name its file under [layers] in seawatch.toml")
        return layers.coastline

    def intertidal(
        self, out: Path, progress: Callable[[], object] = lambda: None
    ) -> dict[str, Any]:
        """How often each pixel is water, over every optical scene, as a GeoTIFF.

        On the grid of the clearest scene of most clear ground: bands ``water`` (share of the
        clear looks that show water, 0-1, NaN where there was none) and ``looks`` (how many).
        What lies between never and always is what the tide reaches; the more the scenes'
        tides differ, the more of it is seen. What was left out, and why, is told.

        Raises
        ------
        UsageError, InputRefused
            If `out` is no place for it; with fewer than three sound optical scenes: two say
            nothing of a tide.
        """
        output(out, (".tif", ".tiff"))
        if any(out.resolve().is_relative_to(home.resolve()) for home in self.project.scene_folders):
            raise UsageError(f"{out}: lies among the scenes; name a file elsewhere")
        scenes, left_out = read_scenes(self.project)
        left_out |= coverage.strays(scenes, self.layers(), settings.read_area(self.project))
        optical = [s for s in scenes if SENSORS[s.sensor].family == "optical"]
        for scene in optical:
            if scene.scene_id not in left_out and (fault := stac.fault_of(scene)):
                left_out[scene.scene_id] = fault
        scenes = [scene for scene in optical if scene.scene_id not in left_out]
        if len(scenes) < 3:
            raise InputRefused(f"{len(scenes)} optical scenes: three and more tell of the tide")
        ranked = sorted(scenes, key=lambda s: (-s.clear * s.footprint.area, s.scene_id))
        reference = ranked[0]
        alike = [s for s in ranked[1:] if s.resolution_m <= LOOK_COARSER * reference.resolution_m]
        grid = rasters.grid_of(reference)
        open_pair = partial(rasters.open_pair, crs=self.project.crs)
        with looks_on(reference, alike, grid, open_pair) as looks:
            if not looks:
                raise InputRefused(
                    f"{reference.scene_id}: no other scene tells water on it; it takes scenes of "
                    "one place with green and near or short-wave infrared"
                )
            rasters.write_windows(out, grid, BANDS, water_frequency(looks, grid, progress))
            shown = [reference, *(look.pair.after for look in looks)]
        tides = [s.tide_m for s in shown if s.tide_m is not None]
        span = f"{min(tides):.2f} to {max(tides):.2f} m" if tides else "unknown"
        return {
            "scenes": len(shown),
            "reference": reference.scene_id,
            "tides": span,
            "left_out": sorted(left_out.values()),
        }

    def faults(self) -> list[str]:
        """Everything that is wrong with layers, scenes, tide and area, at once."""
        project = self.project
        found: list[str] = []
        reads = (settings.read_layers, settings.read_tides, settings.read_area)
        for read in (*reads, settings.read_jurisdiction, enrolled.read_keys):
            found += _faults_of(read, project)
        if not found and project.settings.ledger.entries:
            found += _faults_of(lambda _: self.ledger(date.max), project)
        try:
            scenes, faults = stac.read_scenes(project.scene_folders, project.crs)
        except InputRefused as fault:
            return [*found, *fault.problems]
        found += faults.values()
        if not found:
            area = settings.read_area(project)
            layers = self.layers()
            found += coverage.strays(scenes, layers, area).values()
            found += audience.faults(layers.zones, project.limits_of_public)
        return found + [broken for scene in scenes if (broken := stac.fault_of(scene))]

    def notices(self, on: date) -> list[str]:
        """What is not wrong, but should be known: of layers, permits, constituents, law, roster.

        on : the roster is looked at from its start to a month after this day.
        """
        language = self.project.settings.project.language
        records = settings.bring_layers(self.project)[1]
        said = [text for one in records for text in imported.worth_knowing(one, language)]
        said += settings.read_tides(self.project).notices
        said += _conflict_notices(self.layers().permits)
        return said + settings.law_notices(self.project) + self._roster_faults(on)

    def _roster_faults(self, on: date) -> list[str]:
        layers, scenes = self.layers(), self.scenes()
        if "duty" in layers.absent:
            return []
        area = settings.read_area(self.project) or coverage.hull(scenes, layers)
        within_m = self.project.settings.patrol.within_m
        return roster_faults(layers.duty, scope(layers, area, within_m), on)


_MOST_LISTED = 20  # of conflicts; the rest is counted


def _conflict_notices(permits: gpd.GeoDataFrame) -> list[str]:
    """Rights that hold one place in one stratum at one time, the largest first."""
    found = conflicts(permits).sort_values(["area_m2", "permit_a", "permit_b"], ascending=False)
    said = [
        f"permits: {row.permit_a} and {row.permit_b} both hold {row.area_m2 / 1e4:.4f} ha "
        f"({row.strata}) from {row.valid_from:%Y-%m-%d} to {row.valid_to:%Y-%m-%d}"
        for row in found.head(_MOST_LISTED).itertuples()
    ]
    more = len(found) - _MOST_LISTED
    return [*said, f"permits: {more} more such pairs"] if more > 0 else said


def _faults_of(read: Callable[[Project], object], project: Project) -> list[str]:
    try:
        read(project)
    except SeawatchError as fault:
        return list(fault.problems)
    return []


def open(folder: str | Path) -> Workspace:
    """The workspace in `folder`.

    Raises
    ------
    UsageError
        If there is no seawatch.toml there, or it means nothing.
    """
    return Workspace(settings.read_project(Path(folder)))


def tell_ledger(
    space: Workspace, on: date, by: str, out: Path | None, language: str | None
) -> tuple[dict[str, Any], list[str]]:
    """A workspace's shoreline accounts as fields and as lines of text; a workbook at `out`.

    Raises
    ------
    UsageError
        If there is no such way to draw up a balance, or `out` is no .xlsx.
    """
    from .reports import accounts

    if by not in BY:
        raise UsageError(f"--by {by}: use {', '.join(BY)}")
    if out and out.suffix.lower() != ".xlsx":
        raise UsageError(f"{out}: the workbook is an .xlsx; name it so")
    told, language = space.ledger(on), language or space.project.language
    title = space.project.settings.project.name
    if out:
        with aside(out) as hidden:
            accounts.write_ledger_book(hidden, told, title, language)
    return accounts.fields(told, language), accounts.page(told, title, by, language)
