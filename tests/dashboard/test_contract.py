"""`manage.py ovh_contract`: what has changed in OVH's API."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from apps.dashboard import contract
from apps.ovhapi.rules import PANEL, Rule, missing_rules
from tests.contract import FOLDER

PATH = "/hosting/web/{name}/database/{db}/dump"
DATES = {"type": "string", "enum": ["daily.1", "now", "weekly.1"]}


def document(**changes):
    """A document that has just the one call, as the panel makes it; `changes` are made to it."""
    body = {"type": "object", "properties": {"date": {"$ref": "#/components/schemas/Date"}, "sendEmail": {}}}
    operation = {"requestBody": {"content": {"application/json": {"schema": {**body, "required": ["date"]}}}}}
    return {"components": {"schemas": {"Date": DATES}}, "paths": {PATH: {"post": operation, "get": {}}}} | changes


def said(given, tmp_path, about="POST /hosting/web/{serviceName}/database/{name}/dump "):
    """What the command says of one call."""
    file = tmp_path / "hosting.json"
    file.write_text(json.dumps(given))
    out = io.StringIO()
    with pytest.raises(CommandError):  # the other calls are not in these documents
        call_command("ovh_contract", file=[file], stdout=out)
    return [line for line in out.getvalue().splitlines() if about in line]


def test_what_is_as_the_panel_takes_it_is_not_mentioned(tmp_path):
    assert said(document(), tmp_path) == []


def test_a_call_that_is_gone_breaks(tmp_path):
    lines = said(document(paths={PATH: {"get": {}}}), tmp_path)

    assert [line.endswith("is no longer there") for line in lines] == [True]
    assert lines[0].startswith("!!")


def test_a_new_required_field_breaks(tmp_path):
    given = document()
    schema = given["paths"][PATH]["post"]["requestBody"]["content"]["application/json"]["schema"]
    schema["properties"]["reason"] = {}
    schema["required"].append("reason")

    assert "now requires `reason`" in said(given, tmp_path)[0]


def test_a_value_that_is_gone_breaks(tmp_path):
    given = document(components={"schemas": {"Date": {"enum": ["now"]}}})

    assert "`date` no longer takes daily.1, weekly.1" in said(given, tmp_path)[0]


def test_a_field_that_is_gone_breaks(tmp_path):
    given = document()
    del given["paths"][PATH]["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"]["sendEmail"]

    assert "does not take `sendEmail` any more" in said(given, tmp_path)[0]


def test_a_deprecation_is_said_and_does_not_break(tmp_path):
    given = document()
    given["paths"][PATH]["post"]["deprecated"] = True

    (line,) = said(given, tmp_path)
    assert line.endswith("is deprecated")
    assert not line.startswith("!!")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"paths": 7}', "<html>"])
def test_what_is_no_document_is_refused_with_a_sentence(text, tmp_path):
    file = tmp_path / "hosting.json"
    file.write_text(text)

    with pytest.raises(CommandError, match=r"cannot be read|not an OpenAPI document"):
        call_command("ovh_contract", file=[file])


def test_only_an_encrypted_address_is_asked():
    with pytest.raises(CommandError, match="not an https"):
        call_command("ovh_contract", url=["http://eu.api.ovh.com/x.json"])


@pytest.mark.parametrize("name", ["webhosting", "domain", "me", "auth"])
def test_ovhs_own_documents_have_every_call_of_the_panel(name):
    file = FOLDER / f"{name}.json"
    if not file.is_file():
        pytest.skip(f"OVH's documents are not at {FOLDER}; HOSTPANEL_CONTRACT can name their folder")

    call_command("ovh_contract", file=[file], stdout=io.StringIO())


def test_a_key_with_the_panels_rights_may_make_every_call_of_the_panel():
    unsigned = ("/auth/", "/hosting/web/moduleList", "/hosting/web/offerCapabilities")
    wanted = [
        Rule(method=call.method, path=contract.plain(call.path).replace("{}", "x"))
        for call in contract.calls()
        if not call.path.startswith(unsigned)
    ]

    assert missing_rules(PANEL, wanted=wanted) == []
