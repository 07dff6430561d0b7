"""The page of a run: well-formed, complete, and nothing to load."""

import re
import xml.etree.ElementTree as ElementTree

import pytest

import bench_reports
import bench_suite  # noqa: F401 - makes the next imports possible
import page
import plot
from plot import Axis, Series


@pytest.fixture(scope="module")
def text() -> str:
    return page.render(bench_reports.report())


@pytest.fixture(scope="module")
def tree(text: str) -> ElementTree.Element:
    doctype, _, rest = text.partition("\n")
    assert doctype == "<!DOCTYPE html>"
    return ElementTree.fromstring(rest)


def words(element: ElementTree.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def test_page_loads_nothing(text: str, tree: ElementTree.Element) -> None:
    assert not {"script", "link", "img", "iframe", "image", "use"} & {element.tag for element in tree.iter()}
    assert not re.search(r"https?:|@import|url\(|src=", text)


def test_page_is_light_and_dark_and_fits_a_telephone(text: str, tree: ElementTree.Element) -> None:
    assert "prefers-color-scheme: dark" in text
    (viewport,) = tree.findall("head/meta[@name='viewport']")
    assert viewport.get("content") == "width=device-width, initial-scale=1"


def test_everything_measured_is_on_it(tree: ElementTree.Element) -> None:
    cells = [words(cell) for cell in tree.iter("td")]
    for expected in ("sum <of> many", "peer & co", "2.08x (1.90..2.30)", "better", "hung", "1.5x: yes"):
        assert expected in cells
    assert "sums: hung hung: no result within 1 s" in words(tree)
    assert "elsewhere: not installed (pip install elsewhere)" in words(tree)
    assert "CPU: a <fast> one" in words(tree)
    assert "3 figures of windlass beside one of a peer: 2 better, 1 no clear difference" in words(tree)


def test_bars_show_throughput_in_proportion(tree: ElementTree.Element) -> None:
    (plotted,) = (p for p in tree.iter("div") if p.get("class") == "plot" and "tasks a second" in words(p))
    assert words(plotted) == "sum <of> many: tasks a second, more is betterwindlass100 Mpeer & co48.2 M"
    widths = [bar.get("style") for bar in plotted.iter("div") if (bar.get("class") or "").startswith("bar ")]
    assert widths == ["width:100.00%", "width:48.19%"]


def test_curves_and_histograms_are_drawn(tree: ElementTree.Element) -> None:
    titles = [words(title) for title in tree.iter("h4")]
    assert {"growth of sums", "lateness of sums"} <= set(titles)
    assert len(list(tree.iter("polyline"))) == 2, "a line for each contender that has figures"
    assert len(list(tree.iter("circle"))) == 4, "neither zero nor what was not measured"
    assert len(list(tree.iter("polygon"))) == 2


def test_interrupted_run_without_a_single_round_has_a_page() -> None:
    report = bench_reports.report()
    report.interrupted = True
    report.outcomes[0].standings = {name: type(s)() for name, s in report.outcomes[0].standings.items()}
    tree = ElementTree.fromstring(page.render(report).partition("\n")[2])
    assert "interrupted: not everything was measured" in words(tree)
    assert not list(tree.iter("svg"))


def test_logarithmic_axis_holds_its_values_and_marks_powers_of_ten() -> None:
    axis = Axis.log([3.0, 2_000_000.0], 0, 100)
    assert (axis.low, axis.high) == (1, 1e7)
    assert axis.at(1) == 0
    assert axis.at(1e7) == pytest.approx(100)
    assert set(axis.ticks()) <= {10.0**power for power in range(8)}
    assert len(axis.ticks()) >= 3


@pytest.mark.parametrize("values", [[5.0], [5.0, 5.0], [0.9, 1.2], [40.0, 60.0], [9.0, 250.0], [1e-6, 1e9]])
def test_every_axis_has_room_and_some_marks(values: list[float]) -> None:
    axis = Axis.log(values, 0, 100)
    assert all(0 <= axis.at(value) <= 100 for value in values)
    assert 1 <= len(axis.ticks()) <= 12
    assert all(-0.01 <= axis.at(tick) <= 100.01 for tick in axis.ticks())


def test_histogram_goes_down_to_the_ground_where_nothing_was_counted() -> None:
    drawn = plot.histograms([Series("a", 0, [(1.0, 4.0), (2.0, 2.0), (8.0, 4.0)])], "us", 2.0)
    points = re.search(r'polygon points="([^"]*)"', drawn)[1].split()  # type: ignore[index]
    heights = [float(point.split(",")[1]) for point in points]
    ground, top, middle = max(heights), min(heights), (max(heights) + min(heights)) / 2
    assert heights == [ground, top, top, middle, middle, ground, ground, top, top, ground]


def test_every_line_has_a_look_of_its_own() -> None:
    looks = [plot.look(number) for number in range(2 * plot.PEERS + 1)]
    assert looks[0] == "series-0"
    assert len(set(looks)) == len(looks)


def test_plot_of_nothing_is_nothing() -> None:
    assert plot.lines([Series("a", 0, [(0.0, 1.0), (1.0, 0.0)])], "x", "y") == ""
    assert plot.histograms([Series("a", 0, [])], "x", 2.0) == ""
