"""The parts templates are made of: fields, meters, strips, tracks, pages."""

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from apps.ui import samples
from apps.ui.htmx import wants_fragment
from apps.ui.pagination import paginate
from apps.ui.passwords import PasswordField
from apps.ui.templatetags import ui


def drawn(source, **context):
    return Template("{% load ui %}" + source).render(Context(context))


class Form(forms.Form):
    user = forms.CharField(help_text="Letters only.", widget=forms.TextInput(attrs={"data-prefix": "marea-"}))
    kind = forms.ChoiceField(choices=[("a", "One"), ("b", "Two")], widget=forms.RadioSelect)
    password = PasswordField()


def test_a_field_is_tied_to_its_help_and_its_error():
    page = drawn("{% field form.user %}", form=Form({"user": ""}))

    assert 'aria-describedby="id_user-help id_user-error"' in page
    assert 'aria-invalid="true"' in page
    assert 'id="id_user-help"' in page
    assert 'id="id_user-error"' in page


def test_a_fixed_prefix_stands_before_the_field():
    assert '<span class="mono">marea-</span>' in drawn("{% field form.user %}", form=Form())


def test_choices_stand_in_a_group_with_a_legend():
    page = drawn("{% field form.kind %}", form=Form())

    assert "<legend>Kind</legend>" in page
    assert page.count('type="radio"') == 2


def test_a_password_is_not_given_back_after_an_error():
    page = drawn("{% field form.password %}", form=Form({"password": "tooshort"}))

    assert "tooshort" not in page
    assert "data-password-make" in page


@pytest.mark.parametrize(("used", "tone"), [(100, ""), (160, "warn"), (190, "bad"), (260, "bad")])
def test_a_meter_warns_from_eighty_and_alarms_from_ninety_five_percent(used, tone):
    assert ui.meter(used, 200)["tone"] == tone


def test_a_meter_is_never_drawn_beyond_its_end():
    assert ui.meter(260, 200)["width"] == "100.0"


def test_a_meter_without_a_size_says_only_what_is_used():
    page = drawn("{% meter 76 size %}", size=None)

    assert "76 MB" in page
    assert "<svg" not in page


def test_a_strip_is_told_in_words_too():
    days = [samples.Day("ok", "1 November: backed up")] * 28 + [samples.Day("missing", "29 November: missed")] * 2

    page = drawn("{% strip days %}", days=days)

    assert 'role="img" aria-label="28 of the last 30 days backed up, 2 missed"' in page
    assert page.count("<rect") == page.count("<title>") == 30


@pytest.mark.parametrize(("number", "reach"), [(0, 3), (1, 1), (2, 4), (3, 3)])
def test_a_track_reaches_as_far_as_the_operation(number, reach):
    steps = samples.context()["cards"][number].steps

    page = drawn("{% track steps 'x' %}", steps=steps)

    assert f'id="track-x" class="track at-{reach}"' in page
    assert page.count('aria-current="step"') == 1


@pytest.mark.parametrize(("asked", "number"), [(None, 1), ("2", 2), ("rubbish", 1), ("-4", 3), ("999", 3)])
def test_a_page_that_is_not_there_is_the_nearest(asked, number):
    assert paginate(asked, range(120)).number == number


@pytest.mark.parametrize(
    ("headers", "is_wanted"),
    [
        ({}, False),
        ({"HX-Request": "true"}, True),
        ({"HX-Request": "true", "HX-Boosted": "true"}, False),
        ({"HX-Request": "true", "HX-History-Restore-Request": "true"}, False),
    ],
)
def test_a_part_is_sent_only_to_htmx_itself(headers, is_wanted):
    request = RequestFactory().get("/", headers=headers)
    setattr(request, "htmx", HtmxDetails(request))  # noqa: B010  # as the middleware does; its type does not know it

    assert wants_fragment(request) is is_wanted
