"""Pages of long lists."""

from typing import Any

from django.core.paginator import Page, Paginator

PER_PAGE = 50


def paginate(number: str | None, rows: Any, per_page: int = PER_PAGE) -> "Page[Any]":
    """Page `number` of `rows`; the nearest one when the address asks for rubbish."""
    return Paginator(rows, per_page).get_page(number)
