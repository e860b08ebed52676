"""Opening CSV files: any encoding and division of columns that is certain reads right; the rest is refused."""

from __future__ import annotations

import codecs
import csv
import io

import pytest
from fixtures.damaged import csv_with, figure_18
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dagster_project.sources.opening import Opened, open_bytes, open_with_remarks
from dagster_project.sources.opening.grid import UNUSUAL_FORM
from dagster_project.sources.problems import FileRefused

Rows = tuple[tuple[str, ...], ...]


def rows_of(content: bytes) -> Rows:
    (sheet,) = open_bytes(content, "file.csv")
    return sheet.rows


def remarks_of(content: bytes) -> list[str]:
    opened = open_with_remarks(content, "file.csv")
    assert {remark.rule_id for remark in opened.remarks} <= {UNUSUAL_FORM}
    return [remark.message for remark in opened.remarks]


def refusal_of(content: bytes) -> FileRefused:
    with pytest.raises(FileRefused) as refusal:
        open_bytes(content, "file.csv")
    return refusal.value


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"], ids=["unix", "windows", "old mac"])
def test_a_csv_reads_the_same_with_any_line_ending_and_a_byte_order_mark(line_end: str) -> None:
    text = figure_18().decode().replace("\r\n", "\n")
    content = codecs.BOM_UTF8 + text.replace("\n", line_end).encode()
    assert rows_of(content) == rows_of(text.encode())
    assert remarks_of(content) == []


def test_a_row_of_a_csv_has_the_number_a_spreadsheet_gives_it() -> None:
    assert rows_of(b'council\n\n"Derby\r\nCity"\n\nLeicester\n') == (
        ("council",),
        (),
        ("Derby\nCity",),
        (),
        ("Leicester",),
    )


def test_a_pound_sign_in_utf8_is_kept() -> None:
    assert rows_of("council,entry\nDerby,£30\u00a0000\n".encode())[1] == ("Derby", "£30\u00a0000")


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("\u200bDerby City\ufeff", "Derby City"),
        ("\u00ad\u00a0 Derby \u200f\u00a0", "Derby"),
        ("\u202aDerby\u202c", "Derby"),
        ("Der\u200bby", "Der\u200bby"),
        ("\u200b", ""),
        ("'13", "'13"),
        ("007", "007"),
        ("1E+02", "1E+02"),
        ("-0", "-0"),
        ("7,50", "7,50"),
    ],
)
def test_text_is_what_was_typed_without_what_nobody_sees_at_its_ends(typed: str, seen: str) -> None:
    assert rows_of(f'council,entry\n"{typed}",x\n'.encode())[1] == (seen, "x")


UTF16 = "The file is saved as UTF-16 ('Unicode text'), not as UTF-8; it was read accordingly."
WINDOWS = "The file is saved as Windows-1252 ('ANSI'), not as UTF-8; it was read accordingly."


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_unicode_text_as_excel_saves_it_is_read_with_a_remark(encoding: str) -> None:
    text = figure_18().decode()
    assert "\t" not in text
    rows = list(csv.reader(io.StringIO(text, newline="")))
    tabbed = "\r\n".join("\t".join(f'"{cell}"' for cell in row) for row in rows)
    mark = codecs.BOM_UTF16_LE if encoding == "utf-16-le" else codecs.BOM_UTF16_BE
    content = mark + tabbed.encode(encoding)
    assert rows_of(content) == rows_of(figure_18())
    assert remarks_of(content) == [
        UTF16,
        "The columns are divided by tabs, not by commas; the file was read accordingly.",
    ]


def test_a_file_saved_by_an_older_program_of_windows_is_read_with_a_remark() -> None:
    text = csv_with(3, 10, '"Café – ‘part’ of £1½m, 20°, 3 m²"').decode()
    content = text.encode("cp1252")
    assert rows_of(content) == rows_of(text.encode())
    assert "Café – ‘part’ of £1½m, 20°, 3 m²" in rows_of(content)[3]
    assert remarks_of(content) == [WINDOWS]


@pytest.mark.parametrize(
    ("content", "row"),
    [
        ("council,pay\nDerby,£30\n".encode("cp850"), 2),
        ("council,note\nDerby,Café\n".encode("cp850"), 2),
        ("council,note\nDerby,20°C\n".encode("cp850"), 2),
        ("council,note\nDerby,½\n".encode("cp850"), 2),
        ("council,note\n\nDerby,council’s\n".encode("mac_roman"), 3),
        ("council,note\nDerby,“well”\n".encode("mac_roman"), 2),
        ("council,note\nDerby,2023–24\n".encode("mac_roman"), 2),
        ("council,note\nDerby,2023—24\n".encode("mac_roman"), 2),
        ("council,note\nDerby,and so on…\n".encode("mac_roman"), 2),
        ("council,pay\nDerby,30\u00a0000\n".encode("mac_roman"), 2),
        ("council,note\nDerby,Café\n".encode("mac_roman"), 2),
        ("council,note\nDerby,Paweł\n".encode("cp1250"), 2),
        ("council,note\nDerby,Привет\n".encode("cp1251"), 2),
        ("council,note\nDerby,Γειά\n".encode("cp1253"), 2),
        ("council,note\nDerby,日本\n".encode("shift_jis"), 2),
        (b"council,note\nDerby,\x81\n", 2),
        (b"council,note\nDerby,\x1a\xa3\n", 2),
        ("council,note\nDerby,£30\n".encode() + "Leicester,£30\n".encode("cp1252"), 2),
        ('council,note\n"Derby\nCity",£\n'.encode("cp850"), 2),
    ],
)
def test_a_file_in_another_encoding_is_refused_naming_its_first_doubtful_row(content: bytes, row: int) -> None:
    (problem,) = refusal_of(content).problems
    assert problem.message.startswith(f"Row {row} holds a character that is not saved as UTF-8, nor as Windows-1252")
    assert (problem.row, problem.rule_id) == (row, "file_refused")


@pytest.mark.parametrize(
    ("sign", "name"),
    [(";", "semicolons"), ("\t", "tabs"), ("|", "upright strokes")],
    ids=["semicolon", "tab", "stroke"],
)
def test_columns_divided_by_another_sign_are_read_with_a_remark(sign: str, name: str) -> None:
    rows = list(csv.reader(io.StringIO(figure_18().decode(), newline="")))
    written = io.StringIO()
    csv.writer(written, delimiter=sign).writerows(rows)
    content = written.getvalue().encode()
    assert rows_of(content) == rows_of(figure_18())
    assert remarks_of(content) == [f"The columns are divided by {name}, not by commas; the file was read accordingly."]


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b"council;fte\nDerby;7,5\nLeicester;8,25\n", (("council", "fte"), ("Derby", "7,5"), ("Leicester", "8,25"))),
        (
            b"council;fte;n\nDerby;7,5;1\nStoke;8;2\n",
            (("council", "fte", "n"), ("Derby", "7,5", "1"), ("Stoke", "8", "2")),
        ),
        (b"Title, of it\nc;f;n\nDerby;7,5;1\nStoke;8,5;2\n", None),
        (b"Title; of it,,\nc,f,n\nDerby,7;5,1\n", (("Title; of it", "", ""), ("c", "f", "n"), ("Derby", "7;5", "1"))),
        (b"Title\nc;f\nDerby;7,5\n\nStoke;1\n", (("Title",), ("c", "f"), ("Derby", "7,5"), (), ("Stoke", "1"))),
        (b"c,note\nDerby,a; b\nStoke,c; d\n", (("c", "note"), ("Derby", "a; b"), ("Stoke", "c; d"))),
        (b'c;note\nDerby;"a, b"\nStoke;"c,\nd, e"\n', (("c", "note"), ("Derby", "a, b"), ("Stoke", "c,\nd, e"))),
        (b'c,note\nDerby,"x\n;y;\nz"\n', (("c", "note"), ("Derby", "x\n;y;\nz"))),
        (b"c;n, all;f\nDerby;1;2\n", (("c", "n, all", "f"), ("Derby", "1", "2"))),
        (b"c;n, all;f\nDerby;1;2,5\n", None),
        (b"c,d;e,f\nDerby,1;2,3\n", None),
        (b"council\nDerby\n", (("council",), ("Derby",))),
        (b'council\n"Derby; Stoke"\n', (("council",), ("Derby; Stoke",))),
    ],
)
def test_what_divides_the_columns_is_recognised_or_the_file_is_refused(content: bytes, rows: Rows | None) -> None:
    if rows is None:
        (problem,) = refusal_of(content).problems
        assert problem.message.startswith("It is not certain what divides the columns: commas divide row 1 into ")
        assert problem.row == 1
    else:
        assert rows_of(content) == rows


@pytest.mark.parametrize("first_line", ["sep=;\r\n", "SEP=;\n", '"sep=;"\n'])
def test_a_first_line_that_states_the_division_is_followed_and_not_counted(first_line: str) -> None:
    content = f"{first_line}council;headcount, all\nDerby;7,5\n".encode()
    assert rows_of(content) == (("council", "headcount, all"), ("Derby", "7,5"))
    assert len(remarks_of(content)) == 1
    assert remarks_of(content.replace(b"=;", b"=,")) == []


def test_a_row_with_a_comma_too_many_is_left_to_the_reader_that_knows_the_heading() -> None:
    assert rows_of(b"council,headcount\nDerby,1,300\n") == (("council", "headcount"), ("Derby", "1", "300"))


NOT_SEEN = "\u200b\u200e\ufeff\u00ad"
CELLS = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]) | st.sampled_from(f"\n\t{NOT_SEEN}"), max_size=6
) | st.text(st.sampled_from('ab7,;|\t"\n £’é½'), max_size=8)


@settings(max_examples=300, deadline=None, database=None)
@given(
    st.integers(2, 4).flatmap(
        lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=5)
    ),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "cp1252"]),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\r\n", "\n", "\r"]),
    st.booleans(),
)
def test_any_table_in_any_encoding_and_division_comes_back_equal_or_is_refused(
    table: list[list[str]], encoding: str, delimiter: str, line_end: str, are_all_quoted: bool
) -> None:
    written = io.StringIO()
    quoting = csv.QUOTE_ALL if are_all_quoted or line_end != "\r\n" else csv.QUOTE_MINIMAL
    csv.writer(written, delimiter=delimiter, lineterminator=line_end, quoting=quoting).writerows(table)
    try:
        content = written.getvalue().encode(encoding)
    except UnicodeEncodeError:
        assume(False)
    if encoding == "cp1252":
        # Bytes that are UTF-8 as well can only be taken as that.
        assume(content.isascii() or _is_not_utf8(content))
    marks = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
    try:
        opened = open_with_remarks(marks.get(encoding, b"") + content, "file.csv")
    except FileRefused:
        return
    (sheet,) = opened.sheets
    assert sheet.rows == tuple(tuple(_as_seen(cell) for cell in row) for row in table)
    assert len(opened.remarks) == _expected_remarks(opened, content, encoding, delimiter)


def _expected_remarks(opened: Opened, content: bytes, encoding: str, delimiter: str) -> int:
    is_otherwise_encoded = encoding.startswith("utf-16") or (encoding == "cp1252" and not content.isascii())
    return is_otherwise_encoded + (delimiter != ",")


def _is_not_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return True
    return False


def _as_seen(cell: str) -> str:
    while cell and (cell[0].isspace() or cell[0] in NOT_SEEN):
        cell = cell[1:]
    while cell and (cell[-1].isspace() or cell[-1] in NOT_SEEN):
        cell = cell[:-1]
    return cell
