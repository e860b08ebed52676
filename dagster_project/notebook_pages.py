"""What the pages of the notebooks are made of: the rows of a query on a release, and the HTML that shows them.

Belongs here: pieces that say nothing themselves, each taking text and never markup. Does not: which numbers are shown,
or in which words.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from dagster_project import query
from dagster_project.release.publishing import Release

STYLE = """
<style>
.profile { max-width: 60rem; line-height: 1.5; }
.profile h1 { font-size: 1.9rem; line-height: 1.2; font-weight: 700; margin: 0 0 .4rem; }
.profile h2 { font-size: 1.35rem; line-height: 1.3; font-weight: 700; margin: 1.2rem 0 .5rem; }
.profile p { margin: 0 0 .7rem; max-width: 46rem; }
.profile ul { list-style: disc; margin: 0 0 .7rem 1.3rem; max-width: 46rem; }
.profile li { margin: 0 0 .3rem; }
.profile .caution { border-left: .35rem solid #b45309; padding: .3rem 0 .3rem .8rem; font-weight: 600; }
.profile .cards { display: flex; flex-wrap: wrap; gap: .7rem; margin: 0 0 .8rem; }
.profile .cards div { flex: 1 1 9.5rem; border: 1px solid #8a9299; border-radius: .3rem; padding: .6rem .8rem; }
.profile .cards dt { font-weight: 600; }
.profile .cards dd { margin: 0; font-size: .85rem; line-height: 1.35; }
.profile .cards dd.number { font-size: 1.8rem; line-height: 1.35; font-weight: 700; }
.profile .wide { overflow-x: auto; margin: 0 0 1rem; }
.profile table { border-collapse: collapse; width: 100%; font-size: .9rem; line-height: 1.35; }
.profile caption { text-align: left; font-weight: 600; padding: 0 0 .35rem; }
.profile th, .profile td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; }
.profile th:last-child, .profile td:last-child { padding-right: 0; }
.profile thead th { border-bottom: 2px solid #4b5563; vertical-align: bottom; font-weight: 600; }
.profile tbody th { font-weight: 500; }
.profile tbody tr { border-bottom: 1px solid #c3c8cd; break-inside: avoid; }
.profile tr.total th, .profile tr.total td { font-weight: 700; }
.profile .end { text-align: right; font-variant-numeric: tabular-nums; }
.profile td.end { white-space: nowrap; }
.profile small { display: block; font-size: .8rem; font-weight: 400; white-space: normal; }
.profile figure { margin: 0 0 1rem; break-inside: avoid; }
.profile figcaption { font-weight: 600; padding: 0 0 .3rem; }
.profile svg { width: 100%; max-width: 50rem; height: auto; }
.profile h2, .profile caption { break-after: avoid; }
@media print { .profile thead { display: table-header-group; } .profile .wide { overflow: visible; } }
</style>
"""


def rows_of(release: Release) -> Callable[..., list[dict[str, Any]]]:
    """What asks a release: called with SQL and the values it names, it returns the rows.

    The release is opened for each query alone, so that nobody waits for the notebook.
    """

    def rows(sql: str, **values: Any) -> list[dict[str, Any]]:
        with query.open_release(release) as connection:
            found: list[dict[str, Any]] = connection.execute(sql, values or None).to_arrow_table().to_pylist()
            return found

    return rows


def section(*parts: str) -> str:
    """One section of a page; the parts are HTML."""
    return f'<section class="profile">{"".join(parts)}</section>'


def element(tag: str, text: str, css_class: str = "") -> str:
    """One HTML element that holds this text and no markup."""
    return f"<{tag}{f' class={css_class!r}' if css_class else ''}>{html.escape(text)}</{tag}>"


def bullets(texts: Sequence[str]) -> str:
    """An HTML list of these texts."""
    return f"<ul>{''.join(element('li', text) for text in texts)}</ul>"


def table(
    caption: str, columns: Sequence[str], lines: Sequence[Sequence[str | tuple[str, str]]], *, total: bool = False
) -> str:
    """An HTML table. A column whose heading ends in `>` holds numbers; of two texts in a cell the second is a note.

    With `total`, the last line is set off from those above it.
    """

    def cell(tag: str, shown: str | tuple[str, str], column: str, scope: str = "") -> str:
        text, note = shown if isinstance(shown, tuple) else (shown, "")
        align = ' class="end"' if column.endswith(">") else ""
        return f"<{tag}{align}{scope}>{html.escape(text)}{element('small', note) if note else ''}</{tag}>"

    def row(line: Sequence[str | tuple[str, str]], kind: str) -> str:
        first, *others = zip(line, columns, strict=True)
        head = cell("th", *first, ' scope="row"')
        return f"<tr{kind}>{head}{''.join(cell('td', *other) for other in others)}</tr>"

    head = "".join(cell("th", column.rstrip(">"), column, ' scope="col"') for column in columns)
    last = ' class="total"' if total else ""
    body = "".join(row(line, last if line is lines[-1] else "") for line in lines)
    return (
        f'<div class="wide"><table>{element("caption", caption)}<thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def chart(caption: str, drawn: Sequence[str], high: int) -> str:
    """A figure of this height, in units of which it is 700 wide; `drawn` is SVG."""
    return (
        f'<figure>{element("figcaption", caption)}<svg viewBox="0 0 700 {high}" role="img" '
        f'aria-label="{html.escape(caption)} The table below holds the same numbers." font-size="13" '
        f'fill="currentColor">{"".join(drawn)}</svg></figure>'
    )


def number(value: Any, places: int) -> str:
    """Rounded half away from zero, with thousands set apart; an absent value is said in words."""
    if value is None:
        return "not supplied"
    return f"{Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,}"


def words(code: str) -> str:
    """A status as the release names it, such as not_supplied, for people to read."""
    return code.replace("_", " ")


def joined(texts: Sequence[str]) -> str:
    """Several things as a sentence names them: a, b and c."""
    *firsts, last = texts
    return f"{', '.join(firsts)} and {last}" if firsts else last


def bar_chart(caption: str, lines: Sequence[tuple[str, float | None, str]], full: float) -> str:
    """One bar by label, `full` being as long as bars get, with its value in words at the end of it.

    A value that is not known has no bar, and its words alone.
    """
    left, across, high = 300, 270, 26
    drawn = []
    for position, (label, value, shown) in enumerate(lines):
        y = 4 + position * high
        width = across * (value or 0) / full if full else 0
        drawn.append(f'<text x="{left - 8}" y="{y + 14}" text-anchor="end">{html.escape(label)}</text>')
        if width:
            drawn.append(f'<rect x="{left}" y="{y}" width="{width:.1f}" height="18" fill="#1d4f91"/>')
        drawn.append(f'<text x="{left + width + 6:.1f}" y="{y + 14}">{html.escape(shown)}</text>')
    return chart(caption, drawn, 8 + high * len(lines))
