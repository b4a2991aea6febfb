"""Names that come from OVH, as parts of an address."""


class NameConverter:
    """A name as one segment, whatever is in it: a slash would be two, and a page that links to it would fail."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        """The name as OVH has it."""
        return value.replace("%2F", "/")

    def to_url(self, value: object) -> str:
        """The name without a slash."""
        return str(value).replace("/", "%2F")
