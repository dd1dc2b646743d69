"""Contrast of at least 5:1, computed from the style sheets' own tokens."""

import re

import pytest

from reports import assets

LEAST = 5.0
INKS = ("ink", "muted", "accent", "critical", "high", "medium", "low", "passed", "not-assessed")


def tokens(sheet: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", assets.style(sheet)))


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("sheet", ["base", "screen"])
@pytest.mark.parametrize("ground", ["paper", "ground"])
@pytest.mark.parametrize("ink", INKS)
def test_every_ink_stands_out_from_every_ground(sheet, ground, ink):
    colours = tokens(sheet)
    assert contrast(colours[ink], colours[ground]) >= LEAST


def test_light_and_dark_have_the_same_tokens():
    assert tokens("base").keys() == tokens("screen").keys()


def test_colours_stand_in_tokens_only_and_on_paper():
    for sheet in ("base", "screen"):
        rules = re.sub(r"--[a-z-]+: #[0-9a-f]{6};", "", assets.style(sheet))
        assert not re.findall(r"#[0-9a-f]{3,6}\b", rules)
    assert set(re.findall(r"#[0-9a-f]{6}", assets.style("paper"))) == {tokens("base")["muted"]}
