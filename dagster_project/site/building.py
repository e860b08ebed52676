"""The site of a release candidate: every page, written from the answers of the queries.

Belongs here: which pages there are and which rows each is given. Does not: the rules behind a number (dbt), the
queries (queries/), or markup (templates/).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project.contracts import CAUTION_BEGINS, PublicTable
from dagster_project.home import RELEASE_DATABASE
from dagster_project.pages import environment
from dagster_project.present import (
    MEASURES,
    counted,
    invented_note,
    moment,
    quantity,
    what_stays_in_force,
    whose_it_was,
)
from dagster_project.release import manifest
from dagster_project.release.building import DICTIONARY, Candidate, CandidateError
from dagster_project.release.dictionary import plain_type
from dagster_project.site import words
from dagster_project.site.queries import Answers, Row, SiteQuery, ask, site_queries

if TYPE_CHECKING:
    import jinja2

SITE = "site"
FIRST_PAGE = "index.html"
STYLESHEET = "style.css"
_HERE = Path(__file__).parent

NOTHING_TO_COMPARE = (
    "There is no earlier release to compare with: this is the first, or the first of its kind (made from your own "
    "files, or with other tables)."
)

MENU = {
    FIRST_PAGE: "Overview",
    "areas.html": "Areas",
    "quality.html": "Data quality",
    "roles.html": "Roles",
    "files.html": "Files",
    "changes.html": "What changed",
    "method.html": "Method",
    "dictionary.html": "Dictionary",
    "queries.html": "Queries",
    "downloads.html": "Downloads",
}
KINDS = {
    "adass_region": ("regions", "ADASS region"),
    "ons_region": ("regions", "ONS region"),
    "ics": ("systems", "Integrated care system"),
    "council": ("councils", "Council"),
}
OF_AN_AREA = ("workforce", "documents", "measures", "trend", "members")
OF_A_COUNCIL = (
    "returned",
    "covers",
    "learners",
    "pay",
    "leadership",
    "in_force",
    "restatements",
    "findings",
    "edi",
    "refused",
)
# The table whose caveats go with the numbers of a query.
ABOUT = {
    "workforce": "marts.regional_workforce",
    "measures": "marts.regional_measures",
    "trend": "marts.workforce_trend",
    "returned": "marts.fct_workforce",
    "covers": "marts.dim_council_return",
    "learners": "marts.fct_pipeline",
    "pay": "marts.fct_pay_scale",
    "leadership": "marts.fct_leadership",
    "restatements": "quality.restatements",
    "findings": "quality.findings",
    "edi": "quality.edi_completeness",
}


@dataclass(frozen=True)
class Area:
    """One region, care system or council that numbers were returned for, and where its page lies in the site."""

    kind: str
    kind_name: str
    code: str
    name: str
    path: str

    @property
    def is_council(self) -> bool:
        return self.kind == "council"


def write_site(candidate: Candidate, before: Path | None) -> None:
    """Writes the site into the candidate's folder, which must not hold one yet.

    `before` is the folder of the release it is compared with, None for none. Raises CandidateError when the candidate
    does not hold what the pages are made of.
    """
    queries = site_queries()
    try:
        answers = ask(queries.values(), candidate.database, before / RELEASE_DATABASE if before else None)
    except duckdb.Error as error:
        raise CandidateError(
            f"The site cannot be made: {error} Make the query in dagster_project/site/queries and the tables agree."
        ) from error
    _Site(candidate, queries, answers, before).write()


class _Site:
    """One site while it is written."""

    def __init__(
        self, candidate: Candidate, queries: Mapping[str, SiteQuery], answers: Answers, before: Path | None
    ) -> None:
        self.candidate = candidate
        self.queries = queries
        self.rows = answers.rows
        self.release = manifest.read(candidate.folder)
        self.before = manifest.read(before) if before and answers.is_compared else None
        self.areas = [_area(row) for row in self.rows["areas"]]
        self.folder = candidate.folder / SITE
        self._templates = self._environment()

    def write(self) -> None:
        self.folder.mkdir()
        for folder in dict.fromkeys(folder for folder, _ in KINDS.values()):
            (self.folder / folder).mkdir()
        self._put(STYLESHEET, self._templates.get_template(f"{STYLESHEET}.j2").render())
        with_a_page = {area.code for area in self.areas if area.is_council}
        elsewhere = [row for row in self.rows["findings"] if row["organisation_code"] not in with_a_page]
        self._page(
            FIRST_PAGE,
            region_bars=[
                row | {"label": f"{row['geography_name']}, {words.day(row['as_at_date'])}"}
                for row in self.rows["regions"]
            ],
        )
        self._page("areas.html")
        self._page("quality.html", elsewhere=elsewhere)
        self._page("other_findings.html", heading="Findings on no council's page", found=elsewhere)
        self._page("roles.html")
        self._page("files.html")
        self._page("changes.html")
        self._page("method.html")
        self._page("dictionary.html")
        self._page("queries.html")
        self._page("downloads.html", tables=self._downloads(), others=self._other_downloads())
        self._write_areas()

    def _write_areas(self) -> None:
        of_area = {name: _grouped(self.rows[name], "geography_type", "geography_code") for name in OF_AN_AREA}
        of_council = {name: _grouped(self.rows[name], "organisation_code") for name in OF_A_COUNCIL}
        for area in self.areas:
            own = {name: rows.get((area.kind, area.code), []) for name, rows in of_area.items()}
            if area.is_council:
                own |= {name: rows.get((area.code,), []) for name, rows in of_council.items()}
            self._page(
                area.path,
                template="council.html.j2" if area.is_council else "area.html.j2",
                heading=area.name,
                area=area,
                caveats=self._caveats(name for name, rows in own.items() if rows),
                **own,
            )

    def _page(self, path: str, template: str | None = None, heading: str | None = None, **values: Any) -> None:
        text = self._templates.get_template(template or f"{path}.j2").render(
            path=path, root="../" * path.count("/"), heading=heading or MENU[path], **values
        )
        self._put(path, text)

    def _put(self, path: str, text: str) -> None:
        (self.folder / path).write_text(text, encoding="utf-8", newline="\n")

    def _environment(self) -> jinja2.Environment:
        templates = environment(_HERE / "templates")
        templates.globals.update(
            release=self.release,
            made_at=moment(datetime.fromisoformat(self.release["created_at"])),
            before=self.before,
            before_made_at=moment(datetime.fromisoformat(self.before["created_at"])) if self.before else "",
            menu=MENU,
            measures_shown=MEASURES,
            site=self.rows,
            queries=self.queries,
            areas=self.areas,
            area_paths={(area.kind, area.code): area.path for area in self.areas},
            release_tables=self.candidate.tables,
            plain_type=plain_type,
            caution=self._caution(),
            open_findings={
                severity: sum(
                    row["open_findings"] for row in self.rows["findings_by_rule"] if row["severity"] == severity
                )
                for severity in words.SEVERITIES
            },
            symbols={row["value_status"]: row["symbol"] or "" for row in self.rows["value_statuses"]},
            words=words,
            bars=words.bars,
            counted=counted,
            quantity=quantity,
            nothing_to_compare=NOTHING_TO_COMPARE,
            invented_note=invented_note(self.release.get("invented_sources", ())),
            what_stays_in_force=what_stays_in_force,
            whose_it_was=whose_it_was,
        )
        return templates

    def _caution(self) -> str:
        """The sentence that stands first on every page of a council, in the words of the tables themselves."""
        for table in self.candidate.tables:
            for caveat in table.caveats:
                if caveat.startswith(CAUTION_BEGINS):
                    return caveat
        raise CandidateError(
            f"No table carries the caveat that begins '{CAUTION_BEGINS}', which every page of a council needs. "
            "Put it back into the caveats in the YAML of marts.fct_workforce."
        )

    def _caveats(self, names: Iterable[str]) -> list[tuple[list[str], list[str]]]:
        """The caveats of the tables that these queries are about, each once: of several tables first, then of one."""
        about = {ABOUT[name] for name in names if name in ABOUT}
        found: defaultdict[str, list[str]] = defaultdict(list)
        for table in self.candidate.tables:
            if table.full_name in about:
                for caveat in table.caveats:
                    found[" ".join(caveat.split())].append(table.full_name)
        shared = [caveat for caveat, tables in found.items() if len(tables) > 1]
        groups = [(sorted({table for caveat in shared for table in found[caveat]}), shared)] if shared else []
        for table_name in sorted(about):
            if own := [caveat for caveat, tables in found.items() if tables == [table_name]]:
                groups.append(([table_name], own))
        return groups

    def _downloads(self) -> list[dict[str, Any]]:
        rows = {f"{table['schema']}.{table['name']}": table["rows"] for table in self.release["tables"]}
        return [
            {
                "name": table.full_name,
                "grain": table.grain,
                "rows": rows[table.full_name],
                "files": [self._download(table, form) for form in ("csv", "parquet")],
            }
            for table in self.candidate.tables
        ]

    def _download(self, table: PublicTable, form: str) -> tuple[str, str, str]:
        file = self.candidate.copy_of(table, form)
        return form, file.relative_to(self.candidate.folder).as_posix(), _size(file)

    def _other_downloads(self) -> list[tuple[str, str, str]]:
        """Name, meaning and size of what is no single table. The manifest is finished later, so it has no size yet."""
        return [
            (
                RELEASE_DATABASE,
                "All tables in one DuckDB file, with their descriptions",
                _size(self.candidate.database),
            ),
            (DICTIONARY, "What each table and column means, as text", _size(self.candidate.folder / DICTIONARY)),
            (manifest.MANIFEST, "What the release was built from, how it was judged, and the hash of every file", ""),
        ]


def _area(row: Row) -> Area:
    folder, kind_name = KINDS[row["geography_type"]]
    name, code = row["geography_name"], row["geography_code"]
    return Area(row["geography_type"], kind_name, code, name, f"{folder}/{words.file_name_for(name, code)}")


def _grouped(rows: Sequence[Row], *keys: str) -> dict[tuple[Any, ...], list[Row]]:
    groups: defaultdict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[key] for key in keys)].append(row)
    return dict(groups)


def _size(file: Path) -> str:
    return words.size(file.stat().st_size)
