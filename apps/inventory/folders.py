"""Folders of a hosting as OVH writes them."""


def plain(path: str) -> str:
    """The one name of a folder that OVH writes as `www`, `./www` and `/www/`; empty for the home itself."""
    text = path.removeprefix("./").strip("/")
    return "" if text == "." else text


def sent(path: str) -> str:
    """A folder as OVH takes it: `./www`; `/` for the home itself."""
    text = plain(path)
    return f"./{text}" if text else "/"
