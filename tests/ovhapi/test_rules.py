"""The rights a key is asked for, and what one lacks."""

import pytest

from apps.ovhapi.rules import NEEDED, PANEL, missing_rules


def test_a_key_made_for_the_panel_lacks_nothing():
    assert missing_rules(PANEL) == []


def test_a_key_for_everything_lacks_nothing():
    assert missing_rules([{"method": method, "path": "/*"} for method in ("GET", "POST", "PUT", "DELETE")]) == []


def test_a_key_that_only_reads_lacks_every_change():
    lacks = missing_rules([{"method": "GET", "path": "/*"}])

    assert {rule["method"] for rule in lacks} == {"POST", "PUT", "DELETE"}


def test_a_star_does_not_cover_its_root():
    lacks = missing_rules([{"method": "GET", "path": "/hosting/web/*"}])

    assert {"method": "GET", "path": "/hosting/web"} in lacks
    assert {"method": "GET", "path": "/hosting/web/*"} not in lacks


@pytest.mark.parametrize(
    "path", ["/hosting/web/x/terminate", "/hosting/web/x/changeContact", "/hosting/web/x/confirmTermination"]
)
def test_the_panel_never_asks_to_end_or_give_away_a_service(path):
    granted = [rule for rule in PANEL if rule["method"] == "POST"]

    assert missing_rules(granted, wanted=[{"method": "POST", "path": path}])


def test_a_rule_of_another_shape_is_no_rule():
    assert missing_rules([{}, {"method": None, "path": 3}]) == list(NEEDED)
