"""A city's people come in from a table: all of it, or nothing and the reasons."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lianban.accounts import services, staff_table
from lianban.accounts.models import District, Office, RoleGrant, User
from lianban.clock import now
from lianban.ops import main

pytestmark = pytest.mark.django_db

Sheets = dict[str, list[list[object]]]


@pytest.fixture(autouse=True)
def quick_hashing(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def city() -> Sheets:
    return {
        "区划": [
            ["代码", "名称", "级别", "上级代码", "方案版本"],
            [990102, "乙区", "区县", 990100, "retirement-2022"],
            [990100.0, "甲市", "市"],
        ],
        "办事机构": [
            ["区划代码", "部门", "单位", "电话", "地址", "综合窗口"],
            [990102, "退役军人事务部门", "乙区退役军人事务局", "0000-0000001", "", True],
            ["990102", "public_security", "乙区公安分局"],
        ],
        "人员": [
            ["用户名", "姓名", "单位区划代码", "所在单位"],
            ["Lin", "林某", 990102, "乙区退役军人事务局"],
            ["zhou", "周某", 990102, "乙区公安分局"],
        ],
        "角色": [
            ["用户名", "角色"],
            ["lin", "综合窗口人员"],
            ["lin", "administrator"],
            ["zhou", "部门经办人"],
        ],
        "说明": [["随便写"]],
    }


def written(path: Path, sheets: Sheets) -> Path:
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for at, row in enumerate(rows):
                page.write_row(at, 0, row)
    return path


def brought_in(*arguments: object) -> int:
    return main.main(["people", "import", *map(str, arguments)])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path / "city.xlsx", city())


def counts(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_city_comes_in_and_its_officers_sign_in_with_their_start_passwords(
    file: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "passwords.csv"
    assert brought_in(file, "--passwords", kept) == 0
    assert kept.stat().st_mode & 0o777 == 0o600
    rows = dict(csv.reader(kept.read_text("utf-8-sig").splitlines()))
    user = services.sign_in_officer(
        username="lin", password=rows["lin"], address="192.0.2.1", at=now()
    )
    assert user.must_set_password and user.name == "林某"
    assert user.office is not None and user.office.department == "veterans_affairs"
    assert user.office.is_counter and user.office.district.policy_edition == "retirement-2022"
    assert District.objects.get(code="990102").parent_id == "990100"
    assert RoleGrant.objects.filter(user=user).count() == 2


def test_importing_again_changes_nothing(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert brought_in(file, "--json") == 0
    first = counts(capsys)
    assert first["officers"] == {"added": 2, "changed": 0, "unchanged": 0}
    assert set(first["start_passwords"]) == {"lin", "zhou"}
    assert brought_in(file, "--json") == 0
    second = counts(capsys)
    assert second["start_passwords"] == {}
    for sheet in ("districts", "offices", "officers", "roles"):
        assert second[sheet]["added"] == second[sheet]["changed"] == 0, sheet


def test_a_changed_table_moves_people_and_ends_their_sessions(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    brought_in(file)
    capsys.readouterr()
    changed = city()
    changed["人员"][2][3] = "乙区退役军人事务局"
    changed["角色"][3][1] = "退役军人事务部门经办人"
    changed["办事机构"][2] = ["990102", "公安部门", "乙区公安分局", "0000-0000009"]
    assert brought_in(written(tmp_path / "b.xlsx", changed), "--json") == 0
    found = counts(capsys)
    assert found["officers"]["changed"] == found["roles"]["changed"] == 1
    assert found["offices"]["changed"] == 1
    zhou = User.objects.get(username="zhou")
    assert zhou.auth_version == 3
    assert [grant.role for grant in zhou.role_grants.all()] == ["bureau_officer"]


def test_a_dry_run_writes_nothing(file: Path) -> None:
    assert brought_in(file, "--dry-run") == 0
    assert not District.objects.exists() and not User.objects.exists()


def test_a_folder_of_csv_files_is_taken_in_either_encoding(tmp_path: Path) -> None:
    for n, (name, encoding) in enumerate(
        zip(city(), ("utf-8-sig", "gb18030", "utf-8", "gb18030"), strict=False)
    ):
        rows = [["" if cell is True else cell for cell in row] for row in city()[name]]
        with (tmp_path / f"sheet{n}.csv").open("w", encoding=encoding, newline="") as out:
            csv.writer(out).writerows(rows)
    assert brought_in(tmp_path) == 1, "990100.0 is no code in a CSV"
    text = (tmp_path / "sheet0.csv").read_text("utf-8-sig").replace("990100.0", "990100")
    (tmp_path / "sheet0.csv").write_text(text, "utf-8")
    assert brought_in(tmp_path) == 0
    assert User.objects.count() == 2


@pytest.mark.parametrize(
    ("sheet", "row", "column", "value", "complaint"),
    [
        ("区划", 1, 0, "99010", "区划 第 2 行“代码”：区划代码是 6 位或 12 位数字"),
        ("区划", 1, 2, "省", "区划 第 2 行“级别”：写“市”或“区县”，不能写“省”"),
        ("区划", 1, 3, "990199", "第 2 行“上级代码”：找不到上级市“990199”"),
        ("区划", 1, 4, "retirement-1999", "没有方案 retirement-1999，现有：retirement-2022"),
        ("区划", 2, 0, 990102, "区划 第 3 行“代码”：和第 2 行重复"),
        ("办事机构", 1, 0, "990199", "办事机构 第 2 行“区划代码”：“区划”里没有 990199"),
        ("办事机构", 1, 1, "海军", "方案里没有部门“海军”，可以写：退役军人事务部门"),
        ("办事机构", 1, 5, "也许", "办事机构 第 2 行“综合窗口”：写“是”或“否”"),
        ("办事机构", 1, 2, "长" * 81, "“单位”：最多 80 个字，现在是 81 个"),
        ("人员", 1, 0, "", "人员 第 2 行“用户名”：请填写"),
        ("人员", 1, 0, "林 某", "用户名要 2 到 60 位"),
        ("人员", 1, 1, "林\u0085某", "有看不见的控制字符"),
        ("人员", 1, 3, "没有这家", "区划 990102 里没有单位“没有这家”"),
        ("人员", 2, 0, "lin", "人员 第 3 行“用户名”：和第 2 行重复"),
        ("角色", 3, 0, "nobody", "角色 第 4 行“用户名”：“人员”里没有 nobody"),
        ("角色", 3, 0, "lin", "人员 第 3 行“用户名”：这个人还没有角色"),
        ("角色", 1, 1, "皇帝", "没有角色“皇帝”，可以写：综合窗口人员"),
        ("角色", 0, 1, "职务", "角色 第 1 行“职务”：没有这一列，这张表的列是：用户名、角色"),
        ("角色", 0, 1, "", "角色 第 1 行“角色”：少了这一列"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_nothing_is_written(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    sheet: str,
    row: int,
    column: int,
    value: object,
    complaint: str,
) -> None:
    sheets = city()
    cells = sheets[sheet][row]
    cells.extend([""] * (column + 1 - len(cells)))
    cells[column] = value
    assert brought_in(written(tmp_path / "city.xlsx", sheets)) == 1
    told = capsys.readouterr().err
    assert complaint in told and "什么都没有写入" in told
    assert not District.objects.exists() and not User.objects.exists()


def test_all_mistakes_are_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheets = city()
    sheets["区划"][1][2] = "省"
    sheets["人员"][1][3] = "没有这家"
    assert brought_in(written(tmp_path / "city.xlsx", sheets), "--json") == 1
    complaints = counts(capsys)["complaints"]
    assert {(one["sheet"], one["row"]) for one in complaints} >= {("区划", 2), ("人员", 2)}


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.xlsx", b"no table", "不是完好的 XLSX"),
        ("a.csv", b"\xff\xfe\x00\xff", "编码不认识"),
        ("a.csv", '"没有结束'.encode(), "不是完好的 CSV"),
        ("a.csv", "甲,乙\n1,2\n".encode(), "不认识这张表，请命名为：区划"),
        ("none.csv", None, "打不开这个文件"),
    ],
)
def test_a_file_that_is_no_table_is_told_and_no_more(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: bytes | None,
    complaint: str,
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert brought_in(tmp_path / name) == 1
    assert complaint in capsys.readouterr().err


@given(st.binary(max_size=300), st.sampled_from([".csv", ".xlsx"]))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_file_whatever_brings_the_reader_down(
    tmp_path: Path, content: bytes, suffix: str
) -> None:
    path = tmp_path / f"any{suffix}"
    path.write_bytes(content)
    staff_table.read(path)


def test_start_passwords_never_replace_a_file(file: Path, tmp_path: Path) -> None:
    (tmp_path / "kept.csv").write_text("kept")
    assert brought_in(file, "--passwords", tmp_path / "kept.csv") == 2
    assert not User.objects.exists()


def test_the_template_is_a_table_that_the_import_understands(tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    assert main.main(["people", "template", str(path)]) == 0
    assert main.main(["people", "template", str(path)]) == 2, "never writes over a file"
    assert brought_in(path) == 0
    assert Office.objects.get().name == "某某市退役军人事务局"
