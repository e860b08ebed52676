"""What a cell of the return workbook accepts, and what it says to the person in it.

Belongs here: drop-downs, limits, and the messages of input and refusal, for Excel and LibreOffice alike. Does not:
which cells there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import WINDOWS_EPOCH
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from dagster_project.sources.return_layout import Question, ReturnColumn

NUMBER_KINDS = frozenset({"count", "fte", "money"})
# Words the warehouse tells apart in a number cell (seeds/reference/value_words.csv), as the guidance offers them.
NUMBER_WORDS = ("none", "n/a", "cannot quantify")
FIRST_YEAR, LAST_YEAR = 2000, 2100
# What Excel takes. A longer text makes it drop the validation and report the file as damaged.
LONGEST_TITLE, LONGEST_PROMPT, LONGEST_ERROR = 32, 255, 225

Asked = ReturnColumn | Question


def label_of(asked: Asked) -> str:
    """The heading of a column, or the question."""
    return asked.heading if isinstance(asked, ReturnColumn) else asked.question


def list_of(asked: Asked) -> str:
    """The name of the list an answer is chosen from; '' where it is not chosen."""
    return "council" if asked.kind == "council" else asked.choices


class Lists:
    """The lists behind the drop-downs: one column for each on a sheet that nobody needs to see."""

    def __init__(self, sheet_name: str, lists: Mapping[str, Sequence[str]]) -> None:
        self._sheet_name = sheet_name
        self._lists = lists

    def reference(self, name: str) -> str:
        """Where a list stands, as a formula of a validation. Raises ValueError for a list that is not there."""
        letter = get_column_letter(list(self._lists).index(name) + 1)
        return f"{self._sheet_name}!${letter}$2:${letter}${len(self._lists[name]) + 1}"

    def write(self, sheet: Worksheet) -> None:
        for column, (name, wordings) in enumerate(self._lists.items(), start=1):
            for row, wording in enumerate((name, *wordings), start=1):
                sheet.cell(row, column, wording)


def validation(asked: Asked, help_text: str, cells: str, lists: Lists) -> DataValidation:
    """The validation of the cells (one range, such as L5:L64) in which a column or question is answered."""
    rule = _rule(asked, cells.partition(":")[0], lists)
    rule.sqref = cells
    label = label_of(asked)
    rule.promptTitle = label if len(label) <= LONGEST_TITLE else "What to put"
    rule.prompt = message(asked, help_text)
    rule.showInputMessage = True
    rule.showErrorMessage = rule.type is not None
    rule.allowBlank = True
    return rule


def message(asked: Asked, help_text: str) -> str:
    """What to put: the help of the layout, and what follows from the kind of answer."""
    sentences = [help_text]
    if list_of(asked):
        sentences.append("Choose from the list.")
    if asked.kind in NUMBER_KINDS:
        sentences.append("Where there is no number: none, cannot quantify or n/a.")
    if asked.is_required:
        sentences.append("Always needed.")
    return " ".join(sentence for sentence in sentences if sentence)


def _rule(asked: Asked, first_cell: str, lists: Lists) -> DataValidation:
    if list_of(asked):
        return DataValidation(
            type="list",
            formula1=lists.reference(list_of(asked)),
            errorStyle=_sternness(asked),
            errorTitle="Not in the list",
            error=_refusal_of_choice(asked),
        )
    if asked.kind in NUMBER_KINDS:
        whole = asked.kind == "count"
        return DataValidation(
            type="custom",
            formula1=_number_or_word(first_cell, whole),
            errorStyle="stop",
            errorTitle="Not a number",
            error=f"Put a {'whole ' if whole else ''}number of 0 or more, or one of these: {', '.join(NUMBER_WORDS)}. "
            "Anything else belongs under Note.",
        )
    if asked.kind == "date":
        return DataValidation(
            type="date",
            operator="between",
            formula1=_serial(date(FIRST_YEAR, 1, 1)),
            formula2=_serial(date(LAST_YEAR, 12, 31)),
            errorStyle=_sternness(asked),
            errorTitle="Not a date",
            error="Put one day, with the day before the month, such as 31/03/2026.",
        )
    if asked.kind == "year":
        return DataValidation(
            type="whole",
            operator="between",
            formula1=str(FIRST_YEAR),
            formula2=str(LAST_YEAR),
            errorStyle=_sternness(asked),
            errorTitle="Not a year",
            error="Put one year of four digits, such as 2028.",
        )
    return DataValidation()


def _sternness(asked: Asked) -> Literal["stop", "warning"]:
    return "stop" if asked.is_required else "warning"


def _refusal_of_choice(asked: Asked) -> str:
    if asked.is_required:
        what_to_do = "Choose one of the answers in the list. It decides where the numbers belong."
    else:
        what_to_do = "This answer may not be understood. Choose one in the list, or keep yours and say more under Note."
    return f"{what_to_do} Alt and the down arrow open the list."


def _serial(day: date) -> str:
    """A day as the number that both programs keep it as."""
    return str((day - WINDOWS_EPOCH.date()).days)


def _number_or_word(cell: str, whole: bool) -> str:
    # IF and not AND: both programs work out every part of an AND, and INT of a word is an error.
    number = f"AND({cell}>=0,{cell}=INT({cell}))" if whole else f"{cell}>=0"
    word = ",".join(f'TRIM({cell})="{word}"' for word in NUMBER_WORDS)
    return f"IF(ISNUMBER({cell}),{number},OR({word}))"
