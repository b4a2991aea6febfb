"""Compile the translations without gettext's programs: `python -m hostpanel.messages`."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).resolve().parent.parent / "locale"


def compile_all(folder: Path = LOCALE) -> int:
    """Write each `.mo` that is older than its `.po`; returns how many there are."""
    catalogs = sorted(folder.glob("**/LC_MESSAGES/*.po"))
    for po in catalogs:
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
            continue
        with po.open("rb") as read, mo.open("wb") as written:
            write_mo(written, read_po(read))
    return len(catalogs)


if __name__ == "__main__":
    compile_all()
