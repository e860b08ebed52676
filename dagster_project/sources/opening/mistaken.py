"""Files that are not what their names say, told apart so that the person who sent one knows what to do.

Belongs here: recognising kinds of files by their names and first bytes. Does not: opening them.
"""

from __future__ import annotations

import codecs

from dagster_project.sources.problems import FileRefused, refused

OLD_OFFICE = b"\xd0\xcf\x11\xe0"
ZIPPED = b"PK\x03\x04"
_FIRST_BYTES = {
    b"%PDF": "a PDF",
    ZIPPED: "a zipped file such as a workbook",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"<!DOCTYPE": "a web page",
    b"<html": "a web page",
    b"<table": "a web page",
    b"MIME-Version": "a saved web page or e-mail",
    b"<?xml": "an XML file",
    b"{\\rtf": "a text document (.rtf)",
    b"\x1f\x8b": "a compressed file",
    b"7z\xbc\xaf": "a compressed file",
    b"Rar!": "a compressed file",
}
# The names of the streams in an old Office file, as they are written in it.
_OLD_OFFICE_STREAMS = {
    "WordDocument": "an old Word document",
    "PowerPoint Document": "an old PowerPoint presentation",
    "__substg1.0_": "an e-mail saved from Outlook",
    "Workbook": "an old Excel workbook (.xls)",
    "Book": "an old Excel workbook (.xls)",
}
_MEMBERS_OF_A_ZIP = {
    "xl/workbook.xml": "an Excel workbook (.xlsx)",
    "xl/workbook.bin": "an Excel binary workbook (.xlsb)",
    "content.xml": "an OpenDocument file such as .ods",
    "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a PowerPoint presentation",
    "index/document.iwa": "an Apple Numbers spreadsheet",
    "index.zip": "an Apple Numbers spreadsheet",
}
SAVE_AS_A_WORKBOOK = (
    "Open it in Excel or LibreOffice, choose 'Save As' and then 'Excel Workbook (.xlsx)' or OpenDocument (.ods), and "
    "send that file."
)
_SEND_THE_SPREADSHEET = "Send the spreadsheet itself, saved as .xlsx, .ods or .csv with the ending that fits."
_SEND_WHAT_IS_IN_IT = "Take the spreadsheets out of it and send each one as a file of its own."
_GIVE_IT_THE_ENDING_CSV = "If it holds a table in rows, give it the ending .csv; otherwise save it as .xlsx or .ods."
_KINDS_NOT_READ = {
    ".xlsb": ("an Excel binary workbook", SAVE_AS_A_WORKBOOK),
    ".xltx": ("an Excel template", SAVE_AS_A_WORKBOOK),
    ".xltm": ("an Excel template", SAVE_AS_A_WORKBOOK),
    ".xlt": ("an Excel template", SAVE_AS_A_WORKBOOK),
    ".ots": ("an OpenDocument template", SAVE_AS_A_WORKBOOK),
    ".fods": ("an OpenDocument spreadsheet in a single text", SAVE_AS_A_WORKBOOK),
    ".numbers": ("an Apple Numbers spreadsheet", "In Numbers choose 'Export To' and 'Excel', and send that file."),
    ".gsheet": (
        "a link to a Google spreadsheet",
        "In Google Sheets choose 'Download' and 'Microsoft Excel (.xlsx)', and send that file.",
    ),
    ".lnk": ("a shortcut", "Send the file that the shortcut leads to."),
    ".url": ("a shortcut", "Send the file that the shortcut leads to."),
    ".pdf": ("a PDF", _SEND_THE_SPREADSHEET),
    ".doc": ("a Word document", _SEND_THE_SPREADSHEET),
    ".docx": ("a Word document", _SEND_THE_SPREADSHEET),
    ".html": ("a web page", _SEND_THE_SPREADSHEET),
    ".htm": ("a web page", _SEND_THE_SPREADSHEET),
    ".txt": ("a text file", _GIVE_IT_THE_ENDING_CSV),
    ".tsv": ("a text file", _GIVE_IT_THE_ENDING_CSV),
    ".tab": ("a text file", _GIVE_IT_THE_ENDING_CSV),
    ".zip": ("a zipped folder", _SEND_WHAT_IS_IN_IT),
    ".7z": ("a compressed folder", _SEND_WHAT_IS_IN_IT),
    ".rar": ("a compressed folder", _SEND_WHAT_IS_IN_IT),
    ".msg": ("an e-mail", _SEND_WHAT_IS_IN_IT),
    ".eml": ("an e-mail", _SEND_WHAT_IS_IN_IT),
}


def kind_not_read(kind: str) -> FileRefused:
    """Why a file with this ending ('.docx', or '' for none) is not opened."""
    if not kind:
        return refused(
            "The file's name has no ending, so it is not known what kind of file it is.",
            "Save it as an Excel workbook (.xlsx), an OpenDocument spreadsheet (.ods) or a CSV file (.csv).",
        )
    name, what_to_do = _KINDS_NOT_READ.get(kind, ("", _SEND_THE_SPREADSHEET))
    return refused(f"The file is of kind '{kind}'{f' ({name})' if name else ''}, which is not read here.", what_to_do)


def must_not_be_another_kind(content: bytes, claimed: str, *, may_be: bytes = b"") -> None:
    """Raises FileRefused when the first bytes are those of another kind than the one the name claims."""
    if content.startswith(OLD_OFFICE) and may_be != OLD_OFFICE:
        raise _another_kind(claimed, _old_office_kind(content))
    head = content[:512].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    for first_bytes, actual in _FIRST_BYTES.items():
        if first_bytes != may_be and head.startswith(first_bytes.lower()):
            raise _another_kind(claimed, actual)


def must_be_an_old_workbook(content: bytes, claimed: str) -> None:
    """Raises FileRefused when the bytes are not those of an Excel workbook of before 2007."""
    must_not_be_another_kind(content, claimed, may_be=OLD_OFFICE)
    actual = _old_office_kind(content) if content.startswith(OLD_OFFICE) else "something else, such as plain text"
    if actual != _OLD_OFFICE_STREAMS["Workbook"]:
        raise _another_kind(claimed, actual)


def zip_of_another_kind(names: frozenset[str], claimed: str) -> FileRefused:
    """What a zipped file is that lacks what the claimed kind must have, by its members' names in small letters."""
    actual = next((kind for member, kind in _MEMBERS_OF_A_ZIP.items() if member in names), "some other zipped file")
    return _another_kind(claimed, actual)


def is_protected(content: bytes) -> bool:
    """Whether an old Office file only wraps a newer one that a password or a label keeps shut."""
    return content.startswith(OLD_OFFICE) and "EncryptedPackage".encode("utf-16-le") in content


def password_protected() -> FileRefused:
    return refused(
        "The workbook is password-protected, or shut by a sensitivity label, so its cells cannot be read.",
        "Remove the password or the label's protection, save it as .xlsx or .ods, and send it again.",
    )


def _old_office_kind(content: bytes) -> str:
    return next(
        (kind for stream, kind in _OLD_OFFICE_STREAMS.items() if stream.encode("utf-16-le") in content),
        "an old Office file",
    )


def _another_kind(claimed: str, actual: str) -> FileRefused:
    what_to_do = (
        "Give it the ending that fits, or open it in Excel or LibreOffice and save it as .xlsx; then send it again."
        if "(.xls" in actual or ".ods" in actual
        else _SEND_THE_SPREADSHEET
    )
    return refused(f"The file's name says it is {claimed}, but its content is {actual}.", what_to_do)
