"""What all pages for people share: one look, one set of signs, and a template engine that lets no stranger's text be
more than text.

Belongs here: the engine, the style that pages begin with, and the signs. Does not: the words or layout of one page.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.present import safe_text

if TYPE_CHECKING:
    import jinja2


def environment(templates: Path) -> jinja2.Environment:
    """Templates of a folder, beside the shared ones. A name that a template uses and nobody gave is an error."""
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader([templates, Path(__file__).parent]),
        autoescape=True,
        finalize=_shown,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _shown(value: Any) -> Any:
    """Texts that strangers typed keep no character that hides or turns others around; markup of ours stays as it is."""
    return safe_text(value) if isinstance(value, str) and not hasattr(value, "__html__") else value
