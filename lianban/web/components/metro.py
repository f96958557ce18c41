"""The metro map of a joint case: what goes in, what comes out, and the one way to draw it.

Pure: no Django, no clock. `lay_out` takes the items as they stand **after contraction and
transitive reduction** and returns a `Map` that `components/metro.html` turns into inline SVG and
into the list that is its text alternative.
"""

from collections.abc import Sequence

from lianban.web.components import metro_layout, metro_list, metro_svg
from lianban.web.components.metro_network import Milestone, Station, reduced
from lianban.web.components.metro_svg import Map

__all__ = ["APPLICANT_WIDTH", "OFFICER_WIDTH", "Map", "Milestone", "Station", "lay_out"]

APPLICANT_WIDTH = 1002
OFFICER_WIDTH = 1190


def lay_out(
    *, stations: Sequence[Station], milestones: Sequence[Milestone] = (), width: int = OFFICER_WIDTH
) -> Map:
    """Lay the map out in `width` units (`APPLICANT_WIDTH` or `OFFICER_WIDTH`); it may grow wider.

    Lines never cross for a plan whose items form chains, forks and merges. A prerequisite that is
    not on the map, or that another one implies, is ignored. An empty `stations` gives an empty map.
    """
    lanes = metro_layout.assign(reduced(stations), milestones)
    return metro_svg.draw(lanes, width=width, waves=metro_list.waves(lanes))
