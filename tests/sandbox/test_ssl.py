"""Certificates of hostings and of single domains."""

import pytest
from ovh.exceptions import BadParametersError, ResourceConflictError, ResourceNotFoundError

from apps.sandbox import worlds

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"
KEY = "-----BEGIN PRIVATE KEY-----\nverysecret\n-----END PRIVATE KEY-----"
OWN = {"certificate": CERTIFICATE, "chain": CERTIFICATE, "key": KEY}
DOMAIN = "/attachedDomain/studio-galet.fr/ssl"


def test_a_free_certificate_shows_its_task_and_then_covers_the_domains(bare):
    asked = bare.post("/ssl")
    assert (asked["provider"], asked["type"], asked["status"]) == ("LETSENCRYPT", "DV", "creating")
    assert bare.get(f"/tasks/{asked['taskId']}")["function"] == "hostedssl/create"
    assert bare.get("/ssl/domains") == []

    bare.finish()

    found = bare.get("/ssl")
    assert (found["status"], found["taskId"], found["regenerable"]) == ("created", None, True)
    assert bare.get("/ssl/domains") == ["studio-galet.fr", "www.studio-galet.fr"]
    assert bare.get()["hasHostedSsl"]


def test_a_cancelled_certificate_never_was(bare):
    bare.post("/ssl")

    bare.finish("cancelled")

    with pytest.raises(ResourceNotFoundError):
        bare.get("/ssl")


def test_a_certificate_of_ones_own_is_imported_and_its_key_kept_as_a_hash(bare):
    asked = bare.post("/ssl", **OWN)
    assert (asked["provider"], asked["type"], asked["status"]) == ("CUSTOM", "CUSTOM", "importing")
    assert bare.get(f"/tasks/{asked['taskId']}")["function"] == "hostedssl/import"

    bare.finish()

    assert not bare.get("/ssl")["regenerable"]
    assert "verysecret" not in bare.simulated.running.world.to_json()
    assert "key" not in bare.simulated.effects("POST")[0]["values"]


@pytest.mark.parametrize(
    "body",
    [
        *({name: OWN[name] for name in OWN if name != left_out} for left_out in OWN),
        OWN | {"certificate": KEY},
        OWN | {"key": CERTIFICATE},
        OWN | {"chain": ""},
        {"colour": "red"},
    ],
)
def test_an_import_that_is_not_whole_is_refused(bare, body):
    with pytest.raises(BadParametersError, match=r"^\["):
        bare.post("/ssl", **body)

    with pytest.raises(ResourceNotFoundError):
        bare.get("/ssl")


def test_a_second_certificate_is_a_conflict(hosting):
    with pytest.raises(ResourceConflictError):
        hosting.post("/ssl")


def test_no_free_certificate_while_no_domain_points_here(bare):
    bare.truth["elsewhere"] = list(bare.truth["domains"])

    for path in ("/ssl", DOMAIN):
        with pytest.raises(BadParametersError, match="no attached domain with ssl enabled resolves to this hosting"):
            bare.post(path)


def test_a_regenerated_certificate_covers_what_points_here_by_then(hosting):
    hosting.truth["elsewhere"] = ["www.atelier-maree.fr"]

    assert hosting.post("/ssl/regenerate")["status"] == "regenerating"
    hosting.finish()

    assert hosting.get("/ssl")["status"] == "created"
    assert hosting.get("/ssl/domains") == ["atelier-maree.fr"]


def test_two_tasks_on_one_certificate_do_not_run_at_once(hosting):
    hosting.post("/ssl/regenerate")

    with pytest.raises(ResourceConflictError):
        hosting.delete("/ssl")


def test_five_regenerations_a_week_are_the_most(hosting):
    for _ in range(5):
        hosting.post("/ssl/regenerate")
        hosting.finish()

    with pytest.raises(BadParametersError, match="Too many"):
        hosting.post("/ssl/regenerate")
    hosting.truth["regenerations"] = [moment - 8 * 86400 for moment in hosting.truth["regenerations"]]
    assert hosting.post("/ssl/regenerate")


def test_a_certificate_of_ones_own_is_not_regenerated(bare):
    bare.post("/ssl", **OWN)
    bare.finish()

    with pytest.raises(BadParametersError, match="regenerated"):
        bare.post("/ssl/regenerate")


def test_a_deleted_certificate_is_gone(hosting):
    assert hosting.delete("/ssl")["status"] == "deleting"

    hosting.finish()

    for path in ("/ssl", "/ssl/domains", "/ssl/report"):
        with pytest.raises(ResourceNotFoundError):
            hosting.get(path)


def test_a_domain_has_a_certificate_of_its_own(bare):
    asked = bare.post(DOMAIN)
    assert (asked["provider"], asked["status"]) == ("LETSENCRYPT", "creating")
    with pytest.raises(ResourceConflictError):
        bare.post(DOMAIN)
    bare.finish()

    assert bare.get(DOMAIN)["status"] == "created"
    assert bare.put(DOMAIN, regenerate=False)["status"] == "created"
    assert bare.put(DOMAIN, regenerate=True)["status"] == "regenerating"
    bare.finish()
    assert bare.post(f"{DOMAIN}/regenerate")["status"] == "regenerating"
    bare.finish()
    assert bare.delete(DOMAIN)["status"] == "deleting"
    bare.finish()
    with pytest.raises(ResourceNotFoundError):
        bare.get(DOMAIN)


def test_the_certificate_of_a_domain_goes_with_it(bare):
    bare.post(DOMAIN)
    bare.finish()

    bare.delete("/attachedDomain/studio-galet.fr")
    bare.finish()

    assert bare.truth["certificates"] == {}


def test_a_domain_that_is_not_attached_has_no_certificate(bare):
    with pytest.raises(ResourceNotFoundError):
        bare.post("/attachedDomain/nobody.example.com/ssl")


def test_there_is_a_report_for_sectigo_alone(hosting):
    with pytest.raises(ResourceNotFoundError):
        hosting.get("/ssl/report")

    hosting.truth["certificates"][""]["provider"] = "SECTIGO"

    assert hosting.get("/ssl")["isReportable"]
    assert hosting.get("/ssl/report")["domainControlValidationStatus"] == "in-progress"


def test_the_demo_has_certificates_of_every_kind_and_hostings_without():
    services = worlds.make("demo").services.values()

    providers = [each["certificates"].get("", {"provider": ""})["provider"] for each in services]
    assert [providers.count(each) for each in ("", "CUSTOM", "SECTIGO")] == [2, 1, 1]
