"""Pages of long lists."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

PER_PAGE = 50


def paginate(request: HttpRequest, rows: Any, per_page: int = PER_PAGE) -> "Page[Any]":
    """The page of `rows` the address asks for; the nearest one when it asks for rubbish."""
    return Paginator(rows, per_page).get_page(request.GET.get("page"))
