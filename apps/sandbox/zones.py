"""`/domain/zone`: the DNS zones of an account, as far as the panel asks for them."""

from apps.sandbox.dns import zone_of
from apps.sandbox.routes import Call, route


@route("GET", "/domain/zone")
def zones(call: Call) -> list[str]:
    """The zones of the account's attached domains, but of those that point elsewhere."""
    mine = [each for each in call.world.services.values() if each["nichandle"] == call.nichandle]
    names = {zone_of(name) for each in mine for name in each["domains"] if name not in each["elsewhere"]}
    foreign = {zone_of(name) for each in mine for name in each["elsewhere"]}
    return sorted(names - foreign)
