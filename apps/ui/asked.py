"""What an address asks for, made safe to search with."""

from django.http import HttpRequest

LONGEST = 100


def clean(text: str, longest: int = LONGEST) -> str:
    """`text` without what surrounds it, without NUL, which PostgreSQL refuses, and at most `longest` characters."""
    return text.replace("\0", "").strip()[:longest]


def text_of(request: HttpRequest, name: str = "q") -> str:
    """The text of that name in the address."""
    return clean(request.GET.get(name, ""))
