"""The site of a release candidate: every page, written from the answers of the queries.

Belongs here: which pages there are and which rows each is given. Does not: the rules behind a number (dbt), the
queries (queries/), or markup (templates/).
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project.contracts import CAUTION_BEGINS, PublicTable, Step
from dagster_project.dbt_documentation import PLACE as DOCUMENTATION
from dagster_project.home import RELEASE_DATABASE
from dagster_project.pages import environment
from dagster_project.present import (
    MEASURES,
    counted,
    moment,
    quantity,
    what_stays_in_force,
    whose_it_was,
)
from dagster_project.release import manifest
from dagster_project.release.building import DICTIONARY, Candidate, CandidateError
from dagster_project.release.dictionary import plain_type
from dagster_project.site import words
from dagster_project.site.guide import opening_guide
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

NUMBERS = {
    FIRST_PAGE: "Overview",
    "areas.html": "Areas",
    "pay.html": "Pay",
    "equality.html": "Equality",
    "sources.html": "Sources",
    "movement.html": "Movement",
    "survey.html": "Survey",
    "maturity.html": "Maturity",
    "published.html": "Reports",
    "quality.html": "Quality",
    "downloads.html": "Downloads",
}
ABOUT_THEM = {
    "changes.html": "What changed",
    "files.html": "Files that count",
    "roles.html": "Roles and coding",
    "method.html": "Method and definitions",
    "dictionary.html": "Dictionary",
    "lineage.html": "How the tables are made",
    "queries.html": "Queries",
    "opening.html": "How to open a release",
}
MENUS = {"The numbers": NUMBERS, "How they come about": ABOUT_THEM}
MENU = NUMBERS | ABOUT_THEM
KINDS = {
    "adass_region": ("regions", "ADASS region"),
    "ons_region": ("regions", "ONS region"),
    "ics": ("systems", "Integrated care system"),
    "council": ("councils", "Council"),
}
PAY_PARITY = "pay_parity.html"
# What `ahp export` calls the kinds of area it makes workbooks of.
EXPORT_OPTIONS = {"adass_region": "region", "ics": "ics", "council": "council"}
ABOVE_A_COUNCIL = (("adass_region", "region_code"), ("ics", "system_code"))
# What a result of the survey is a result of, whatever the year.
SAME_RESULT = (
    "source_document",
    "geography_name",
    "staff_group",
    "breakdown",
    "group_name",
    "subject",
    "standard_number",
    "question",
    "answer",
)
OF_AN_AREA = (
    "workforce",
    "documents",
    "measures",
    "trend",
    "members",
    "bridge",
    "area_caveats",
    "funding_ending",
    "apprentices_qualifying",
)
OF_A_COUNCIL = (
    "returned",
    "covers",
    "learners",
    "pay",
    "pay_parity",
    "leadership",
    "in_force",
    "restatements",
    "findings",
    "edi",
    "refused",
    "overlap",
)
OF_AN_ORGANISATION = ("equality", "equality_shares", "movement", "movement_months", "turnover")
# The table whose caveats go with the numbers of a query.
ABOUT = {
    "workforce": "marts.regional_workforce",
    "measures": "marts.regional_measures",
    "trend": "marts.workforce_trend",
    "returned": "marts.fct_workforce",
    "covers": "marts.dim_council_return",
    "learners": "marts.fct_pipeline",
    "pay": "marts.fct_pay_scale",
    "pay_parity": "marts.pay_parity",
    "leadership": "marts.fct_leadership",
    "restatements": "quality.restatements",
    "findings": "quality.findings",
    "edi": "quality.edi_completeness",
    "regions": "marts.regional_workforce",
    "equality": "quality.edi_completeness",
    "equality_shares": "quality.edi_shares",
    "bridge": "marts.source_bridge",
    "bridge_ends": "marts.source_bridge",
    "overlap": "marts.overlap_ledger",
    "survey": "marts.fct_employer_standards",
    "maturity": "marts.fct_maturity",
    "maturity_levels": "marts.maturity_distribution",
    "movement": "marts.workforce_movement",
    "movement_months": "marts.workforce_movement",
    "turnover": "marts.workforce_turnover",
    "funding_ending": "marts.funding_ending",
    "apprentices_qualifying": "marts.apprentices_qualifying",
    "published_figures": "marts.fct_published_figures",
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


@dataclass(frozen=True)
class Organisation:
    """One organisation with answers on protected characteristics or with joiners and leavers, and its page."""

    code: str
    name: str
    path: str


def write_site(
    candidate: Candidate, before: Path | None, steps: Sequence[Step], documentation: Path | None = None
) -> None:
    """Writes the site into the candidate's folder, which must not hold one yet.

    `before` is the folder of the release it is compared with, None for none; `steps` are the tables on the way from the
    landed rows to the release; `documentation` is dbt's own page on them, which is put beside the pages.
    Raises CandidateError when the candidate does not hold what the pages are made of.
    """
    queries = site_queries()
    try:
        answers = ask(queries.values(), candidate.database, before / RELEASE_DATABASE if before else None)
    except duckdb.Error as error:
        raise CandidateError(
            f"The site cannot be made: {error} Make the query in dagster_project/site/queries and the tables agree."
        ) from error
    _Site(candidate, queries, answers, before, steps, documentation).write()


class _Site:
    """One site while it is written."""

    def __init__(
        self,
        candidate: Candidate,
        queries: Mapping[str, SiteQuery],
        answers: Answers,
        before: Path | None,
        steps: Sequence[Step],
        documentation: Path | None,
    ) -> None:
        self.candidate = candidate
        self.queries = queries
        self.rows = answers.rows
        self.release = manifest.read(candidate.folder)
        self.before = manifest.read(before) if before and answers.is_compared else None
        self.areas = [_area(row) for row in self.rows["areas"]]
        self.organisations = self._organisations()
        self.steps = steps
        self.documentation = documentation
        self.folder = candidate.folder / SITE
        self._templates = self._environment()

    def write(self) -> None:
        self.folder.mkdir()
        for folder in dict.fromkeys([*(folder for folder, _ in KINDS.values()), "organisations", "dictionary", "pay"]):
            (self.folder / folder).mkdir()
        self._put(STYLESHEET, self._templates.get_template(f"{STYLESHEET}.j2").render())
        with_a_page = {area.code for area in self.areas if area.is_council}
        elsewhere = [row for row in self.rows["findings"] if row["organisation_code"] not in with_a_page]
        self._page(
            FIRST_PAGE,
            about=["regions"],
            region_bars=[
                row | {"label": f"{row['geography_name']}, {words.day(row['as_at_date'])}"}
                for row in self.rows["regions"]
            ],
        )
        self._page("areas.html", heading="Regions, care systems and councils")
        families = self._by_family("pay")
        self._page(
            "pay.html",
            about=["pay"],
            families=families,
            places=[("given", "How many councils gave a range"), *((place, family) for place, family, _ in families)],
        )
        self._write_pay_parity()
        self._page(
            "equality.html",
            heading="Equality data",
            about=["equality", "equality_shares"],
            groups=self._answers_by_organisation(),
        )
        self._page("sources.html", heading="Sources side by side", about=["bridge", "overlap"])
        self._page("movement.html", heading="Joiners and leavers", about=["movement"])
        sections = self._survey_sections()
        self._page(
            "survey.html",
            heading="Survey of employer standards",
            about=["survey"],
            sections=sections,
            places=[(place, name) for place, name, _ in sections],
        )
        dimensions = self._dimensions()
        self._page(
            "maturity.html",
            heading="Maturity of integration",
            about=["maturity", "maturity_levels"],
            dimensions=dimensions,
            not_legible=[
                f"“{levels[0]['dimension_name']}”"
                for _, _, levels, _ in dimensions
                if not any(map(_has_a_level, levels))
            ],
            first_is_missing=bool(dimensions) and dimensions[0][0] != "dimension-1",
            places=[(place, name) for place, name, *_ in dimensions],
        )
        documents = [
            (f"report-{number}", title, rows)
            for number, ((title,), rows) in enumerate(
                _grouped(self.rows["published_figures"], "document_title").items(), 1
            )
        ]
        self._page(
            "published.html",
            heading="What reports print",
            about=["published_figures"],
            documents=documents,
            places=[(place, title) for place, title, _ in documents],
        )
        self._page("quality.html", heading="Data quality", elsewhere=elsewhere)
        self._page(
            "other_findings.html",
            heading="Findings on no council’s page",
            crumbs=[("quality.html", "Data quality")],
            found=elsewhere,
        )
        for path in ("roles.html", "files.html", "changes.html", "method.html", "queries.html"):
            self._page(path)
        self._write_lineage()
        self._page("downloads.html", schemas=self._downloads(), others=self._other_downloads())
        guide, places = opening_guide()
        self._page("opening.html", heading="How to open a release", guide=guide, places=places)
        self._write_dictionary()
        self._write_areas()
        self._write_organisations()

    def _write_lineage(self) -> None:
        if self.documentation:
            (self.folder / DOCUMENTATION).parent.mkdir()
            shutil.copyfile(self.documentation, self.folder / DOCUMENTATION)
        self._page("lineage.html", documentation=DOCUMENTATION if self.documentation else None)

    def _write_pay_parity(self) -> None:
        """A page for each job family: on one page for all, a reader with a narrow screen would never reach the last."""
        families = [
            (family, f"pay/{words.file_name_for(family)}", rows) for _, family, rows in self._by_family("pay_parity")
        ]
        self._page(
            PAY_PARITY,
            heading="Pay beside NHS pay",
            crumbs=[("pay.html", MENU["pay.html"])],
            about=["pay_parity"],
            families=[(family, to, len({row["organisation_code"] for row in rows})) for family, to, rows in families],
        )
        for family, to, rows in families:
            self._page(
                to,
                template="pay_parity_family.html.j2",
                heading=family,
                title=f"{family}, pay beside NHS pay",
                crumbs=[("pay.html", MENU["pay.html"]), (PAY_PARITY, "Pay beside NHS pay")],
                about=["pay_parity"],
                rows=rows,
            )

    def _write_dictionary(self) -> None:
        self._page("dictionary.html")
        made_from = {step.name: step.made_from for step in self.steps}
        used_by: defaultdict[str, list[str]] = defaultdict(list)
        for step in self.steps:
            for parent in step.made_from:
                used_by[parent].append(step.name)
        for table in self.candidate.tables:
            self._page(
                f"dictionary/{table.full_name}.html",
                template="table.html.j2",
                heading=table.full_name,
                title=f"{table.full_name}, dictionary",
                crumbs=[("dictionary.html", MENU["dictionary.html"])],
                table=table,
                made_from=made_from.get(table.full_name, ()),
                used_by=used_by[table.full_name],
                asked_by=[query for query in self.queries.values() if table.full_name in query.tables],
            )

    def _write_areas(self) -> None:
        of_area = {name: _grouped(self.rows[name], "geography_type", "geography_code") for name in OF_AN_AREA}
        of_council = {name: _grouped(self.rows[name], "organisation_code") for name in OF_A_COUNCIL}
        lies_in = {row["organisation_code"]: row for row in self.rows["councils"]}
        for area in self.areas:
            own = {name: rows.get((area.kind, area.code), []) for name, rows in of_area.items()}
            if area.is_council:
                own |= {name: rows.get((area.code,), []) for name, rows in of_council.items()}
            self._page(
                area.path,
                template="council.html.j2" if area.is_council else "area.html.j2",
                heading=area.name,
                title=f"{area.name}, {area.kind_name[:1].lower() + area.kind_name[1:]}"
                if area.kind in ("council", "ics")
                else f"{area.name}, {area.kind_name}",
                crumbs=[("areas.html", MENU["areas.html"]), *self._areas_above(lies_in.get(area.code, {}))],
                about=[name for name, rows in own.items() if rows],
                area=area,
                export_option=EXPORT_OPTIONS.get(area.kind),
                **own,
            )

    def _areas_above(self, council: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The region and the care system a council lies in today, where they have pages."""
        above = [(kind, str(council.get(code))) for kind, code in ABOVE_A_COUNCIL]
        found = {
            (area.kind, area.code): (area.path, area.name) for area in self.areas if (area.kind, area.code) in above
        }
        return [found[area] for area in above if area in found]

    def _write_organisations(self) -> None:
        of_one = {name: _grouped(self.rows[name], "organisation_code") for name in OF_AN_ORGANISATION}
        for organisation in self.organisations.values():
            own = {name: rows.get((organisation.code,), []) for name, rows in of_one.items()}
            self._page(
                organisation.path,
                template="organisation.html.j2",
                heading=organisation.name,
                title=f"{organisation.name}, equality data and movement",
                crumbs=[("equality.html", "Equality data")],
                about=[name for name, rows in own.items() if rows],
                organisation=organisation,
                **own,
            )

    def _page(
        self,
        path: str,
        template: str | None = None,
        heading: str | None = None,
        title: str | None = None,
        crumbs: Sequence[tuple[str, str]] = (),
        about: Iterable[str] = (),
        **values: Any,
    ) -> None:
        """Writes one page. `crumbs` are the pages above it below the overview, and `about` the queries whose caveats it
        carries.
        """
        heading = heading or MENU[path]
        text = self._templates.get_template(template or f"{path}.j2").render(
            path=path,
            root="../" * path.count("/"),
            heading=heading,
            title=title or heading,
            under=crumbs[0][0] if crumbs else "",
            crumbs=[(FIRST_PAGE, MENU[FIRST_PAGE]), *crumbs] if path != FIRST_PAGE else [],
            caveats=self._caveats(about),
            **values,
        )
        self._put(path, text)

    def _put(self, path: str, text: str) -> None:
        (self.folder / path).write_text(text, encoding="utf-8", newline="\n")

    def _environment(self) -> jinja2.Environment:
        templates = environment(_HERE / "templates")
        templates.filters["groupby_pair"] = _grouped_in_turn
        templates.globals.update(
            release=self.release,
            made_at=moment(datetime.fromisoformat(self.release["created_at"])),
            made_on=words.day(datetime.fromisoformat(self.release["created_at"]).date()),
            before=self.before,
            before_made_at=moment(datetime.fromisoformat(self.before["created_at"])) if self.before else "",
            numbers=NUMBERS,
            menus=MENUS,
            menu=MENU,
            measures_shown=MEASURES,
            site=self.rows,
            queries=self.queries,
            areas=self.areas,
            area_paths={(area.kind, area.code): area.path for area in self.areas},
            organisation_paths={organisation.code: organisation.path for organisation in self.organisations.values()},
            release_tables=self.candidate.tables,
            table_names={table.full_name for table in self.candidate.tables},
            tables_behind=self._tables_behind,
            steps=self.steps,
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

    def _organisations(self) -> dict[str, Organisation]:
        """Every organisation with rows of its own people, by its code, under the name of its newest rows."""
        names = {row["organisation_code"]: row["organisation_name"] for row in self.rows["movement_months"][::-1]}
        names |= {row["organisation_code"]: row["organisation_name"] for row in self.rows["equality"]}
        return {
            code: Organisation(code, name, f"organisations/{words.file_name_for(name, code)}")
            for code, name in sorted(names.items())
        }

    def _by_family(self, name: str) -> list[tuple[str, str, list[Row]]]:
        """The rows of a query by job family: the place of each on its page, its name and its rows."""
        families = _grouped(self.rows[name], "job_family_name").items()
        return [(f"family-{number}", family, rows) for number, ((family,), rows) in enumerate(families, start=1)]

    def _survey_sections(self) -> list[tuple[str, str, list[tuple[str, list[Row], str, str]]]]:
        """The results by area and staff group: the place of each on its page, its name, and its tables, each with its
        caption, its rows, and the column that heads them.
        """
        # An earlier survey stands beside the later one; alone it stands only where nothing came after it.
        beside = {
            (*(row[key] for key in SAME_RESULT), row["previous_survey_year"])
            for row in self.rows["survey"]
            if row["previous_survey_year"]
        }
        rows = [
            row for row in self.rows["survey"] if (*(row[key] for key in SAME_RESULT), row["survey_year"]) not in beside
        ]
        sections = []
        for number, ((area, group), own) in enumerate(_grouped(rows, "section_area", "staff_group").items(), start=1):
            tables = []
            for (breakdown, subject), results in _grouped(own, "breakdown", "subject").items():
                by_group = breakdown is not None
                heading = words.as_code_says(breakdown).capitalize() if by_group else words.SUBJECTS[subject]
                first = (
                    "group_name"
                    if by_group
                    else "question"
                    if subject in ("question", "experience")
                    else "standard_name"
                )
                caption = f"{words.SUBJECTS[subject]}, by {words.as_code_says(breakdown)}" if by_group else heading
                tables.append((caption, results, first, heading))
            staff = words.STAFF_GROUPS.get(group) or words.as_code_says(group)
            sections.append((f"survey-{number}", f"{area}: {staff}", tables))
        return sections

    def _dimensions(self) -> list[tuple[str, str, list[Row], list[Row]]]:
        """The dimensions of maturity: the place of each on its page, its name, its levels, and its organisations."""
        assessed = _grouped(self.rows["maturity"], "dimension")
        return [
            (f"dimension-{key[0]}", f"{key[0]}. {levels[0]['dimension_name']}", levels, assessed.get(key, []))
            for key, levels in _grouped(self.rows["maturity_levels"], "dimension").items()
        ]

    def _answers_by_organisation(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Of each source and kind of employer: the characteristics that somebody was asked, those that nobody was, and
        the rows of each organisation by characteristic.
        """
        found = {}
        for (source, employer), rows in _grouped(self.rows["equality"], "source", "employer").items():
            names = {row["characteristic"]: row["characteristic_name"] for row in rows}
            asked = {row["characteristic"] for row in rows if row["band"] != "not_asked"}
            found[source, employer] = {
                "asked": {code: name for code, name in names.items() if code in asked},
                "not_asked": [name for code, name in names.items() if code not in asked],
                "organisations": [
                    {row["characteristic"]: row for row in own} for own in _grouped(rows, "organisation_code").values()
                ],
            }
        return found

    def _tables_behind(self, names: Sequence[str]) -> list[str]:
        """The tables that these queries read, each once."""
        return list(dict.fromkeys(table for name in names for table in self.queries[name].tables))

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

    def _downloads(self) -> dict[str, list[dict[str, Any]]]:
        """The tables by their schema."""
        rows = {f"{table['schema']}.{table['name']}": table["rows"] for table in self.release["tables"]}
        found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for table in self.candidate.tables:
            found[table.schema].append(
                {
                    "name": table.full_name,
                    "grain": words.first_sentence(table.description),
                    "rows": rows[table.full_name],
                    "files": [self._download(table, form) for form in ("csv", "parquet")],
                }
            )
        return dict(found)

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


def _grouped_in_turn(rows: Sequence[Row], *keys: str) -> list[tuple[tuple[Any, ...], list[Row]]]:
    return list(_grouped(rows, *keys).items())


def _has_a_level(row: Row) -> bool:
    return bool(row["organisations_with_level"])


def _size(file: Path) -> str:
    return words.size(file.stat().st_size)
