"""Opening workbooks: every kind of cell reads as a person sees it, and one that cannot is refused by its address."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time, timedelta

import pytest
from fixtures.damaged import FIGURE_18, SHEET_1, ods_of, ods_row, with_member, workbook_with, xlsx_of
from fixtures.old_excel import OldSheet, boolean, error, formula, number, old_workbook, text

from dagster_project.sources.opening import open_bytes
from dagster_project.sources.opening.texts import formatted_text
from dagster_project.sources.problems import FileRefused, Problem


def rows_of(content: bytes, name: str = "file.xlsx") -> tuple[tuple[str, ...], ...]:
    return open_bytes(content, name)[0].rows


def refusal_of(content: bytes, name: str = "file.xlsx") -> Problem:
    with pytest.raises(FileRefused) as refusal:
        open_bytes(content, name)
    (problem,) = refusal.value.problems
    return problem


def cell_of_workbook(value: object, number_format: str | None = None) -> str:
    return rows_of(workbook_with("B2", value, number_format))[1][1]


@pytest.mark.parametrize(
    ("value", "number_format", "seen"),
    [
        (13, None, "13"),
        (7.85, None, "7.85"),
        (0.1 + 0.2, None, "0.3"),
        (1 / 3, None, "0.333333333333333"),
        (1e-7, None, "0.0000001"),
        (123456789012, None, "123456789012"),
        ("13", "@", "13"),
        (" 13 ", None, "13"),
        (True, None, "TRUE"),
        (date(2024, 7, 13), None, "2024-07-13"),
        (datetime(2024, 7, 13, 9, 30), None, "2024-07-13T09:30:00"),
        (time(9, 30), None, "09:30:00"),
        (timedelta(hours=37, minutes=30), None, "37:30:00"),
        (0.5, "0%", "50%"),
        (0.07, "0.0%", "7%"),
        (30000, '"£"#,##0', "30000"),
        ("Derby_x000D_\nCity", None, "Derby\nCity"),
        ("#N/A yet", None, "#N/A yet"),
        ("'13", None, "'13"),
        ("£30\u00a0000", None, "£30\u00a0000"),
        ("\u200fDerby\u200b", None, "Derby"),
        ("\ufeff", None, ""),
    ],
)
def test_a_cell_that_openpyxl_wrote_reads_as_a_person_sees_it(
    value: object, number_format: str | None, seen: str
) -> None:
    assert cell_of_workbook(value, number_format) == seen


def cell_of_xlsx(xml: str, *, texts: str = "", formats: tuple[str, ...] = (), properties: str = "") -> str:
    rows = rows_of(
        xlsx_of(
            (FIGURE_18, f'<row r="1"><c r="A1"><v>1</v></c>{xml}<c r="C1"><v>3</v></c></row>'),
            texts=texts,
            formats=formats,
            properties=properties,
        )
    )
    ((before, seen, after),) = rows
    assert (before, after) == ("1", "3")
    return seen


@pytest.mark.parametrize(
    ("saved", "seen"),
    [
        ("-0", "0"),
        ("-0.0", "0"),
        ("1E+02", "100"),
        ("1e2", "100"),
        ("1E-12", "0.000000000001"),
        ("2.2250738585072014E-308", "0." + "0" * 307 + "222507385850720"),
        ("7.8499999999999996", "7.85"),
        ("1E+21", "1" + "0" * 21),
        ("123456789012345678", "123456789012346000"),
        (" 13 ", "13"),
        (".5", "0.5"),
        ("", ""),
    ],
)
def test_a_number_reads_as_its_15_digits_and_never_as_a_power(saved: str, seen: str) -> None:
    assert cell_of_xlsx(f'<c r="B1"><v>{saved}</v></c>') == seen.rstrip("0" if "." in seen else "")


@pytest.mark.parametrize("saved", ["NaN", "INF", "1e999", "1,5", "1_000", "0x10", "seven", "1 2", "٣"])
def test_what_is_no_number_where_one_should_be_is_refused_by_its_address(saved: str) -> None:
    problem = refusal_of(xlsx_of((FIGURE_18, f'<row r="1"><c r="B1"><v>{saved}</v></c></row>')))
    assert problem.message == (f"The workbook is damaged: this cell holds '{saved}', which is not a value of its kind.")
    assert problem.where == "sheet 'Figure 18', cell B1"


@pytest.mark.parametrize(
    ("code", "saved", "seen"),
    [
        ("General", "45486", "45486"),
        ("0", "45486", "45486"),
        ('"£"#,##0.00;[Red]-"£"#,##0.00', "-1234.5", "-1234.5"),
        ('_-* #,##0_-;-* #,##0_-;_-* "-"??_-;_-@_-', "0", "0"),
        ("#,##0,", "30000", "30000"),
        ("# ?/?", "0.5", "0.5"),
        ("0.00E+00", "45486", "45486"),
        ('0" days"', "13", "13"),
        ("0\\d", "13", "13"),
        ("[Red]0", "13", "13"),
        ("[Magenta][>5]0;0", "13", "13"),
        ("0.0%", "0.075", "7.5%"),
        ("0%;-0%;0", "-0.5", "-50%"),
        ("0%;-0%;0", "0", "0"),
        ("[<=1]0%;0", "0.5", "50%"),
        ("[<=1]0%;0", "13", "13"),
        ("0;[=0]0%;0.0", "0", "0%"),
        ('0"%"', "50", "50%"),
        ("0\\%", "50", "50%"),
        ("0%%", "0.5", "5000%%"),
        ("dd/mm/yyyy", "45486", "2024-07-13"),
        ("dd/mm/yyyy", "45486.395833333336", "2024-07-13T09:30:00"),
        ("[$-809]d mmmm yyyy;@", "45486", "2024-07-13"),
        ("mmm-yy", "45474", "2024-07-01"),
        ("mm", "45474", "2024-07-01"),
        ("d/m/yy h:mm", "45486", "2024-07-13"),
        ("h:mm AM/PM", "0.75", "18:00:00"),
        ("hh:mm", "0", "00:00:00"),
        ("hh:mm", "45486.5", "2024-07-13T12:00:00"),
        ("mm:ss.0", "0.00001736111", "00:00:01.500"),
        ("[h]:mm", "1.5625", "37:30:00"),
        ("[mm]:ss", "-0.0625", "-01:30:00"),
        ("dd/mm/yyyy", "1", "1900-01-01"),
        ("dd/mm/yyyy", "59", "1900-02-28"),
        ("dd/mm/yyyy", "60", "1900-02-29"),
        ("dd/mm/yyyy", "61", "1900-03-01"),
        ("dd/mm/yyyy", "0", "1900-01-00"),
        ("dd/mm/yyyy", "2958465", "9999-12-31"),
        ("dd/mm/yyyy", "2958466", "2958466"),
        ("dd/mm/yyyy", "-13", "-13"),
        ("@", "13", "13"),
    ],
)
def test_a_number_reads_by_its_format_as_it_was_typed(code: str, saved: str, seen: str) -> None:
    assert cell_of_xlsx(f'<c r="B1" s="1"><v>{saved}</v></c>', formats=(code,)) == seen
    old = old_workbook(OldSheet("A", [[number(float(saved), code)]]))
    assert rows_of(old, "file.xls") == ((seen,),)


@pytest.mark.parametrize(
    ("number_of_format", "saved", "seen"),
    [
        (9, "0.5", "50%"),
        (10, "0.5", "50%"),
        (14, "45486", "2024-07-13"),
        (20, "0.5", "12:00:00"),
        (2, "45486", "45486"),
    ],
)
def test_formats_that_excel_knows_by_number_are_known(number_of_format: int, saved: str, seen: str) -> None:
    made = with_member(
        xlsx_of((FIGURE_18, f'<row><c s="0"><v>{saved}</v></c></row>')),
        "xl/styles.xml",
        lambda xml: xml.replace(
            b'<cellXfs><xf numFmtId="0"/>', f'<cellXfs><xf numFmtId="{number_of_format}"/>'.encode()
        ),
    )
    assert rows_of(made) == ((seen,),)


@pytest.mark.parametrize("properties", ['date1904="1"', 'date1904="true"'])
@pytest.mark.parametrize(
    ("saved", "seen"),
    [("0", "1904-01-01"), ("44024", "2024-07-13"), ("44024.5", "2024-07-13T12:00:00"), ("2957004", "2957004")],
)
def test_dates_counted_from_1904_come_out_right(properties: str, saved: str, seen: str) -> None:
    cell = f'<c r="B1" s="1"><v>{saved}</v></c>'
    assert cell_of_xlsx(cell, formats=("dd/mm/yyyy",), properties=properties) == seen
    old = old_workbook(OldSheet("A", [[number(float(saved), "dd/mm/yyyy")]]), is_1904=True)
    assert rows_of(old, "file.xls") == ((seen,),)


def test_every_day_of_a_date_cell_is_the_day_excel_shows() -> None:
    for serial in range(61, 60_000, 97):
        shown = date.fromisoformat(formatted_text(serial, "dd/mm/yyyy"))
        assert (shown - date(1899, 12, 30)).days == serial
        assert formatted_text(serial - 1462, "dd/mm/yyyy", is_1904=True) in (shown.isoformat(), str(serial - 1462))


@pytest.mark.parametrize(
    ("cell", "texts", "seen"),
    [
        ('<c r="B1" t="s"><v>1</v></c>', "<si><t>a</t></si><si><t>b</t></si>", "b"),
        ('<c r="B1" t="s"><v>0</v></c>', "<si><r><rPr><b/></rPr><t>Der</t></r><r><t>by</t></r></si>", "Derby"),
        (
            '<c r="B1" t="s"><v>0</v></c>',
            '<si><t>課長</t><rPh sb="0" eb="1"><t>カチョウ</t></rPh><phoneticPr fontId="1"/></si>',
            "課長",
        ),
        ('<c r="B1" t="s"><v>0</v></c>', "<si><t xml:space='preserve'> a  b\n</t></si>", "a  b"),
        ('<c r="B1" t="s"><v>0</v></c>', "<si><t>a_x000D__x000A_b</t></si>", "a\nb"),
        ('<c r="B1" t="s"><v>0</v></c>', "<si><t>_x005F_x000D_</t></si>", "_x000D_"),
        ('<c r="B1" t="s"><v>0</v></c>', "<si><t>_xD83D__xDE00_</t></si>", "😀"),
        ('<c r="B1" t="s"><v>0</v></c>', "<si><t>&lt;13 &amp; £&#163;</t></si>", "<13 & ££"),
        ('<c r="B1" t="s"><v>0</v></c>', "<si><t><![CDATA[<c/>]]></t></si>", "<c/>"),
        ('<c r="B1" t="s"><v>0</v></c>', "<si/>", ""),
        ('<c r="B1" t="s"><v></v></c>', "", ""),
        ('<c r="B1" t="inlineStr"><is><t>Derby</t></is></c>', "", "Derby"),
        (
            '<c r="B1" t="inlineStr"><is><r><t>1</t></r><rPh><t>x</t></rPh><r><t>3</t></r></is></c>',
            "",
            "13",
        ),
        ('<c r="B1" t="str"><f>A1</f><v>Derby_x000D_</v></c>', "", "Derby"),
        ('<c r="B1" t="b"><v>1</v></c>', "", "TRUE"),
        ('<c r="B1" t="b"><v>0</v></c>', "", "FALSE"),
        ('<c r="B1" t="d"><v>2024-07-13T00:00:00</v></c>', "", "2024-07-13"),
        ('<c r="B1" t="d"><v>2024-07-13T09:30:00Z</v></c>', "", "2024-07-13T09:30:00"),
        ('<c r="B1" t="d"><v>09:30:00</v></c>', "", "09:30:00"),
        ('<c r="B1" t="n"><f>6+7</f><v>13</v></c>', "", "13"),
        ('<c r="B1"><f t="shared" si="0"/><v>13</v></c>', "", "13"),
        ("<c><v>13</v></c>", "", "13"),
        ("", "", ""),
    ],
)
def test_a_cell_of_any_kind_reads_as_a_person_sees_it(cell: str, texts: str, seen: str) -> None:
    assert cell_of_xlsx(cell, texts=texts) == seen


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ('<c r="B1" t="s"><v>2</v></c>', "holds '2', which is not a value"),
        ('<c r="B1" t="s"><v>-1</v></c>', "holds '-1', which is not a value"),
        ('<c r="B1" t="b"><v>2</v></c>', "holds '2', which is not a value"),
        ('<c r="B1" t="d"><v>13 July</v></c>', "holds '13 July', which is not a value"),
        ('<c r="B1" t="x"><v>13</v></c>', "holds '13', which is not a value"),
        ('<c r="B1" s="9"><v>13</v></c>', "holds '13', which is not a value"),
        ('<c r="B1" t="inlineStr"><is><t>_xD83D_</t></is></c>', "which is not a value"),
        ('<c r="B1"><v>1</v></c><c r="B1"><v>2</v></c>', "stands in it twice"),
    ],
)
def test_a_damaged_cell_is_refused_by_its_address(cells: str, says: str) -> None:
    problem = refusal_of(xlsx_of((FIGURE_18, f'<row r="1">{cells}</row>'), texts="<si><t>a</t></si>"))
    assert says in problem.message
    assert problem.where == "sheet 'Figure 18', cell B1"


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ('<row r="1"><c r="B2"><v>1</v></c></row>', "the cell B2 stands in row 1"),
        ('<row r="12"><c r="B2"><v>1</v></c></row>', "the cell B2 stands in row 12"),
        ('<row r="2"><c r="B12"><v>1</v></c></row>', "the cell B12 stands in row 2"),
        ('<row r="1"><c r="AAAA1"><v>1</v></c></row>', "the cell AAAA1 stands in row 1"),
        ('<row r="1"><c r="XFE1"><v>1</v></c></row>', "beyond column 16,384"),
        ('<row r="1048577"><c r="A1048577"><v>1</v></c></row>', "below row 1,048,576"),
        ('<row r="0"><c><v>1</v></c></row>', "a row is numbered 0"),
        ('<row r="1"><c><v>1</v></c></row><row r="1"><c><v>2</v></c></row>', "row 1 stands in it twice"),
        ("<row>" + "<c/>" * 16_384 + "<c><v>1</v></c></row>", "beyond column 16,384"),
    ],
)
def test_a_cell_whose_place_is_not_certain_is_refused(rows: str, says: str) -> None:
    problem = refusal_of(xlsx_of((FIGURE_18, rows)))
    assert says in problem.message
    assert problem.where.startswith("sheet 'Figure 18'")


@pytest.mark.parametrize(
    ("xml", "says"),
    [
        ("<chartsheet/>", "what should be a worksheet is none"),
        ('<worksheet xmlns="urn:other"/>', "what should be a worksheet is none"),
        (
            '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><mergeCells>'
            '<mergeCell ref="A:B"/></mergeCells></worksheet>',
            "'A:B' is no block of merged cells",
        ),
    ],
)
def test_a_part_that_is_no_worksheet_as_it_should_be_is_refused(xml: str, says: str) -> None:
    made = with_member(xlsx_of((FIGURE_18, "")), SHEET_1, lambda _: xml.encode())
    problem = refusal_of(made)
    assert says in problem.message
    assert problem.where == "sheet 'Figure 18'"


def test_rows_and_cells_in_any_order_stand_where_they_say() -> None:
    rows = '<row r="3"><c r="C3"><v>33</v></c><c r="A3"><v>31</v></c></row><row r="1"><c r="B1"><v>12</v></c></row>'
    assert rows_of(xlsx_of((FIGURE_18, rows))) == (("", "12"), (), ("31", "", "33"))


def test_cells_without_an_address_follow_each_other() -> None:
    rows = '<row><c><v>1</v></c></row><row r="3"><c/><c r="C3"/><c><v>34</v></c></row><row><c><v>41</v></c></row>'
    assert rows_of(xlsx_of((FIGURE_18, rows))) == (("1",), (), ("", "", "", "34"), ("41",))


def test_a_workbook_saved_as_strict_open_xml_reads_the_same() -> None:
    rows = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><v>0.5</v></c></row>'
    made = {
        "texts": "<si><t>Derby</t></si>",
        "formats": ("0%",),
    }
    strict = xlsx_of((FIGURE_18, rows), namespace="http://purl.oclc.org/ooxml/spreadsheetml/main", **made)
    assert open_bytes(strict, "file.xlsx") == open_bytes(xlsx_of((FIGURE_18, rows), **made), "file.xlsx")
    assert rows_of(strict) == (("Derby", "50%"),)


def test_a_workbook_in_other_hands_xml_reads_the_same() -> None:
    """Prefixed elements, UTF-16, names of parts with capitals and the separator of Windows."""
    plain = xlsx_of((FIGURE_18, '<row r="1"><c r="A1"><v>13</v></c></row>'))
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain)) as old, zipfile.ZipFile(kept, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == SHEET_1:
                xml = part.decode().replace("<", "<x:").replace("<x:/", "</x:").replace("<x:?", "<?")
                xml = xml.replace("xmlns=", "xmlns:x=").replace('encoding="UTF-8"', 'encoding="UTF-16"')
                part, name = xml.encode("utf-16"), "XL\\Worksheets\\Sheet1.xml"
            new.writestr(name, part)
    assert open_bytes(kept.getvalue(), "file.xlsx") == open_bytes(plain, "file.xlsx")


def test_a_sheet_of_charts_is_no_sheet() -> None:
    made = with_member(
        xlsx_of((FIGURE_18, "<row><c><v>1</v></c></row>"), ("Chart", "")),
        "xl/_rels/workbook.xml.rels",
        lambda xml: xml.replace(b'worksheet" Target="worksheets/sheet2.xml', b'chartsheet" Target="chartsheets/1.xml'),
    )
    assert [sheet.name for sheet in open_bytes(made, "file.xlsx")] == [FIGURE_18]


def test_a_sheet_that_lies_in_another_file_is_not_fetched() -> None:
    made = with_member(
        xlsx_of((FIGURE_18, "<row><c><v>1</v></c></row>")),
        "xl/_rels/workbook.xml.rels",
        lambda xml: xml.replace(
            b'Target="worksheets/sheet1.xml"', b'Target="https://example.org/sheet1.xml" TargetMode="External"'
        ),
    )
    assert "damaged" in refusal_of(made).message


def test_a_formula_that_looks_into_another_file_reads_as_its_saved_result() -> None:
    cell = '<c r="B1"><f>[1]Sheet1!$A$1</f><v>13</v></c>'
    assert cell_of_xlsx(cell) == "13"


@pytest.mark.parametrize("saved", ["#DIV/0!", "#N/A", "#REF!", "#SPILL!"])
def test_an_error_is_refused_by_its_address(saved: str) -> None:
    problem = refusal_of(xlsx_of((FIGURE_18, f'<row><c/><c t="e"><f>1/0</f><v>{saved}</v></c></row>')))
    assert problem.message == f"The cell shows {saved}, a formula that could not be worked out."
    assert problem.where == "sheet 'Figure 18', cell B1"


def test_an_error_of_a_kind_that_is_not_known_is_refused_as_well() -> None:
    assert refusal_of(xlsx_of((FIGURE_18, '<row><c t="e"><v>#NEW!</v></c></row>'))).value == "#UNKNOWN!"
    cell = '<table:table-cell calcext:value-type="error"><text:p>#WERT!</text:p></table:table-cell>'
    namespace = b"urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"
    made = with_member(
        ods_of((FIGURE_18, ods_row(cell))),
        "content.xml",
        lambda xml: xml.replace(
            b"<office:document-content ",
            b'<office:document-content xmlns:calcext="' + namespace + b'" ',
        ),
    )
    assert refusal_of(made, "file.ods").value == "#UNKNOWN!"


@pytest.mark.parametrize(("code", "shown"), [(0, "#NULL!"), (7, "#DIV/0!"), (42, "#N/A"), (99, "#UNKNOWN!")])
def test_an_error_in_an_old_workbook_is_refused_by_its_address(code: int, shown: str) -> None:
    problem = refusal_of(old_workbook(OldSheet("A", [[text("x"), error(code)]])), "file.xls")
    assert (problem.value, problem.where) == (shown, "sheet 'A', cell B1")


def test_a_formula_reads_as_its_saved_result_also_when_that_is_an_empty_text() -> None:
    saved = workbook_with("B2", "=6+7")
    thirteen = with_member(saved, SHEET_1, lambda xml: xml.replace(b"<f>6+7</f><v />", b"<f>6+7</f><v>13</v>"))
    assert rows_of(thirteen)[1][1] == "13"
    nothing = with_member(
        saved,
        SHEET_1,
        lambda xml: xml.replace(b'<c r="B2"><f>6+7</f><v />', b'<c r="B2" t="str"><f>6+7</f><v></v>'),
    )
    assert nothing != saved
    assert rows_of(nothing)[1][1] == ""


def test_formulas_without_saved_results_are_named_up_to_ten() -> None:
    cells = "<c><f>1+1</f></c>" * 12
    problem = refusal_of(xlsx_of((FIGURE_18, f"<row>{cells}</row>")))
    assert problem.message.endswith("never saved: A1, B1, C1, D1, E1, F1, G1, H1, I1, J1 and others.")
    assert problem.where == "sheet 'Figure 18', cell A1"


def test_formulas_of_an_old_workbook_read_as_their_saved_results() -> None:
    made = old_workbook(OldSheet("A", [[formula(13), formula(0), boolean(True), boolean(False), text(" Derby\u200b")]]))
    assert rows_of(made, "file.xls") == (("13", "0", "TRUE", "FALSE", "Derby"),)


def test_a_formula_that_an_old_workbook_marks_as_not_worked_out_is_refused_on_its_own_sheet() -> None:
    made = old_workbook(
        OldSheet("First", [[formula(13)]]), OldSheet("Second", [[number(1)], [None, formula(13, flags=2)]])
    )
    problem = refusal_of(made, "file.xls")
    assert problem.message == "These cells hold formulas whose results were never saved: B2."
    assert problem.where == "sheet 'Second', cell B2"


def ods_cell(xml: str) -> str:
    return rows_of(ods_of((FIGURE_18, ods_row("first", xml, "last"))), "file.ods")[0][1]


@pytest.mark.parametrize(
    ("attributes", "inside", "seen"),
    [
        ('office:value-type="float" office:value="7.85"', "<text:p>7.9</text:p>", "7.85"),
        ('office:value-type="percentage" office:value="0.5"', "<text:p>50%</text:p>", "50%"),
        ('office:value-type="date" office:date-value="2024-07-13"', "<text:p>13 Jul</text:p>", "2024-07-13"),
        ('office:value-type="date" office:date-value="2024-07-13T00:00:00"', "", "2024-07-13"),
        ('office:value-type="boolean" office:boolean-value="true"', "<text:p>WAHR</text:p>", "TRUE"),
        ('table:formula="of:=TRUE()" office:value-type="float" office:value="1"', "<text:p>TRUE</text:p>", "TRUE"),
        ('table:formula="of:=&quot;&quot;"', "<text:p/>", ""),
        ('office:value-type="string"', '<text:p>a<text:s text:c="2"/>b</text:p><text:p>c</text:p>', "a  b\nc"),
        ('office:value-type="string"', "<text:p>Derby<text:line-break/>City</text:p>", "Derby\nCity"),
        ('office:value-type="string"', "<text:p>1<text:span>3</text:span>!</text:p>", "13!"),
        ('office:value-type="string" office:string-value="13"', "", "13"),
        (
            'office:value-type="string"',
            "<office:annotation><text:p>check this</text:p></office:annotation><text:p>n/a</text:p>",
            "n/a",
        ),
        (
            'office:value-type="string"',
            "<text:p>a<office:annotation><text:p>x</text:p></office:annotation>b</text:p>",
            "ab",
        ),
        ('office:value-type="string"', "<text:p>\n  Derby\n  City\n</text:p>", "Derby City"),
        ('office:value-type="string"', "<text:p>a<text:tab/>b</text:p>", "a\tb"),
        ('office:value-type="string"', "<text:p><text:a>Derby</text:a>\u200b</text:p>", "Derby"),
        (
            'office:value-type="string"',
            "<text:p><text:ruby><text:ruby-base>課長</text:ruby-base><text:ruby-text>x</text:ruby-text></text:ruby></text:p>",
            "課長",
        ),
        (
            'office:value-type="string"',
            "<text:p>n/a</text:p><table:table><table:table-row><table:table-cell><text:p>x</text:p></table:table-cell>"
            "</table:table-row></table:table>",
            "n/a",
        ),
        ('office:value-type="float" office:value="-0"', "<text:p>-0</text:p>", "0"),
        ('office:value-type="float" office:value="1E+02"', "<text:p>1E+02</text:p>", "100"),
        ('office:value-type="float" office:value="50"', "<text:p>50%</text:p>", "50%"),
        ('office:value-type="currency" office:value="30000"', "<text:p>£30,000.00</text:p>", "30000"),
        ('office:value-type="date" office:date-value="2024-07-13T09:30:00"', "", "2024-07-13T09:30:00"),
        ('office:value-type="time" office:time-value="PT09H30M00S"', "<text:p>09:30</text:p>", "09:30:00"),
        ('office:value-type="time" office:time-value="PT37H30M00.5S"', "<text:p>37:30</text:p>", "37:30:00.500"),
        ('office:value-type="time" office:time-value="-P1DT1H"', "<text:p>-25:00</text:p>", "-25:00:00"),
    ],
)
def test_a_cell_of_an_opendocument_spreadsheet_reads_as_a_person_sees_it(
    attributes: str, inside: str, seen: str
) -> None:
    assert ods_cell(f"<table:table-cell {attributes}>{inside}</table:table-cell>") == seen


@pytest.mark.parametrize(
    "attributes",
    [
        'office:value-type="float" office:value="NaN"',
        'office:value-type="float"',
        'office:value-type="percentage" office:value="half"',
        'office:value-type="date" office:date-value="13 July"',
        'office:value-type="time" office:time-value="09:30"',
        'office:value-type="boolean" office:boolean-value="maybe"',
    ],
)
def test_a_damaged_cell_of_an_opendocument_spreadsheet_is_refused_by_its_address(attributes: str) -> None:
    problem = refusal_of(ods_of((FIGURE_18, ods_row("x", f"<table:table-cell {attributes}/>"))), "file.ods")
    assert problem.message == "The workbook is damaged: this cell does not hold what it says it holds."
    assert problem.where == "sheet 'Figure 18', cell B1"


@pytest.mark.parametrize(
    "row",
    [
        '<table:table-row table:number-rows-repeated="0"/>',
        '<table:table-row table:number-rows-repeated="many"/>',
        ods_row('<table:table-cell table:number-columns-repeated="-1"/>'),
        ods_row('<table:table-cell><text:p><text:s text:c="99999999999"/></text:p></table:table-cell>'),
    ],
)
def test_repetitions_that_cannot_be_are_refused(row: str) -> None:
    assert "damaged" in refusal_of(ods_of((FIGURE_18, row + ods_row("x"))), "file.ods").message


def test_repeated_and_merged_cells_and_rows_keep_their_places() -> None:
    sheet = ods_of(
        (
            FIGURE_18,
            '<table:table-row table:number-rows-repeated="2"/>'
            + ods_row('<table:table-cell table:number-columns-repeated="1500"/>', "far")
            + '<table:table-header-rows><table:table-row table:number-rows-repeated="2">'
            '<table:table-cell office:value-type="string" table:number-columns-repeated="2"><text:p>x</text:p>'
            "</table:table-cell></table:table-row></table:table-header-rows>"
            + ods_row("a", "<table:covered-table-cell/>", "b")
            + '<table:table-row table:number-rows-repeated="1048000"><table:table-cell '
            'table:style-name="ce1" table:number-columns-repeated="16384"/></table:table-row>',
        )
    )
    rows = rows_of(sheet, "file.ods")
    assert rows == ((), (), (*[""] * 1500, "far"), ("x", "x"), ("x", "x"), ("a", "", "b"))


def test_the_hidden_copy_of_a_linked_file_is_not_a_sheet() -> None:
    linked = ods_of(("'file:///home/jane/other.ods'#$Sheet1", ods_row("x")), (FIGURE_18, ods_row("y")))
    style = b'<table:table table:style-name="ta_extref" '
    linked = with_member(linked, "content.xml", lambda xml: xml.replace(b"<table:table ", style, 1))
    assert [sheet.name for sheet in open_bytes(linked, "file.ods")] == [FIGURE_18]
