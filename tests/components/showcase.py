"""Pages made of nothing but components, for the browser: an applicant's, an officer's, a form."""

from dataclasses import replace
from types import SimpleNamespace

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from lianban.web.components import access
from lianban.web.components.metro import APPLICANT_WIDTH, OFFICER_WIDTH, Map, lay_out
from lianban.web.components.parts import Crumb
from tests.components import test_render
from tests.components.networks import PLAN_2022, PLAN_2024, contracted, network

CASE = """{% extends "components/page.html" %}{% load lb %}{% block title %}我的办件{% endblock %}
{% block main_class %} lb-stack{% endblock %}
{% block nav %}{% nav_item "首页" "/start/" %}{% nav_item "我的办件" "/case/" %}{% nav_item "消息" "/m/" count=1 count_words="条未读" %}{% endblock %}
{% block main %}<header class="lb-casehead"><h1 class="govuk-heading-l">我的办件</h1>{% progress codes expected=at %}</header>
{% turn "补交本人银行卡账户，才能发一次性经济补助" kicker="现在只有这一件要您办" text="请在 10月26日（周一）前交" %}<a class="govuk-button lb-button--accent" href="/x/">现在补交</a>{% endturn %}
{% metro map %}{% card "最近进展" id="recent" %}{% timeline entries %}{% endcard %}
{% card "我的信息" %}{% summary rows %}<button type="button" class="govuk-button" data-print hidden>打印</button>{% endcard %}
{% live "panel" title="到目前要办 3 件" %}{% figures figure_list %}{% endlive %}{% endblock %}"""
DESK = """{% extends "components/desk.html" %}{% load lb %}{% block title %}联办件{% endblock %}{% block face %}牵头部门{% endblock %}
{% block nav %}{% nav_item "联办件" "/desk/" count=38 count_words="件要办" %}{% nav_item "档案" "/d/" %}{% endblock %}
{% block main %}{% crumbs places %}<h1 class="govuk-heading-m">方知行 {% joint_case_status "in_handling" %}</h1>
{% masked "110***********002X" href="/large-print/" %}{% metro map note="点一站，看谁在办" %}
{% card "材料" flush=True %}<table class="govuk-table lb-rows"><thead class="govuk-table__head"><tr><th class="govuk-table__header" scope="col">材料</th><th class="govuk-table__header" scope="col">用了</th></tr></thead><tbody><tr class="is-late"><td class="govuk-table__cell">{% grade "a" "读卡器" %} 身份证 {% sub_case_status "accepted" overdue=True %}</td><td class="govuk-table__cell" data-label="用了">{% meter 17 15 state="late" %}<span class="lb-late">17/15</span></td></tr></tbody></table>{% pager next="k" note="共 120 件" %}{% endcard %}
{% card "待办" %}{% empty "没有待办" text="都办完了" href="/x/" action="看已办" %}{% endcard %}
{% paper "一次性告知单" number="告〔2026〕18 号" %}<p>周启航：还缺两份材料。</p>{% endpaper %}{% endblock %}"""
FORM = """{% extends "components/page.html" %}{% load lb %}{% block title %}联系和送达{% endblock %}
{% block main %}<div class="lb-split lb-split--left"><div>{% steps step_list title="联办登记表" %}</div><div class="lb-form">{% error_summary form %}
<h1 class="govuk-heading-l">联系和送达</h1><form method="post" action="/form/" novalidate data-autosave="/save/{{ fail }}">{% csrf_token %}
{% field form.name width="m" source="来自身份核验" source_href="/x/" %}{% field form.mobile width="m" %}{% field form.left_on %}{% field form.way columns=2 %}{% field form.level %}{% field form.remark %}{% field form.promise %}{% field form.scan %}
<div class="govuk-button-group"><button class="govuk-button">保存，下一步</button><span class="lb-saved" data-autosave-status role="status"></span></div></form></div></div>{% endblock %}"""

CHANGES = {
    1: ("done", "", "9月15日 办结"), 2: ("done", "", "10月12日 办结"), 3: ("done", "", "9月30日 办结"),
    4: ("progress", "已按指纹，正在制证", "预计10月29日"), 5: ("waiting", "等 12", "预计11月13日"),
    6: ("waiting", "等 13", "预计11月18日"), 7: ("progress", "团委在办", "预计10月23日"),
    8: ("needs-you", "请在10月26日前补银行卡账户", ""), 9: ("done", "核准通知书可以下载", "10月14日 办结"),
    10: ("suspended", "省厅审查中，第 9 天，不计时", ""), 11: ("waiting", "等 5、6", "预计12月9日"),
    12: ("progress", "人社在办", "预计10月23日"), 13: ("external", "等单位登记", ""),
    14: ("suspended", "等部队回函核对驾驶证，这段不计天数", ""), 15: ("blocked", "12 不予办理", ""),
}  # fmt: skip


def picture(plan: dict, width: int) -> Map:
    """The whole plan with something in every status."""
    changes = {
        f"s{n}": {"status": s, "remark": r, "date_text": d, "overdue": n == 4}
        for n, (s, r, d) in CHANGES.items()
    }
    stations, milestones = network(contracted(plan, ()), **changes)
    reached = [replace(m, reached=m.code == "reception", date_text="9月29日") for m in milestones]
    return lay_out(stations=stations, milestones=reached, width=width)


def _page(request: HttpRequest, source: str, **more: object) -> HttpResponse:
    context = test_render.values() | {"places": [Crumb("联办件", "/x/"), Crumb("LB-1")]} | more
    return HttpResponse(engines["django"].from_string(source).render(context, request))


@access.public
def case(request: HttpRequest) -> HttpResponse:
    """An applicant's case."""
    return _page(request, CASE, map=picture(PLAN_2022, APPLICANT_WIDTH))


@access.public
def desk(request: HttpRequest) -> HttpResponse:
    """An officer's case."""
    request.user = SimpleNamespace(  # type: ignore[assignment]
        is_authenticated=True, name="郑岩", office=SimpleNamespace(name="退役军人事务局")
    )
    return _page(request, DESK, map=picture(PLAN_2024, OFFICER_WIDTH))


@access.public
def form(request: HttpRequest) -> HttpResponse:
    """A form with every kind of field and an error in most of them."""
    return _page(request, FORM, fail=request.GET.get("fail", ""))


@access.public
def save(request: HttpRequest, code: int = 204) -> HttpResponse:
    """Autosave: answers as asked."""
    return HttpResponse(status=code)


urlpatterns = [
    path("case/", case),
    path("desk/", desk),
    path("form/", form),
    path("save/", save),
    path("save/<int:code>", save),
    path("", include("lianban.web.components.urls")),
]
