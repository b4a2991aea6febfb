"""Pages of long lists."""

from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator

PER_PAGE = 50
# Nobody turns two hundred pages; counting a million rows for each page takes longer than showing it.
MOST = 10_000


def paginate(number: str | None, rows: Any, per_page: int = PER_PAGE) -> "Page[Any]":
    """Page `number` of `rows`; the nearest one when the address asks for rubbish."""
    return Paginator(rows, per_page).get_page(number)


def paginate_history(number: str | None, rows: Any) -> "Page[Any]":
    """The same for rows that only ever become more: those past the first `MOST` are neither counted nor paged to."""
    return _History(rows, PER_PAGE).get_page(number)


class _History(Paginator):  # type: ignore[type-arg]  # not generic where it runs
    """`count` ends at `MOST`; `is_cut` tells whether there are more."""

    @cached_property
    def _reached(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: MOST + 1].count())

    @cached_property
    def count(self) -> int:
        """How many rows can be paged through."""
        return min(self._reached, MOST)

    @property
    def is_cut(self) -> bool:
        """Whether there are more than that: filters lead to them."""
        return self._reached > MOST
