"""What all pages for people share: one look, one set of signs, and a template engine that lets no stranger's text be
more than text.

Belongs here: the engine, the style that pages begin with, and the signs. Does not: the words or layout of one page.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.home import PROJECT_ROOT
from dagster_project.present import safe_text

if TYPE_CHECKING:
    import jinja2

_INSTALLATION = PROJECT_ROOT / ".venv"


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
        bytecode_cache=_compiled_before(),
    )


def _compiled_before() -> jinja2.BytecodeCache | None:
    """Templates compiled by an earlier process, which takes as long as filling them. A changed one is compiled anew."""
    import jinja2

    kept = _INSTALLATION / ".ahp-pages"
    try:
        kept.mkdir(exist_ok=True)
    except OSError:
        # An installation of another kind, or one that nobody may write to.
        return None
    return jinja2.FileSystemBytecodeCache(str(kept)) if os.access(kept, os.W_OK) else None


def _shown(value: Any) -> Any:
    """Texts that strangers typed keep no character that hides or turns others around; markup of ours stays as it is."""
    return safe_text(value) if isinstance(value, str) and not hasattr(value, "__html__") else value
