"""What the page of an operation says was asked for."""

import pytest
from django.utils import translation

from apps.operations import detail
from tests.factories import OperationFactory

pytestmark = [pytest.mark.django_db]


@pytest.mark.parametrize(("language", "words"), [("en", "As it is now"), ("fr", "Telles qu’elles sont maintenant")])
def test_a_choice_is_shown_in_the_words_of_its_form(language, words):
    operation = OperationFactory(action="backups.create", params={"date": "now"})

    with translation.override(language):
        given = {each.name: each.value for each in detail.params_of(operation)}

    assert given["date"] == words


def test_a_value_its_form_no_longer_offers_is_shown_as_it_was():
    operation = OperationFactory(action="backups.create", params={"date": "yesterday"})

    given = {each.name: each.value for each in detail.params_of(operation)}

    assert given["date"] == "yesterday"
