"""Widths of text, and what is left out of it where there is no room."""

import pytest

from reports.pictures.measure import cut, number, shortened, width


def test_widths_are_those_of_the_face():
    assert width("") == 0
    assert width("ii") < width("mm")
    assert width("checkout") < width("checkout", semibold=True)
    assert width("支") == pytest.approx(7.5), "a character that the face lacks is as wide as it is high"


def test_the_middle_of_a_name_is_left_out():
    name = "team-payments-checkout-production-eu-1"
    short = shortened(name, 80)
    assert width(short) <= 80
    first, _, last = short.partition("…")
    assert name.startswith(first)
    assert name.endswith(last)
    assert len(first) - len(last) in {0, 1}
    assert shortened(name, 500) == name


def test_the_end_of_a_list_is_left_out():
    ports = "TCP 80, 443, 8080; UDP 53"
    short = cut(ports, 50)
    assert width(short) <= 50
    assert short.endswith("…")
    assert ports.startswith(short[:-1])
    assert cut(ports, 500) == ports
    assert cut(ports, 0) == "…"


@pytest.mark.parametrize(("value", "text"), [(12.0, "12"), (12.5, "12.5"), (0.126, "0.13"), (100.0, "100")])
def test_numbers_are_short(value, text):
    assert number(value) == text
