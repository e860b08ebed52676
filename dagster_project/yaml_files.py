"""Reading the project's own YAML: cards, layouts, profiles.

Belongs here: the one way they are read. Does not: what they mean.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

# The same parser in C takes a tenth of the time; not every system has it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Any:
    """Raises FileNotFoundError, and yaml.YAMLError for a file that is no YAML."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
