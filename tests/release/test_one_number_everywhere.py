"""One release, and every place that people take a number from: the same cell is the same number in all of them."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from homes import Refreshed
from notebook_reading import run
from opened_workbooks import opened
from site_workshop import Pages

from dagster_project.export.exporting import FORMATS, export

pytestmark = pytest.mark.slow

REGIONS = {"East Midlands": "ADASS-EM", "West Midlands": "ADASS-WM"}
GROUPS = {
    "occupational_therapists": "Occupational therapists",
    "other_ahps": "Other allied health professionals",
    "non_registered_assessors": "Non-registered assessors",
    "senior_practitioners": "Senior practitioners",
    "managers": "Managers",
}
SHEETS = {
    "occupational_therapists": "Occupational_therapists",
    "other_ahps": "Other_AHPs",
    "non_registered_assessors": "Assessors",
    "senior_practitioners": "Senior_practitioners",
    "managers": "Managers",
}
NUMBERS = {
    "headcount": "Headcount",
    "fte": "FTE",
    "fte_permanent": "Permanent FTE",
    "fte_temporary": "Temporary FTE",
    "fte_vacant": "Vacant FTE",
}
MEASURES = {"vacancy_rate": "Vacancy rate", "temporary_share": "Temporary share of FTE"}
# Of which kind of area and of which area, which group, and which number or measure.
Cell = tuple[str, str, str, str]
Numbers = dict[Cell, Decimal | None]


def number(text: str) -> Decimal | None:
    """The number that a cell begins with, without its sign of thousands or percent; None where words stand instead."""
    found = re.match(r"-?[\d,]+(?:\.\d+)?", text)
    return Decimal(found[0].replace(",", "")) if found else None


def exact(value: Any) -> Decimal | None:
    return None if value in (None, "") else Decimal(str(value))


def of_tables(workforce: Iterable[Mapping[str, Any]], measures: Iterable[Mapping[str, Any]]) -> Numbers:
    """The numbers of marts.regional_workforce and marts.regional_measures, however their rows were read."""
    found: Numbers = {}
    for row in workforce:
        if row["geography_type"] in ("adass_region", "council") and row["return_group"] in GROUPS:
            area = (row["geography_type"], row["geography_code"], row["return_group"])
            found |= {(*area, name): exact(row[name]) for name in NUMBERS}
    for row in measures:
        if row["geography_type"] == "adass_region" and row["measure"] in MEASURES:
            cell = (row["geography_type"], row["geography_code"], row["return_group"], row["measure"])
            found[cell] = exact(row["value"])
    return found


def of_query(bundled: Refreshed) -> Numbers:
    def rows(table: str) -> list[dict[str, Any]]:
        names = [name for name, *_ in bundled.query(f"describe marts.{table}")]
        return [dict(zip(names, row, strict=True)) for row in bundled.query(f"from marts.{table}")]

    return of_tables(rows("regional_workforce"), rows("regional_measures"))


def of_csv(release: Path) -> Numbers:
    def rows(table: str) -> list[dict[str, str]]:
        with (release / "csv" / "marts" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return of_tables(rows("regional_workforce"), rows("regional_measures"))


def of_parquet(release: Path) -> Numbers:
    def rows(table: str) -> list[dict[str, Any]]:
        return pyarrow.parquet.read_table(release / "parquet" / "marts" / f"{table}.parquet").to_pylist()  # type: ignore[no-any-return]

    return of_tables(rows("regional_workforce"), rows("regional_measures"))


def of_workbook(path: Path, region: str) -> Numbers:
    """The sheets of one region: itself and its councils, on the one day that the bundled returns are of."""
    book = opened(path.name, path.read_bytes())
    found: Numbers = {}

    def rows(sheet: str) -> list[dict[str, str]]:
        table = book.sheets[sheet]
        return [dict(zip(table.headings, [cell.value for cell in row], strict=True)) for row in table.table]

    for group, sheet in SHEETS.items():
        for row in rows(sheet):
            kind = {"ADASS region": "adass_region", "Council": "council"}.get(row["Kind of area"])
            if kind:
                cells = {name: number(row[heading]) for name, heading in NUMBERS.items()}
                found |= {(kind, row["Area code"], group, name): value for name, value in cells.items()}
    for row in rows("Regional_measures"):
        for measure, heading in MEASURES.items():
            if row["Measure"] == heading and row["Kind of area"] == "ADASS region":
                found["adass_region", row["Area code"], group_called(row["Group of staff"]), measure] = number(
                    row["Value"]
                )
    assert {code for kind, code, *_ in found if kind == "adass_region"} == {REGIONS[region]}
    return found


def of_loose_files(folder: Path, suffix: str) -> Numbers:
    """The CSV or Parquet files that go with a workbook, by the names of the columns of the release."""
    (tables,) = folder.glob(f"*-{suffix}")
    found: Numbers = {}
    for group, sheet in SHEETS.items():
        path = tables / f"{sheet.lower()}.{suffix}"
        if suffix == "csv":
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows: list[dict[str, Any]] = list(csv.DictReader(file))
        else:
            rows = pyarrow.parquet.read_table(path).to_pylist()
        for row in rows:
            kind = {"ADASS region": "adass_region", "Council": "council"}.get(row["area_kind"])
            if kind:
                found |= {(kind, row["geography_code"], group, name): exact(row[name]) for name in NUMBERS}
    return found


def of_site(site: Path) -> Numbers:
    pages = Pages(site)
    found: Numbers = {}
    for path in pages:
        folder, _, name = path.rpartition("/")
        kind = {"regions": "adass_region", "councils": "council"}.get(folder)
        code = re.search(r"-((?:adass-|e\d)\w+)\.html$", name)
        if kind is None or code is None or (kind == "adass_region") != code[1].startswith("adass"):
            continue
        area = (kind, code[1].upper())
        tables = pages[path].tables
        for group, *cells in tables["staff-table"][1:]:
            if group in GROUPS.values():
                values = dict(zip(NUMBERS, map(number, cells[:5]), strict=True))
                found |= {(*area, group_called(group), name): value for name, value in values.items()}
        headings = tables["measures-table"][0]
        for row in (dict(zip(headings, row, strict=True)) for row in tables["measures-table"][1:]):
            for measure, heading in MEASURES.items():
                if row["Measure"] == heading and kind == "adass_region":
                    found[(*area, group_called(row["Group"]), measure)] = number(row["Value"])
    return found


def of_notebook(home: Path, region: str, codes: Mapping[str, str]) -> Numbers:
    page = run("regional_profile", home, {"region_name": region})
    found: Numbers = {}
    for group, cells in page.table("Workforce by group as returned").items():
        if group in GROUPS.values():
            names = [*NUMBERS, "vacancy_rate"]
            values = dict(zip(names, map(number, cells[:6]), strict=True))
            found |= {
                ("adass_region", REGIONS[region], group_called(group), name): value for name, value in values.items()
            }
    for council, cells in page.table("Occupational therapists by council").items():
        values = dict(zip(NUMBERS, map(number, cells), strict=True))
        found |= {("council", codes[council], "occupational_therapists", name): value for name, value in values.items()}
    for council, cells in page.table("People in post by council and group").items():
        headcounts = dict(zip(GROUPS, map(number, cells), strict=True))
        found |= {("council", codes[council], group, "headcount"): value for group, value in headcounts.items()}
    return found


def group_called(name: str) -> str:
    (group,) = [group for group, called in GROUPS.items() if called == name]
    return group


def differing(released: Numbers, found: Numbers, *, as_shown: bool) -> list[tuple[Cell, Decimal | None]]:
    """The cells that are not those of the release. Pages show fewer places, and round half up."""

    def is_same(value: Decimal | None, shown: Decimal | None) -> bool:
        if value is None or shown is None or not as_shown:
            return value == shown
        return value.quantize(Decimal(1).scaleb(int(shown.as_tuple().exponent)), ROUND_HALF_UP) == shown

    return [(cell, shown) for cell, shown in found.items() if not is_same(released[cell], shown)]


@pytest.fixture(scope="module")
def released(bundled: Refreshed) -> Numbers:
    return of_query(bundled)


@pytest.fixture(scope="module")
def carried(bundled: Refreshed, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Numbers]:
    """What each place that numbers are taken from says. Regions are exported and run one by one and put together."""
    codes = {
        str(name): str(code)
        for name, code in bundled.query(
            "select organisation_name, organisation_code from marts.dim_organisation where valid_to is null"
        )
    }
    carried: dict[str, Numbers] = {
        "CSV of the release": of_csv(bundled.release_folder),
        "Parquet of the release": of_parquet(bundled.release_folder),
        "site": of_site(bundled.release_folder / "site"),
    }
    for region in REGIONS:
        folder = tmp_path_factory.mktemp("exported")
        export(bundled.home, "adass_region", region, FORMATS, folder)
        for name, numbers in {
            "workbook .ods": of_workbook(next(folder.glob("*.ods")), region),
            "workbook .xlsx": of_workbook(next(folder.glob("*.xlsx")), region),
            "CSV beside the workbook": of_loose_files(folder, "csv"),
            "Parquet beside the workbook": of_loose_files(folder, "parquet"),
            "notebook": of_notebook(bundled.home.root, region, codes),
        }.items():
            carried[name] = carried.get(name, {}) | numbers
    return carried


SHOWN = ("site", "notebook")


def test_the_same_cell_is_the_same_number_wherever_it_is_taken_from(
    released: Numbers, carried: dict[str, Numbers]
) -> None:
    assert {
        name: found
        for name, numbers in carried.items()
        if (found := differing(released, numbers, as_shown=name in SHOWN))
    } == {}


def test_the_walk_misses_no_cell_and_no_place(released: Numbers, carried: dict[str, Numbers]) -> None:
    """2 regions and 25 councils, 5 groups, 5 numbers; and the 2 shares of FTE of the regions where there are any."""
    staff = {cell for cell in released if cell[3] in NUMBERS}
    shares = {cell for cell in released if cell[3] in MEASURES}
    assert len(staff) == (2 + 25) * 5 * 5
    assert len(shares) >= 2 * 5
    assert {name: staff | shares == set(carried[name]) for name in carried if "beside" not in name} == {
        "CSV of the release": True,
        "Parquet of the release": True,
        "site": True,
        "workbook .ods": True,
        "workbook .xlsx": True,
        "notebook": False,
    }
    assert staff == set(carried["CSV beside the workbook"]) == set(carried["Parquet beside the workbook"])
    # The notebook shows a council's other groups by their headcount alone.
    in_notebook = {
        cell
        for cell in staff | shares
        if cell[3] == "headcount"
        or (cell[0] == "council" and cell[2] == "occupational_therapists" and cell[3] in NUMBERS)
        or (cell[0] == "adass_region" and cell[3] != "temporary_share")
    }
    assert in_notebook == set(carried["notebook"])
    # Published numbers, so that not only nothing is compared with nothing: Figures 18 and 22 of the Midlands report.
    assert released["adass_region", "ADASS-EM", "occupational_therapists", "headcount"] == 323
    assert released["adass_region", "ADASS-WM", "occupational_therapists", "fte_temporary"] == Decimal("51.3")
    assert None in released.values()


@pytest.mark.parametrize(
    ("place", "path", "written", "changed"),
    [
        ("CSV of the release", "csv/marts/regional_workforce.csv", "323,263.0500", "323,263.0600"),
        ("site", "site/regions/east-midlands-adass-em.html", "263.05", "263.06"),
    ],
)
def test_a_place_that_says_something_else_is_found(
    bundled: Refreshed, released: Numbers, tmp_path: Path, place: str, path: str, written: str, changed: str
) -> None:
    release = tmp_path / "release"
    shutil.copytree(bundled.release_folder, release)
    text = (release / path).read_text(encoding="utf-8")
    assert written in text
    (release / path).write_text(text.replace(written, changed), encoding="utf-8")
    numbers = of_csv(release) if place not in SHOWN else of_site(release / "site")
    assert differing(released, numbers, as_shown=place in SHOWN) == [
        (("adass_region", "ADASS-EM", "occupational_therapists", "fte"), Decimal("263.06"))
    ]
