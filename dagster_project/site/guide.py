"""The guide to opening a release, as a page of the site.

Belongs here: turning its Markdown into markup that leads nowhere outside. Does not: what the guide says
(docs/opening-a-release.md).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from dagster_project.home import PROJECT_ROOT

GUIDE = PROJECT_ROOT / "docs" / "opening-a-release.md"


def opening_guide() -> tuple[Markup, list[tuple[str, str]]]:
    """The guide without its title, and the places in it: the id of each heading, and its words."""
    return as_page(GUIDE.read_text(encoding="utf-8"))


def as_page(text: str) -> tuple[Markup, list[tuple[str, str]]]:
    """Markdown as markup for a page of the site, and its headings.

    The first heading is left out, since the page has its own. A link within the guide stays; of any other the words
    stay and, where it leads out of the project, the address in brackets.
    """
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(text)[3:]
    places = []
    for position, token in enumerate(tokens):
        following = tokens[position + 1] if position + 1 < len(tokens) else None
        if token.type == "heading_open" and following:
            place = re.sub(r"[^a-z0-9]+", "-", following.content.lower()).strip("-")
            token.attrSet("id", place)
            if token.tag == "h2":
                places.append((place, re.sub(r"[`*]", "", following.content)))
        if token.children:
            token.children = _without_ways_out(token.children)
    made = reader.renderer.render(tokens, reader.options, {})
    return Markup(_for_every_reader(made)), places


def _without_ways_out(tokens: Sequence[Token]) -> list[Token]:
    kept: list[Token] = []
    leads_to: list[str] = []
    for token in tokens:
        if token.type == "link_open":
            leads_to.append(str(token.attrGet("href")))
        if token.type not in ("link_open", "link_close") or leads_to[-1].startswith("#"):
            kept.append(token)
        if token.type == "link_close" and (address := leads_to.pop()).startswith("http"):
            kept.append(Token("text", "", 0, content=f" ({address})"))
    return kept


def _for_every_reader(markup: str) -> str:
    """Boxes that scroll can be reached with the keyboard, and a table stays one where its rows become blocks."""
    numbers = itertools.count(1)
    markup = re.sub("<pre>", lambda _: f'<pre tabindex="0" role="region" aria-label="Example {next(numbers)}">', markup)
    markup = markup.replace("<table>", '<table role="table">').replace("<tr>", '<tr role="row">')
    markup = markup.replace("<thead>", '<thead role="rowgroup">').replace("<tbody>", '<tbody role="rowgroup">')
    return markup.replace("<th>", '<th scope="col" role="columnheader">').replace("<td>", '<td role="cell">')
