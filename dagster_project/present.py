"""What people see: results, findings and summaries as tables, sentences and files.

Belongs here: layout, number formats, and making data safe to show. Does not: where the facts come from.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import operator
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, TextIO
from zoneinfo import ZoneInfo

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from dagster_project.query import NIGHTLY_TIMEZONE
from dagster_project.sources.dates import in_words
from dagster_project.spreadsheets import FORMULA_START

if TYPE_CHECKING:
    import pyarrow

    from dagster_project.home import Home
    from dagster_project.query import RefusedFile, ReleasedTable, Status
    from dagster_project.release.publishing import Release

# More rows than anybody reads; the line below the table says how many there are and how to get them all.
ROWS_SHOWN = 1000
# Text may be wrapped to this width before the columns are laid out one below the other.
NARROWEST_TEXT = 14
# Between one column and the next.
COLUMN_GAP = 3
# "Northamptonshire" fits on a line.
LONGEST_WORD = 16
# Wide enough that nothing is wrapped when the output goes to a file or another program.
WIDTH_OF_A_PIPE = 1_000_000

SEVERITY_STYLES = {"error": "bold red", "warning": "yellow", "info": "cyan"}
NULL = Text("null", style="dim italic")
NOT_KNOWN = "not known"
SOURCES = {
    "council_returns": "Council returns",
    "esr": "Electronic Staff Record (NHS)",
    "skills_for_care": "Skills for Care",
    "employer_standards": "Survey of employer standards",
    "maturity": "Self-assessment of integration maturity",
}
# The five numbers of a group of staff, as headings.
MEASURES = {
    "headcount": "Headcount",
    "fte": "FTE",
    "fte_permanent": "Permanent FTE",
    "fte_temporary": "Temporary FTE",
    "fte_vacant": "Vacant FTE",
}

_READABLE_JSON = json.JSONEncoder(ensure_ascii=False)


def console_for(stream: TextIO) -> Console:
    """Colour only on a terminal, and not when NO_COLOR is set; lines are wrapped only on a terminal or to COLUMNS."""
    terminal = stream.isatty()
    colourless = not terminal or bool(os.environ.get("NO_COLOR"))
    return Console(
        file=stream,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=False,
        force_terminal=terminal,
        no_color=colourless,
        color_system=None if colourless else "auto",
        width=None if terminal or os.environ.get("COLUMNS") else WIDTH_OF_A_PIPE,
    )


def safe_text(text: str) -> str:
    """Characters that move the cursor, change colours or hide others are written out, as in \\x1b."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )


def safe_lines(text: str) -> str:
    """As safe_text, for our own texts that hold line breaks on purpose."""
    return "\n".join(safe_text(line) for line in text.splitlines())


# Results of queries


def result_table(result: pyarrow.Table, console: Console) -> RenderableType:
    """A result as a table, or as one block per row when the columns do not fit side by side."""
    if result.column_names == ["explain_key", "explain_value"]:
        return Text("\n".join(safe_lines(plan) for plan in result["explain_value"].to_pylist()))
    shown = _with_distinct_names(result).slice(0, ROWS_SHOWN)
    names = [safe_text(name) for name in shown.column_names]
    right = [_is_number(field.type) for field in shown.schema]
    columns = [[_cell(value) for value in column.to_pylist()] for column in shown.columns]
    narrowest = [
        max([_narrowest_heading(name), *(cell.cell_len for cell in cells)])
        if aligned_right
        else min(NARROWEST_TEXT, max([len(name), *(cell.cell_len for cell in cells)]))
        for name, aligned_right, cells in zip(names, right, columns, strict=True)
    ]
    if sum(narrowest) + COLUMN_GAP * len(names) <= console.width:
        laid_out: RenderableType = _side_by_side(names, right, columns, console.width)
    else:
        laid_out = _one_below_the_other(names, columns)
    return Group(laid_out, Text(), Text(_row_count(result.num_rows), style="dim"))


def _side_by_side(names: list[str], right: list[bool], columns: list[list[Text]], width: int) -> Table:
    natural = [max([len(name), *(cell.cell_len for cell in cells)]) for name, cells in zip(names, columns, strict=True)]
    roomy = sum(natural) + COLUMN_GAP * len(names) <= width
    table = _plain_table()
    for name, aligned_right in zip(names, right, strict=True):
        heading = Text(name if roomy else _folded_heading(name))
        if aligned_right:
            table.add_column(heading, justify="right", no_wrap=True)
        else:
            table.add_column(heading, overflow="fold", min_width=min(NARROWEST_TEXT, len(name)))
    for row in zip(*columns, strict=True):
        table.add_row(*row)
    return table


def _one_below_the_other(names: list[str], columns: list[list[Text]]) -> Group:
    blocks: list[RenderableType] = []
    for number, row in enumerate(zip(*columns, strict=True), start=1):
        block = Table.grid(padding=(0, 2))
        block.add_column(style="cyan", no_wrap=True)
        block.add_column(overflow="fold")
        for name, cell in zip(names, row, strict=True):
            block.add_row(Text(name), cell)
        if blocks:
            blocks.append(Text())
        blocks += [Text(f"row {number}", style="bold"), Padding(block, (0, 0, 0, 2), expand=False)]
    return Group(*blocks)


def _plain_table() -> Table:
    return Table(
        box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold", padding=(0, COLUMN_GAP - 1, 0, 0)
    )


def _folded_heading(name: str) -> str:
    """Headings break at underscores, so that a narrow number is not pushed apart by its long name."""
    lines = [""]
    for part in name.replace("_", "_\0").split("\0"):
        if lines[-1] and len(lines[-1]) + len(part) > NARROWEST_TEXT:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def _narrowest_heading(name: str) -> int:
    return max(len(line) for line in _folded_heading(name).split("\n"))


def _is_number(data_type: pyarrow.DataType) -> bool:
    import pyarrow

    types = pyarrow.types
    return bool(types.is_integer(data_type) or types.is_floating(data_type) or types.is_decimal(data_type))


def _cell(value: Any) -> Text:
    return NULL if value is None else Text(safe_text(_as_text(value)))


def _as_text(value: Any) -> str:
    """One value for a person to read. Decimals show only the digits they need."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case Decimal():
            return number(value)
        case datetime():
            return value.isoformat(sep=" ")
        case date() | time_of_day():
            return value.isoformat()
        case list() | dict():
            return _json(value)
        case bytes():
            return value.hex()
        case _ if _is_interval(value):
            return _interval(value)
        case _:
            return str(value)


def _is_interval(value: Any) -> bool:
    import pyarrow

    return isinstance(value, pyarrow.MonthDayNano)


def _interval(value: pyarrow.MonthDayNano) -> str:
    """In words, for example 2 months 1 day 4:05:06."""
    parts = [counted(value.months, "month")] if value.months else []
    parts += [counted(value.days, "day")] if value.days else []
    if value.nanoseconds or not parts:
        parts.append(str(timedelta(microseconds=value.nanoseconds / 1000)))
    return " ".join(parts)


def number(value: Decimal) -> str:
    """Without trailing zeros and without an exponent: 4, 51.3, 263.05."""
    return format(value.normalize(), "f") if value.is_finite() else str(value)


def quantity(value: int | float | Decimal | None) -> str:
    """People as a whole number; FTE with two decimal places, or as many as four where it has them."""
    if value is None:
        return NOT_KNOWN
    if isinstance(value, int):
        return f"{value:,}"
    whole, _, decimals = f"{value:,.4f}".partition(".")
    return f"{whole}.{decimals[:2]}{decimals[2:].rstrip('0')}"


def _row_count(rows: int) -> str:
    if rows > ROWS_SHOWN:
        return f"{ROWS_SHOWN:,} of {rows:,} rows shown; --format csv -o FILE keeps them all"
    return counted(rows, "row")


def counted(count: int, noun: str) -> str:
    """For example 1 row, 1,204 rows."""
    return f"{count:,} {noun}" if abs(count) == 1 else f"{count:,} {noun}s"


def csv_bytes(result: pyarrow.Table, *, for_terminal: bool = False) -> bytes:
    """UTF-8 with a heading line. Null is left empty and blank text is "" in quotes.

    Text that a spreadsheet would run as a formula gets an apostrophe in front; numbers stay as they are. For a
    terminal, control characters are written out as well.
    """
    import polars

    frame = polars.DataFrame(_flattened(result))
    texts = polars.col(polars.String)
    frame = frame.with_columns(
        polars.when(texts.str.contains(FORMULA_START)).then(polars.lit("'") + texts).otherwise(texts).name.keep()
    )
    if for_terminal:
        frame = frame.with_columns(texts.map_elements(safe_text, return_dtype=polars.String))
    written = io.BytesIO()
    frame.write_csv(written)
    return written.getvalue()


def json_bytes(result: pyarrow.Table) -> bytes:
    """A list with one object per row. Numbers stay numbers with all their digits; dates and times are ISO 8601."""
    distinct = _with_distinct_names(result)
    keys = [f"{_json(name)}: " for name in distinct.column_names]
    columns = [map(_json, column.to_pylist()) for column in distinct.columns]
    rows = ",\n".join("  {" + ", ".join(map(operator.add, keys, values)) + "}" for values in zip(*columns, strict=True))
    return (f"[\n{rows}\n]\n" if rows else "[]\n").encode()


def parquet_bytes(result: pyarrow.Table) -> bytes:
    """A Parquet file, with the types the query gave; only intervals, which Parquet lacks, become text."""
    import pyarrow
    import pyarrow.parquet

    written = pyarrow.BufferOutputStream()
    fit = _as_text_where(_with_distinct_names(result), pyarrow.types.is_interval)
    pyarrow.parquet.write_table(fit, written, compression="zstd")
    return bytes(written.getvalue())


def _json(value: Any) -> str:
    """The json module turns decimals into text or rounds them; here a number keeps every digit it has."""
    match value:
        case str():
            readable = _READABLE_JSON.encode(value)
            return readable if readable.isprintable() else json.dumps(value)
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return repr(value) if math.isfinite(value) else "null"
        case Decimal() if value.is_finite():
            return format(value, "f")
        case datetime() | date() | time_of_day():
            return f'"{value.isoformat()}"'
        case dict():
            return "{" + ", ".join([f"{_json(str(key))}: {_json(item)}" for key, item in value.items()]) + "}"
        case list() | tuple() if not _is_interval(value):
            return "[" + ", ".join(map(_json, value)) + "]"
        case _:
            return json.dumps(_as_text(value))


def _with_distinct_names(result: pyarrow.Table) -> pyarrow.Table:
    """A query may give two columns one name; files and objects cannot hold that, so the later ones are numbered."""
    taken: set[str] = set()
    names = []
    for name in result.column_names:
        distinct, copies = name, 1
        while distinct in taken:
            copies += 1
            distinct = f"{name}_{copies}"
        taken.add(distinct)
        names.append(distinct)
    return result.rename_columns(names)


def _flattened(result: pyarrow.Table) -> pyarrow.Table:
    """Lists, structures, intervals, bytes and enumerations as text, because a line of values holds none of them."""
    import pyarrow

    types = pyarrow.types
    return _as_text_where(
        _with_distinct_names(result),
        lambda kind: any(
            test(kind) for test in (types.is_nested, types.is_binary, types.is_interval, types.is_dictionary)
        ),
    )


def _as_text_where(result: pyarrow.Table, unfit: Callable[[pyarrow.DataType], bool]) -> pyarrow.Table:
    import pyarrow

    for position, field in enumerate(result.schema):
        if unfit(field.type):
            values = [None if value is None else _as_text(value) for value in result.column(position).to_pylist()]
            result = result.set_column(position, field.name, pyarrow.array(values, pyarrow.string()))
    return result


# Findings


def findings_table(result: pyarrow.Table, console: Console) -> RenderableType:
    """Open findings for a person who is to mend them: how grave, whose, where, what was found, what to do."""
    found = result.slice(0, ROWS_SHOWN).to_pylist()
    table = _plain_table()
    table.add_column("Severity", no_wrap=True)
    table.add_column("Organisation", overflow="fold", max_width=LONGEST_WORD if console.is_terminal else None)
    table.add_column("Where", overflow="fold", ratio=7)
    table.add_column("What was found", overflow="fold", ratio=9)
    table.add_column("What to do", overflow="fold", ratio=8)
    if console.is_terminal:
        # Wrapped rows need a gap between them; in a pipe every finding is one line.
        table.leading = 1
        table.expand = True
    for finding in found:
        severity = finding["severity"]
        table.add_row(
            Text(safe_text(severity), style=SEVERITY_STYLES.get(severity, "")),
            _cell(finding["organisation_name"] or "none named"),
            Text(_place(finding, with_folder=not console.is_terminal)),
            _cell(finding["message"]),
            _cell(finding["suggestion"]),
        )
    counts = Counter(result["severity"].to_pylist())
    total = f"{counted(result.num_rows, 'open finding')}: {severity_counts(counts)}"
    if result.num_rows > ROWS_SHOWN:
        total += f"; the first {ROWS_SHOWN:,} are shown, --format csv -o FILE keeps them all"
    return Group(table, Text(), Text(total, style="dim"))


def _place(finding: Mapping[str, Any], with_folder: bool) -> str:
    """The file, the sheet, and the cell or else the row of a finding, as far as each is known."""
    file, sheet, row, cell = (
        finding.get(field) for field in ("source_file", "source_sheet", "source_row", "source_cell")
    )
    parts = [
        file if with_folder or not file else PurePosixPath(file).name,
        f"sheet {sheet}" if sheet else None,
        f"cell {cell}" if cell else f"row {row}" if row else None,
    ]
    return safe_text(", ".join(part for part in parts if part))


def severity_counts(counts: Mapping[str, int]) -> str:
    """For example: 2 errors, 1 warning, 0 info."""
    errors, warnings, info = (counts.get(severity, 0) for severity in ("error", "warning", "info"))
    return f"{counted(errors, 'error')}, {counted(warnings, 'warning')}, {info:,} info"


# Tables of a release


def table_list(tables: Sequence[ReleasedTable]) -> RenderableType:
    """What can be queried, with its grain."""
    listing = _plain_table()
    listing.add_column("Table", no_wrap=True, style="cyan")
    listing.add_column("Rows", justify="right", no_wrap=True)
    listing.add_column("What it holds", overflow="fold")
    for table in tables:
        listing.add_row(safe_text(table.full_name), f"{table.rows:,}", Text(safe_text(table.grain)))
    return listing


def table_description(table: ReleasedTable, ahp: str) -> RenderableType:
    """Everything a person needs before querying a table."""
    columns = _plain_table()
    columns.add_column("Column", no_wrap=True, style="cyan")
    columns.add_column("Type", no_wrap=True)
    columns.add_column("Description", overflow="fold")
    for column in table.columns:
        columns.add_row(column.name, column.data_type, Text(safe_text(" ".join(column.description.split()))))
    parts: list[RenderableType] = [
        Text.assemble((table.full_name, "bold cyan"), (f"  {counted(table.rows, 'row')}", "dim")),
        Text(safe_lines(table.description.strip())),
    ]
    parts += [Text(f"Caveat: {safe_text(' '.join(caveat.split()))}", style="yellow") for caveat in table.caveats]
    if table.rows == 0:
        parts += [
            Text(),
            Text("It holds no rows in this release; what is said above tells what would fill it.", style="yellow"),
        ]
    parts += [Text(), columns, Text(), _next_steps(f'{ahp} sql "from {table.full_name} limit 10"')]
    return Group(*parts)


def release_list(releases: Sequence[Release]) -> RenderableType:
    """What is kept, the newest first, and which one is in force."""
    listing = _plain_table()
    listing.add_column("Release", no_wrap=True, style="cyan")
    listing.add_column("Made", no_wrap=True)
    listing.add_column("", no_wrap=True)
    for release in releases:
        listing.add_row(release.release_id, moment(release.created_at), "in force" if release.is_latest else "")
    return listing


# The nightly job


def refresh_summary(outcome: Mapping[str, Any], home: Home, standing: Release | None, ahp: str) -> RenderableType:
    """What a person sees when a refresh has ended. `outcome` has the keys of last_refresh.json and `highlights`;
    `standing` is the release in force now."""
    parts: list[RenderableType] = [*_headline(outcome, home, standing), Text()]
    if outcome["bundled_inputs"]:
        parts += [
            Text(
                "No landing folder yet, so the bundled examples were used, among them the Midlands returns; "
                f"drop files in {_path(home.own_landing / 'council_returns')} to use your own."
            ),
            Text(),
        ]
    if outcome["invented_sources"]:
        parts += [Text(invented_note(outcome["invented_sources"]), style="yellow"), Text()]
    files, facts = outcome["files"], _facts()
    facts.add_row(
        "Files",
        f"{files['accepted']:,} accepted, {files['refused']:,} newly refused, {files['unchanged']:,} unchanged"
        if len(outcome["refused"]) > files["refused"]
        else f"{files['accepted']:,} accepted, {files['refused']:,} refused, {files['unchanged']:,} unchanged",
    )
    for refused in outcome["refused"]:
        facts.add_row("", _refusal(refused))
    if outcome["released"]:
        facts.add_row("Findings", severity_counts(outcome["findings"]))
    took = _seconds(outcome["seconds"])
    if outcome["peak_memory_mb"]:
        # Not every system says how much memory a program has used.
        took += f", {outcome['peak_memory_mb']:,.0f} MB of memory at most"
    facts.add_row("Took", took)
    parts.append(facts)
    if outcome["released"] and outcome["highlights"]:
        parts += [Text(), Text("Occupational therapists by region", style="bold"), _highlights(outcome["highlights"])]
    if standing:
        example = "select geography_name, return_group, fte from regional_workforce where geography_type = 'ics'"
        parts += [Text(), _next_steps(f"{ahp} findings", f"{ahp} tables", f'{ahp} sql "{example}"')]
    return Group(*parts)


def _headline(outcome: Mapping[str, Any], home: Home, standing: Release | None) -> Iterator[Text]:
    if outcome["released"]:
        yield Text.assemble(("Released ", "bold green"), (outcome["release_id"], "bold"))
        yield Text(f"in {_path(home.releases / outcome['release_id'])}")
        yield Text(f"site: open {_path(home.releases / outcome['release_id'] / 'site' / 'index.html')} in a browser")
    else:
        reason = safe_lines(outcome["reason"] or "no reason was recorded.")
        yield Text.assemble(("Not released: ", "bold red"), reason)
        if standing:
            yield Text(f"The last release stands: {standing.release_id}, made {moment(standing.created_at)}.")
        else:
            yield Text("There is no earlier release.")


def _refusal(refused: Mapping[str, Any]) -> Text:
    text = Text.assemble(
        ("refused ", "red"), (safe_text(refused["file"]), "bold"), f": {safe_lines(refused['reason'])}"
    )
    if refused["report"]:
        text.append(f"\nreport: {_path(Path(refused['report']))}")
    return text


def _highlights(highlights: Sequence[Mapping[str, Any]]) -> Table:
    table = _plain_table()
    table.add_column("Region")
    # One day for all needs no column of its own.
    several_days = len({region["as_at_date"] for region in highlights}) > 1
    if several_days:
        table.add_column("As at", no_wrap=True)
    for heading in ("Headcount", "FTE", "Vacant FTE", "Vacancy rate"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("Councils", no_wrap=True)
    for region in highlights:
        rate = region["vacancy_rate_percent"]
        table.add_row(
            safe_text(region["geography_name"]),
            *([region["as_at_date"]] if several_days else []),
            _quantity(region["headcount"]),
            _quantity(region["fte"]),
            _quantity(region["fte_vacant"]),
            NULL if rate is None else Text(f"{rate:.2f}%"),
            f"{region['councils_returned']} of {region['councils_expected']}",
        )
    return table


def _quantity(value: Any) -> Text:
    """A headcount as it is, and an FTE to two decimal places, so that the points stand below one another."""
    if value is None:
        return NULL
    return Text(f"{value:,}" if isinstance(value, int) else f"{value:,.2f}")


def invented_note(sources: Sequence[str]) -> str:
    """Which numbers of a release are invented, and how they are known, in two sentences."""
    named = " and ".join(SOURCES.get(source, source) for source in sources)
    return (
        f"Invented numbers, of nobody real: {named}. "
        "In every table their source_document begins with invented_, or their organisation_name ends with (invented)."
    )


def status_report(status: Status) -> RenderableType:
    """How things stand, one line for each question."""
    facts = _facts()
    facts.add_row("Last refresh", _last_refresh(status))
    facts.add_row("Latest release", _latest(status))
    if status.latest and (invented := status.latest.manifest.get("invented_sources")):
        facts.add_row("Invented", Text(invented_note(invented), style="yellow"))
    facts.add_row("Open findings", severity_counts(status.findings) if status.latest else "none known yet")
    facts.add_row("Refused files", f"{len(status.refused)}" if status.refused else "none")
    for refused in status.refused:
        facts.add_row("", _still_refused(refused))
    wait = duration(status.next_run - status.now)
    facts.add_row("Next run", f"{moment(status.next_run)}, in {wait}, as long as ./ahp serve is running")
    facts.add_row("Kept releases", f"{len(status.kept)}")
    return facts


def _still_refused(refused: RefusedFile) -> Text:
    whose = whose_it_was(refused.organisation_name, refused.as_at_date)
    reason = " ".join(part for part in (refused.reason, whose) if part)
    text = _refusal({"file": refused.source_file, "reason": reason, "report": refused.report})
    text.append(f"\n{what_stays_in_force(safe_text(refused.in_force))}")
    return text


def whose_it_was(organisation_name: str, as_at_date: date | None) -> str:
    """Which return a refused file was to be, in a sentence; '' where that is not known."""
    if not organisation_name or not as_at_date:
        return ""
    return f"It was to be the return of {organisation_name} as at {in_words(as_at_date)}."


def what_stays_in_force(in_force: str) -> str:
    """What a refused file changes, which is nothing. `in_force` names the files that count in its place, if any do."""
    return f"Nothing of it counts. {in_force or 'What counted before, if anything,'} stays in force."


def _last_refresh(status: Status) -> Text:
    last = status.last_refresh
    if last is None:
        return Text("none yet")
    finished = datetime.fromisoformat(last["finished_at"])
    when = f"{moment(finished)}, {duration(status.now - finished)} ago"
    if last["released"]:
        return Text.assemble((f"released {last['release_id']}", "green"), f", {when}")
    return Text.assemble(("not released", "red"), f", {when}: {safe_lines(last['reason'] or 'no reason was recorded')}")


def _latest(status: Status) -> Text:
    if status.latest is None or status.age is None:
        return Text("none. Run ./ahp refresh to make one.", style="red")
    limit = duration(status.freshness_limit)
    verdict = (
        Text(f"within the limit of {limit}", style="green")
        if status.is_fresh
        else Text(f"older than the limit of {limit}. Run ./ahp refresh.", style="red")
    )
    return Text.assemble(f"{status.latest.release_id}, made {duration(status.age)} ago, ", verdict)


def _facts() -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    return grid


def _next_steps(*commands: str) -> Table:
    grid = Table.grid(padding=(0, 2))
    for position, command in enumerate(commands):
        grid.add_row(Text("Next" if position == 0 else "", style="bold"), Text(command, style="cyan"))
    return grid


# Dates, times and paths in words


def moment(when: datetime) -> str:
    """A date and time as a clock in London shows it, for example 22 November 2026, 02:00 GMT."""
    local = when.replace(tzinfo=when.tzinfo or UTC).astimezone(ZoneInfo(NIGHTLY_TIMEZONE))
    return f"{local.day} {local:%B %Y, %H:%M %Z}"


def duration(length: timedelta) -> str:
    """The two largest units, for example 3 days 4 hours, 2 hours 5 minutes, less than a minute."""
    minutes = max(0, int(length.total_seconds() // 60))
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    if days < 2:
        days, hours = 0, hours + 24 * days
    parts = [counted(count, unit) for count, unit in ((days, "day"), (hours, "hour"), (minutes, "minute")) if count > 0]
    return " ".join(parts[:2]) or "less than a minute"


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} seconds" if seconds < 90 else duration(timedelta(seconds=seconds))


def _path(path: Path) -> str:
    """Short when it lies below the working folder."""
    with contextlib.suppress(ValueError):
        path = path.relative_to(Path.cwd())
    return safe_text(str(path))
