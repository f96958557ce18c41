"""Draw one applicant's plan as a picture that stands alone: `lianban policy picture`."""

from html import escape

from lianban.catalogue.planning import Kind, Plan
from lianban.web.components import metro
from lianban.web.components.metro import Map, Milestone, Station

_STYLE = """
text { font-family: system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
.wave { fill: #4d5d66; font-size: 13px; } .name { fill: #17262e; font-size: 15px; font-weight: 600; }
.meta { fill: #4d5d66; font-size: 13px; } .hub { fill: #fff; stroke: #1f5d6c; stroke-width: 2.5; }
.hub-text { fill: #1f5d6c; font-size: 14px; font-weight: 600; text-anchor: middle; }
path { fill: none; stroke: #1f5d6c; stroke-width: 6; stroke-linecap: round; }
circle { fill: #1f5d6c; stroke: #fff; stroke-width: 3; }
.number { fill: #fff; font-size: 14px; font-weight: 600; text-anchor: middle; }
"""


def of_plan(plan: Plan) -> str:
    """The SVG text of a plan: what waits for what, in how many steps."""
    short = {department.code: department.short_name for department in plan.edition.departments}
    stations = [
        Station(
            number=d.item.number,
            code=d.item.code,
            short_name=d.item.short_name,
            wave=plan.waves[d.item.code],
            requires=plan.item_requires(d.item.code),
            milestones=plan.milestone_requires(d.item.code),
            status="ready",
            status_word=short[d.department],
        )
        for d in plan.of(Kind.OPEN, Kind.EXTERNAL)
    ]
    milestones = [
        Milestone(code=m.code, name=m.name, after_items=plan.item_requires(m.code))
        for m in plan.edition.milestones
    ]
    return _svg(metro.lay_out(stations=stations, milestones=milestones), plan.edition.name)


def _svg(drawn: Map, title: str) -> str:
    width, height = drawn.width, drawn.height
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        f'<rect width="{width}" height="{height}" fill="#fbfaf7"/>',
    ]
    parts += [
        f'<text class="wave" x="{h.x}" y="16">{escape(h.text)} {escape(h.note)}</text>'
        for h in drawn.headings
    ]
    parts += [f'<path d="{edge.path}"/>' for edge in drawn.edges]
    for hub in drawn.hubs:
        parts.append(
            f'<rect class="hub" x="{hub.x - 18}" y="{hub.top}" width="36" height="{hub.height}" rx="18"/>'
        )
        parts += [
            f'<text class="hub-text" x="{hub.x}" y="{y}">{letter}</text>'
            for letter, y in hub.letters
        ]
    for placed in drawn.stations:
        parts.append(f'<circle cx="{placed.x}" cy="{placed.y}" r="15"/>')
        parts.append(
            f'<text class="number" x="{placed.x}" y="{placed.y + 5}">{placed.station.number}</text>'
        )
        parts.append(
            f'<text class="name" x="{placed.text_x}" y="{placed.name_y}">{escape(placed.name)}</text>'
        )
        parts.append(
            f'<text class="meta" x="{placed.text_x}" y="{placed.meta_y}">{escape(placed.meta)}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])
