"""Every component draws with Django's own engine, without style attributes and inline scripts."""

import re
from datetime import date, datetime

import pytest
from django import forms as django_forms
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory

from lianban.clock import SHANGHAI
from lianban.engine import states
from lianban.web.components import forms, status
from lianban.web.components.metro import lay_out
from lianban.web.components.parts import Crumb, Entry, Figure, Row, Step
from tests.components.networks import PLAN_2024, contracted, network

WHEN = datetime(2026, 10, 19, 9, 20, tzinfo=SHANGHAI)


def draw(source: str, **context) -> str:
    request = context.pop("request", RequestFactory().get("/counter/cases/?state=open"))
    return engines["django"].from_string("{% load lb %}" + source).render(context, request)


class Contact(forms.Form):
    name = forms.NameField(label="姓名")
    mobile = forms.MobileField(label="手机号码", help_text="进度用短信告诉您")
    left_on = forms.ChineseDateField(label="退伍时间")
    way = django_forms.ChoiceField(
        label="户口簿怎么拿",
        choices=[("pick_up", forms.Label("自己领", note="带旧户口簿")), ("courier", "寄给我")],
        widget=django_forms.RadioSelect,
    )
    level = django_forms.ChoiceField(label="文化程度", choices=[("a", "高中"), ("b", "大学")])
    remark = forms.LongTextField(label="还有什么要说", required=False, max_length=200)
    promise = django_forms.BooleanField(label="以上都是真的")
    scan = django_forms.FileField(label="身份证照片", required=False)


COMPONENTS = {
    "icon": "{% icon 'check' %}",
    "status": "{% status 'progress' %}{% status 'denied' '已终止' plain=True %}",
    "sub case": "{% sub_case_status 'accepted' overdue=True %}{% joint_case_status 'submitted' %}",
    "grade": "{% grade 'b' '原件已看' %}",
    "dates": "{{ at|day }}{{ at|short_day }}{{ at|full_day }}{{ at|moment }}{{ 4|workdays }}{{ 3|days }}",
    "crumbs": "{% crumbs places %}",
    "card": "{% card '材料' note='11 份' id='m' %}<p>里面</p>{% endcard %}",
    "turn": "{% turn '补交银行卡' kicker='只有这一件' text='10月26日前' %}<a href='#'>现在补交</a>{% endturn %}",
    "quiet turn": "{% turn '没有要您办的' quiet=True %}{% endturn %}",
    "paper": "{% paper '一次性告知单' number='〔2026〕1 号' %}<p>周启航：</p>{% endpaper %}",
    "confirmation": "{% confirmation '交上去了' %}<p>编号</p>{% endconfirmation %}",
    "live": "{% live 'panel' title='到目前要办 3 件' %}<p>3</p>{% endlive %}",
    "empty": "{% empty '没有待办' text='办完了' href='/' action='看已办' %}",
    "progress": "{% progress codes expected=at %}",
    "steps": "{% steps step_list title='联办登记表' %}",
    "figures": "{% figures figure_list %}",
    "timeline": "{% timeline entries %}",
    "summary": "{% summary rows %}",
    "pager": "{% pager previous='a' next='b' note='共 120 件' %}",
    "masked": "{% masked '110***********002X' href='/reveal/' %}",
    "meter": "{% meter 17 15 state='late' %}",
    "metro": "{% metro picture %}",
    "summary of errors": "{% error_summary form %}",
    "fields": "{% for f in form %}{% field f source='来自身份核验' %}{% endfor %}",
    "messages": "{% messages %}{% htmx_error %}",
    "nav": "{% nav_item '预审' '/counter/' count=4 %}{% nav_item '发证' '/hand-out/' %}",
}


def values() -> dict:
    stations, milestones = network(
        contracted(PLAN_2024, ()), s3={"status": "needs-you", "overdue": True, "remark": "补照片"}
    )
    return {
        "at": WHEN,
        "places": [Crumb("联办件", "/"), Crumb("LB-1")],
        "codes": ["done", "waiting", "progress"],
        "step_list": [
            Step("基本信息", "done", href="#"),
            Step("联系", "here", "有 2 处要改"),
            Step("签名"),
        ],
        "figure_list": [Figure("要跑", "1", "次"), Figure("件数", "11", "件", "刚才这题 +2", "up")],
        "entries": [Entry("请您补", WHEN, "退役军人事务局", "卡号", "you", "#", "去补")],
        "rows": [Row("姓名", "陈思远", "/edit/")],
        "picture": lay_out(stations=stations, milestones=milestones),
        "form": Contact({"mobile": "1380000204", "left_on": "2026-02-30"}),
    }


@pytest.mark.parametrize("source", COMPONENTS.values(), ids=COMPONENTS)
def test_a_component_draws_without_styles_or_scripts_in_the_page(source):
    html = draw(source, **values())
    assert html.strip()
    assert " style=" not in html
    assert "<script" not in html
    assert not re.search(r"\son[a-z]+=", html)


@pytest.mark.parametrize("layout", ["components/page.html", "components/desk.html"])
def test_a_layout_has_one_main_a_skip_link_and_a_way_to_large_print(layout):
    html = render_to_string(layout, {}, RequestFactory().get("/x/?a=1"))
    assert html.count("<main") == 1
    assert 'href="#main"' in html
    assert 'action="/large-print/"' in html
    assert 'value="/x/?a=1"' in html


@pytest.mark.parametrize("code", [400, 403, 404, 500, 503])
def test_an_error_page_says_what_to_do_without_any_request(code):
    html = render_to_string(
        f"errors/{code}.html", {"title": "题", "advice": "请这样做", "status": code}
    )
    assert "请这样做" in html
    assert 'href="/"' in html
    assert "<form" not in html


def test_an_error_stands_beside_its_field_and_in_the_summary():
    html = draw("{% error_summary form %}{% field form.mobile %}", form=values()["form"])
    assert html.count("手机号码应是 11 位，现在是 10 位") == 2
    assert '<a href="#id_mobile">' in html
    assert 'aria-describedby="id_mobile-hint id_mobile-error"' in html
    assert 'value="1380000204"' in html


def test_a_wrong_date_keeps_what_was_typed_and_is_linked_to_the_year():
    html = draw("{% error_summary form %}{% field form.left_on %}", form=values()["form"])
    assert '<a href="#id_left_on_year">没有 2026年2月30日 这一天</a>' in html
    assert 'name="left_on_month"' in html
    assert 'value="02"' in html


def test_every_link_of_the_error_summary_leads_to_an_input():
    form = Contact({})
    html = draw("{% error_summary form %}{% for f in form %}{% field f %}{% endfor %}", form=form)
    links = re.findall(r'<a href="#([^"]+)">', html)
    assert len(links) == 6
    assert all(f'id="{link}"' in html for link in links)


def test_a_choice_is_a_card_with_its_note():
    html = draw("{% field form.way columns=2 %}", form=Contact())
    assert "<small>带旧户口簿</small>" in html
    assert "lb-choices--2" in html
    assert html.count('type="radio"') == 2


def test_what_may_stay_empty_says_so():
    assert "还有什么要说（可以不填）" in draw("{% field form.remark %}", form=Contact())


def test_typed_markup_is_shown_as_text_and_never_as_markup():
    form = Contact({"name": "<script>alert(1)</script>"})
    html = draw("{% field form.name %}{% card title %}{% endcard %}", form=form, title="<b>x</b>")
    assert "<script>" not in html
    assert "<b>x</b>" not in html


def test_a_date_reads_as_people_say_it_and_does_not_break():
    assert draw("{{ d|day }}", d=date(2026, 10, 26)) == (
        '<span class="lb-num">10月26日（周一）</span>'
    )


def test_no_date_gives_nothing():
    assert draw("{{ d|day }}", d=None) == ""


def test_every_engine_state_has_a_word():
    assert {str(s) for s in states.State} <= set(status.SUB_CASE)
    assert {str(s) for s in states.CaseState} <= set(status.JOINT_CASE)
    words = {s.code for s in (*status.SUB_CASE.values(), *status.JOINT_CASE.values())}
    assert words <= set(status.WORDS)


def test_a_denied_sub_case_says_so_in_every_state():
    assert status.of_sub_case("concluded", outcome="denied").word == "不予办理"
    assert status.of_sub_case("concluded", outcome="granted").word == "已办结"


def test_paging_keeps_the_rest_of_the_address():
    html = draw("{% pager next='k 2' %}", request=RequestFactory().get("/x/?state=open&before=z"))
    assert 'href="?state=open&amp;after=k+2"' in html
    assert "前 50 件" not in html


def test_a_masked_number_is_shown_whole_only_by_a_post():
    html = draw("{% masked '110***********002X' href='/reveal/' %}")
    assert 'method="post" action="/reveal/"' in html
    assert "csrfmiddlewaretoken" in html


def test_the_map_names_every_station_for_those_who_hear_it():
    html = draw("{% metro picture %}", **values())
    assert 'aria-label="3 户口登记，待补正，补照片，超期"' in html
    assert "<title>" not in html
    assert html.count("lb-vline__item ") == 15
