"""How the exported workbooks look, the same in every format.

Belongs here: font, sizes and colours. Does not: how a format writes them. Contrast is high, text is never italic, and
nothing is told by colour alone.
"""

from __future__ import annotations

FONT = "Arial"
SIZE, HEADING_SIZE, TITLE_SIZE = 12, 14, 16
DARK, LINES, LINK = "1F3864", "7F8796", "0B3D91"
# The cover is read, not looked things up in, so its one column is as wide as a page.
COVER_WIDTH = 100.0
CREATOR = "AHP workforce warehouse"
KEYWORDS = "allied health professions, workforce, adult social care, councils"
LANGUAGE, COUNTRY = "en", "GB"
DATE_FORMAT = "d mmmm yyyy"
