"""The contact sheet: every picture on one page, a row for each page of the panel, desks before phones."""

from html import escape
from pathlib import Path

WIDTHS = {"desktop": (1440, 900), "phone": (390, 844)}
STYLE = """
body { margin: 24px; font: 13px/1.4 system-ui; background: #f4f5f7; color: #1c2230; }
section { margin-bottom: 32px; }
h2 { position: sticky; top: 0; margin: 0 0 8px; padding: 6px 0; font-size: 15px; background: #f4f5f7; }
div { display: flex; gap: 14px; align-items: flex-start; overflow-x: auto; }
figure { margin: 0; flex: none; }
img { display: block; max-height: 620px; object-fit: cover; object-position: top; border: 1px solid #d8dbe2; }
.desktop { width: 480px; } .phone { width: 150px; }
"""


def write(folder: Path, made: list[Path]) -> None:
    """`index.html` beside the pictures it shows."""
    rows: dict[str, list[Path]] = {}
    for path in made:
        rows.setdefault(path.stem.partition(f"-{_size(path)}-")[0], []).append(path)
    sections = "".join(
        f"<section><h2>{escape(name)}</h2><div>{''.join(map(_figure, sorted(paths, key=_order)))}</div></section>"
        for name, paths in sorted(rows.items())
    )
    page = f'<!doctype html><meta charset="utf-8"><title>Every page</title><style>{STYLE}</style>{sections}'
    (folder / "index.html").write_text(page, encoding="utf-8")


def _size(path: Path) -> str:
    return next(size for size in WIDTHS if f"-{size}-" in path.stem)


def _order(path: Path) -> tuple[bool, bool, str]:
    return _size(path) == "phone", "-dark-" in path.stem, path.stem


def _figure(path: Path) -> str:
    size = _size(path)
    words = path.stem.partition(f"-{size}-")[2].replace("-", ", ")
    return (
        f'<figure><a href="{path.name}"><img class="{size}" src="{path.name}" alt="" loading="lazy"></a>'
        f"<figcaption>{size}, {words}</figcaption></figure>"
    )
