"""Running the notebooks on a home and reading the pages they make."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

import marimo
import pytest

from dagster_project.home import PROJECT_ROOT

NOTEBOOKS = PROJECT_ROOT / "notebooks"


@dataclass(frozen=True)
class Page:
    """What a reader sees. The sections are well-formed XML, so that a tag left open fails the test."""

    sections: list[ElementTree.Element]

    @property
    def text(self) -> str:
        return " ".join(" ".join(text_of(section) for section in self.sections).split())

    def section(self, heading: str) -> ElementTree.Element:
        return next(part for part in self.sections if heading in [text_of(title) for title in part.iter("h2")])

    def lines(self, caption: str) -> list[list[str]]:
        """The cells of each line of a table. A note in a cell follows after a space."""
        found = next(
            table
            for section in self.sections
            for table in section.iter("table")
            if text_of(table.find("caption")).startswith(caption)
        )
        return [[text_of(cell) for cell in line] for line in found.find("tbody") or ()]

    def table(self, caption: str) -> dict[str, list[str]]:
        """The cells of each line after its first, by its first, which no two lines share."""
        lines = self.lines(caption)
        by_first = {first: others for first, *others in lines}
        assert len(by_first) == len(lines)
        return by_first

    def cards(self, heading: str) -> dict[str, str]:
        """The numbers at a glance of a section, by their names."""
        section = self.section(heading)
        names = [text_of(name) for name in section.findall(".//dt")]
        numbers = [text_of(number) for number in section.findall(".//dd[@class='number']")]
        return dict(zip(names, numbers, strict=True))


def text_of(element: ElementTree.Element | None) -> str:
    return "" if element is None else " ".join(" ".join(element.itertext()).split())


def load(notebook: str) -> ModuleType:
    specification = importlib.util.spec_from_file_location(notebook, NOTEBOOKS / f"{notebook}.py")
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def ran(
    notebook: str, home: Path, definitions: dict[str, Any] | None = None
) -> tuple[Sequence[Any], Mapping[str, Any]]:
    """What each cell shows, and what the cells define."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AHP_HOME", str(home))
        return load(notebook).app.run(defs=definitions)


def run(notebook: str, home: Path, definitions: dict[str, Any] | None = None) -> Page:
    outputs, _ = ran(notebook, home, definitions)
    markup = "".join(marimo.as_html(output).text for output in outputs if output is not None)
    sections = re.findall(r'<section class="profile">.*?</section>', markup, flags=re.DOTALL)
    return Page([ElementTree.fromstring(section) for section in sections])
