"""Whole objects of a list, in as few calls as OVH allows."""

import pytest

from apps.ovhapi import lists
from apps.ovhapi.client import Client, Credentials, path_of
from apps.ovhapi.errors import NotNow
from tests.ovhapi.scripted import answer

NO = answer(404, {"message": "The requested object does not exist", "class": "Client::NotFound"})


@pytest.fixture(autouse=True)
def batches_untried():
    lists._no_batch_until.clear()


def test_whole_objects_come_page_by_page(ovh):
    account = ovh.control("POST", "accounts", services=1, databases_each=0)
    names = ("application_key", "application_secret", "consumer_key")
    client = Client(Credentials(endpoint="sandbox", **{name: account[name] for name in names}))
    path = path_of("/hosting/web/{s}/attachedDomain", s=account["services"][0])

    rows = client.objects(path)

    assert {row["domain"] for row in rows} == set(client.get(path))
    assert len([call for call in ovh.control("GET", "calls") if call["path"] == path]) == 2


def test_pages_are_asked_for_until_all_is_there(client, scripted):
    rows = [{"id": number} for number in range(250)]
    scripted.will(*(answer(200, rows[at : at + 100], X_Pagination_Elements="250") for at in (0, 100, 200)))

    assert client.objects("/list") == rows
    assert [seen.headers["x-pagination-number"] for seen in scripted.seen] == ["1", "2", "3"]


def test_a_list_that_breaks_off_half_way_is_no_list(client, scripted):
    scripted.will(answer(200, [{"id": 1}], X_Pagination_Elements="2"), answer(200, [], X_Pagination_Elements="2"))

    with pytest.raises(NotNow):
        client.objects("/list")


def test_a_list_that_changes_while_it_is_read_is_no_list(client, scripted):
    scripted.will(
        answer(200, [{"id": 1}], X_Pagination_Elements="2"), answer(200, [{"id": 3}], X_Pagination_Elements="3")
    )

    with pytest.raises(NotNow):
        client.objects("/list")


def test_where_ids_come_each_is_read_and_the_gone_left_out(client, scripted):
    gone = answer(404, {"message": "This service does not exist", "class": "Client::NotFound"})
    expired = answer(460, {"message": "expired", "class": "Client::ServiceExpired"})
    scripted.will(answer(200, [1, "a/b", 3, 4]), NO, answer(200, {"id": 1}), gone, expired, answer(200, {"id": 4}))

    assert client.objects("/list") == [{"id": 1}, {"id": 4}]
    targets = [seen.target for seen in scripted.seen if "x-ovh-batch" not in seen.headers]
    assert targets == ["/1.0/list", *(f"/1.0/list/{x}" for x in (1, "a%2Fb", 3, 4))]


def test_where_the_paging_header_is_refused_the_plain_list_is_read(client, scripted):
    scripted.will(answer(400, {"message": "unknown header"}), answer(200, [7]), answer(200, {"id": 7}))

    assert client.objects("/list") == [{"id": 7}]
    assert "x-pagination-mode" not in scripted.seen[1].headers


def wrapped(*ids):
    return answer(200, [{"key": each, "value": {"id": each}, "error": None} for each in ids])


def test_where_ids_come_they_are_read_by_batches(client, scripted):
    ids = list(range(70))
    scripted.will(answer(200, ids), wrapped(*ids[:50]), wrapped(*ids[50:]))

    assert client.objects("/list") == [{"id": each} for each in ids]
    assert len(scripted.seen) == 3
    assert scripted.seen[1].target == "/1.0/list/" + ",".join(map(str, ids[:50]))


def test_what_a_batch_does_not_answer_is_read_by_itself(client, scripted):
    rows = [{"key": 1, "value": {"id": 1}}, {"key": 2, "value": None, "error": {"message": "x"}}, "rubbish"]
    scripted.will(answer(200, [1, 2, 3]), answer(200, rows), NO, answer(200, {"id": 3}))

    assert client.objects("/list") == [{"id": 1}, {"id": 3}]


@pytest.mark.parametrize("no", [NO, answer(500, {"message": "Internal"}), answer(200, [])])
def test_an_ovh_that_takes_no_batches_is_asked_once(client, scripted, no):
    singles = [answer(200, {"id": each}) for each in (1, 2, 3)]
    scripted.will(answer(200, [1, 2, 3]), no, *singles, answer(200, [1, 2, 3]), *singles)

    assert client.objects("/list") == client.objects("/list")
    assert len([seen for seen in scripted.seen if "x-ovh-batch" in seen.headers]) == 1


def test_a_name_with_the_separator_in_it_is_read_by_itself(client, scripted):
    scripted.will(answer(200, ["a", "b", "c,d"]), wrapped("a", "b"), answer(200, {"id": "c,d"}))

    assert [row["id"] for row in client.objects("/list")] == ["a", "b", "c,d"]
    assert scripted.seen[2].target == "/1.0/list/c%2Cd"


def test_full_pages_without_a_total_go_on_until_one_is_empty(client, scripted):
    page = [{"id": each} for each in range(100)]
    scripted.will(answer(200, page), answer(200, []))

    assert client.objects("/list") == page


def test_the_sandboxs_ids_are_read_one_by_one(ovh):
    ovh.control("POST", "settings", expansion=False)
    path = path_of("/hosting/web/{s}/database", s=ovh.service)

    rows = Client(ovh.credentials).objects(path)

    assert {row["name"] for row in rows} == set(Client(ovh.credentials).get(path))
