"""Archives that do not depend on the clock.

Belongs here: the order, times and compression of what is in an archive. Does not: what is in it.
"""

from __future__ import annotations

import io
import zipfile

BEGINNING_OF_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
# OpenDocument asks that this part is first and not compressed, so that a file tells what it is.
_NEVER_COMPRESSED = "mimetype"


def timed(archive: bytes, moment: tuple[int, int, int, int, int, int] = BEGINNING_OF_ZIP_TIME) -> bytes:
    """The same archive with every part dated to one moment, so that the same parts make the same bytes."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(written, "w") as target:
        for name in source.namelist():
            compression = zipfile.ZIP_STORED if name == _NEVER_COMPRESSED else zipfile.ZIP_DEFLATED
            part = zipfile.ZipInfo(name, moment)
            # The system that writes leaves its mark otherwise.
            part.create_system = 0
            target.writestr(part, source.read(name), compression)
    return written.getvalue()
