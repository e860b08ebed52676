"""A whole landing of invented inputs: every source, its truth, and a page that says what it is.

Belongs here: the order in which things are invented and written. Does not: what they are like.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.sources.invented import MARK
from dagster_project.synth import asc_wds_truth, council_returns, truth
from dagster_project.synth.asc_wds import CLEAN_COUNCIL, asc_faults_of, asc_months_written, invent_social_care
from dagster_project.synth.asc_wds_bulk import write_bulk_upload
from dagster_project.synth.esr import WrittenFile, months_written, not_asked_of
from dagster_project.synth.faults import choose_rows, faults_of, missing_months, overlaps_of
from dagster_project.synth.faulty_files import write_faulty_files
from dagster_project.synth.scales import SCALES, Scale, councils_of, month_ends, trusts_of
from dagster_project.synth.workforce import CLEAN_TRUST, invent_workforce

_MEMORY = "2500MB"
_README = """All of this is invented. No row is a person, no number comes from any record.

Names, employee numbers, National Insurance numbers (prefix QQ, which is never given out), birth dates and e-mail
addresses were made up so that it can be tested that none of them is kept. Trusts and councils are real
organisations, so that codes can be looked up; nothing here says anything about them.

Every file says so itself (a column, or a line on the cover: {mark}), and the warehouse repeats it
wherever such numbers show.

landing/        what would be dropped into the landing folder: try it with  ahp --landing landing refresh
faulty_files/   files that must be refused or flagged, with what must happen to each in truth.json
truth.json      what was planted where, and what the words mean
truth/          the figures a right reading comes to, as CSV

Made with: ahp synth --scale {scale} --months {months} --seed {seed}
"""


class FolderNotEmpty(Exception):
    """Something lies where the inputs should go. The message says so in plain English."""


@dataclass(frozen=True)
class Invented:
    """What was written: files and rows of the landing."""

    files: int
    rows: int


def write_inputs(
    scale_name: str, folder: Path, months: int | None = None, seed: int = 1, say: Callable[[str], object] = str
) -> Invented:
    """Writes invented inputs of one scale into `folder`, new or empty: the same bytes for the same arguments.

    `months` left out is what the scale usually has. `say` is told what is being written. Raises FolderNotEmpty.
    """
    scale = SCALES[scale_name]
    if folder.exists() and any(folder.iterdir()):
        raise FolderNotEmpty(f"{folder} is not empty. Name a new folder, so that nothing is written over.")
    days = month_ends(months or scale.months)
    (folder / "landing").mkdir(parents=True)
    with (
        tempfile.TemporaryDirectory(dir=folder, prefix="scratch_") as scratch,
        duckdb.connect(str(Path(scratch) / "invented.duckdb")) as connection,
    ):
        connection.execute(f"set memory_limit = '{_MEMORY}'")
        connection.execute("set temp_directory = ?", [scratch])
        written = _write_staff(connection, scale, days, seed, folder, say)
        written += _write_social_care(connection, scale, days, folder, say)
        say("Writing the other files and the truth")
        tables = _write_truth(connection, scale, days, folder)
        clean = trusts_of(scale)["ods_code"][CLEAN_TRUST]
        faulty = write_faulty_files(connection, days, clean, folder / "faulty_files")
    grains = truth.GRAINS | asc_wds_truth.GRAINS | council_returns.GRAINS
    told = {
        "all_invented": True,
        "scale": scale.name,
        "months": len(days),
        "seed": seed,
        "definitions": truth.DEFINITIONS | asc_wds_truth.DEFINITIONS,
        **_planted(scale, days),
        "tables": {name: {"path": f"truth/{name}.csv", "one_row_for_each": grains[name]} for name in tables},
        "files": [asdict(file) for file in written],
        "faulty_files": [asdict(file) for file in faulty],
    }
    _write_text(folder / "truth.json", json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    _write_text(folder / "README.txt", _README.format(mark=MARK, scale=scale.name, months=len(days), seed=seed))
    return Invented(len(written), sum(file.rows for file in written))


def _write_staff(
    connection: duckdb.DuckDBPyConnection,
    scale: Scale,
    days: list[date],
    seed: int,
    folder: Path,
    say: Callable[[str], object],
) -> list[WrittenFile]:
    faults = faults_of(scale, len(days))
    written: list[WrittenFile] = []
    say("Inventing the staff of the trusts")
    invent_workforce(connection, scale, days, seed)
    choose_rows(connection, faults, len(days))
    truth.begin_truth(connection)
    for month, files in months_written(connection, scale, faults, days, folder / "landing"):
        truth.add_month(connection, scale, month, days[month])
        written += files
        say(f"Wrote the staff-in-post extracts of {days[month]:%B %Y}")
    return written


def _write_social_care(
    connection: duckdb.DuckDBPyConnection, scale: Scale, days: list[date], folder: Path, say: Callable[[str], object]
) -> list[WrittenFile]:
    faults = asc_faults_of(len(days))
    landing = folder / "landing"
    written: list[WrittenFile] = []
    say("Inventing the workers of social care")
    invent_social_care(connection, scale, days, faults)
    asc_wds_truth.begin_truth(connection)
    for month, files in asc_months_written(connection, faults, days, landing):
        asc_wds_truth.add_month(connection, month, days[month])
        written += files
        say(f"Wrote the social care extracts of {days[month]:%B %Y}")
    written += write_bulk_upload(connection, days[-1], landing)
    if scale.has_council_returns:
        written += council_returns.write_returns(connection, days[-1], overlaps_of(scale), landing)
    return written


def _write_truth(connection: duckdb.DuckDBPyConnection, scale: Scale, days: list[date], folder: Path) -> list[str]:
    tables = truth.write_truth(connection, days, folder / "truth")
    tables += asc_wds_truth.write_truth(connection, days, folder / "truth")
    if scale.has_council_returns:
        tables += council_returns.write_truth(connection, folder / "truth")
    return tables


def _planted(scale: Scale, days: list[date]) -> dict[str, Any]:
    """What was planted, kind by kind; where exactly is in the table planted_rows."""
    trusts, councils = trusts_of(scale)["ods_code"], councils_of(scale)
    months = len(days)

    def told(
        source: str, code: str, kind: str, when: tuple[int, ...], fields: list[str], finding: str, must: str
    ) -> Any:
        return {
            "kind": kind,
            "source": source,
            "organisation_code": code,
            "as_at_dates": [days[month].isoformat() for month in when],
            "fields": fields,
            "finding": finding,
            "must": must,
        }

    faults = [
        told(
            "esr", trusts[fault.organisation_number], fault.kind, fault.months, fault.written, fault.finding, fault.must
        )
        for fault in faults_of(scale, months)
    ]
    faults.append(
        told("esr", trusts[1], "duplicate_row", (months // 2,), [], "duplicate_row",
             "the same row twice: counted once, as people and as FTE")
    )  # fmt: skip
    faults += [
        told("esr", trusts[number], "edi_not_asked", tuple(range(months)), [field], "",
             "the extract has no such column: not asked, which is not the same as missing")
        for number, field in not_asked_of(scale).items()
    ]  # fmt: skip
    faults += [
        told("esr", trusts[number], "month_missing", gaps, [], "",
             "a gap between two extracts: nobody left and nobody joined in it")
        for number, gaps in missing_months(months).items()
    ]  # fmt: skip
    faults += [
        told("skills_for_care", councils["organisation_code"][fault.council_number], fault.kind, fault.months,
             fault.written, fault.finding, fault.must)
        for fault in asc_faults_of(months)
    ]  # fmt: skip
    if scale.has_council_returns:
        faults += council_returns.planted(councils, overlaps_of(scale), days[-1])
    return {
        "clean_organisations": [trusts[CLEAN_TRUST], councils["organisation_code"][CLEAN_COUNCIL]],
        "faults": faults,
        "overlaps": [
            {
                "council": overlap.council,
                "council_code": overlap.council_code,
                "organisation_code": trusts[overlap.organisation_number],
                "people_in_extract": overlap.in_extract,
                "people_in_return": overlap.in_return,
                "secondees": overlap.secondees,
            }
            for overlap in overlaps_of(scale)
        ],
    }


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
