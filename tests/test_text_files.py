"""Text files in every encoding, with every separator, with all that people put above and below a table."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from engine.errors import TableError
from engine.table.files.codepages import best_code_page
from engine.table.files.raw import RawTable
from engine.table.reading import read_raw
from tests.tables import write

ROWS = range(60)
PLAIN = "id,x,name\n" + "".join(f"{i},{i}.5,n{i % 7}\n" for i in ROWS)
BODY = PLAIN.split("\n", 1)[1]
NUMBERS = "".join(f"{i},{i}.5,{i},{i},{i}\n" for i in ROWS)
OTHER = "city,pop,area,mayor\n" + "".join(f"c{i},{i},{i}.5,m\n" for i in range(20))


def read(folder: Path, text: str | bytes, encoding: str = "utf-8") -> RawTable:
    return read_raw(write(folder, text, "table.csv", encoding))


def left_out(raw: RawTable) -> list[tuple[int, str]]:
    return [(line.line, line.why.code.removeprefix("read_")) for line in raw.left_out]


@pytest.mark.parametrize(
    ("encoding", "towns"),
    [
        ("gb18030", "北京 上海 沈阳"),
        ("gb18030", "杭州 是 否"),
        ("big5", "臺北市 高雄市 臺中市"),
        ("shift_jis", "東京 大阪 名古屋"),
        ("shift_jis", "りんご バナナ みかん"),
        ("euc_jp", "東京 りんご はい"),
        ("euc_kr", "서울 부산 대구"),
        ("cp1251", "Москва Казань Тверь"),
        ("koi8_r", "Москва Казань Тверь"),
        ("cp866", "Москва Казань Тверь"),
        ("cp1252", "Köln Zürich 5€"),
        ("cp1252", "São Málaga Ålborg"),
        ("cp1252", "20°C 5½ naïve"),
        ("cp1250", "Łódź Gdańsk Wrocław"),
        ("cp1250", "Plzeň Ústí Budějovice"),
        ("cp1253", "Αθήνα Πάτρα Θεσσαλονίκη"),
        ("cp1254", "İstanbul İzmir Şişli"),
        ("cp1255", "ירושלים חיפה אביב"),
        ("cp1256", "القاهرة الرياض دبي"),
        ("cp874", "กรุงเทพ เชียงใหม่ ภูเก็ต"),
        ("mac_roman", "Köln Größe München"),
    ],
)
def test_a_few_names_are_enough_to_know_their_letters(tmp_path: Path, encoding: str, towns: str) -> None:
    names = towns.split()
    text = "id,x,town\n" + "".join(f"{i},{i},{names[i % 3] if i < 9 else 'Paris'}\n" for i in ROWS)
    raw = read(tmp_path, text, encoding)
    assert raw.frame["town"].tolist()[:3] == names
    assert [message.code for message in raw.done] == ["read_decoded"]
    assert text.encode(encoding).decode(raw.read_as.encoding or "") == text


@pytest.mark.parametrize(
    ("encoding", "cells"),
    [
        ("gb18030", "男 女"),
        ("cp1251", "М Ж"),
        ("cp866", "М Ж"),
        ("koi8_r", "М Ж"),
        ("cp932", "○ ×"),
        ("cp1250", "Győr Érd"),
        ("cp1252", "São Õde"),
        ("cp1252", "É Ö"),
    ],
)
@pytest.mark.parametrize("n", [2, 60])
def test_single_letters_are_enough_to_know_their_letters(tmp_path: Path, encoding: str, cells: str, n: int) -> None:
    two = cells.split()
    text = "id,a,x\n" + "".join(f"{i},{two[i % 2]},{i}\n" for i in range(n))
    assert read(tmp_path, text, encoding).frame["a"].tolist() == [two[i % 2] for i in range(n)]


@pytest.mark.parametrize(
    ("encoding", "cells", "other"), [("cp1250", "Győr Érd", "cp1252"), ("cp1252", "É Ö", "koi8-r")]
)
def test_letters_that_could_be_others_are_told(tmp_path: Path, encoding: str, cells: str, other: str) -> None:
    two = cells.split()
    raw = read(tmp_path, "id,a\n" + "".join(f"{i},{two[i % 2]}\n" for i in range(9)), encoding)
    told = {message.code: message.parameters for message in raw.done}
    assert str(told["read_letters_doubted"]["encoding"]).replace("_", "-") == other


def test_lines_in_another_encoding_do_not_make_the_rest_one(tmp_path: Path) -> None:
    text = "ä;b\n1;ö\n3;ß\n".encode() + "5;ü\n".encode("cp1252")
    assert read_raw(write(tmp_path, text)).frame["b"].tolist() == ["ö", "ß", "ü"]


def test_a_sample_of_other_bytes_has_some_code_page() -> None:
    assert bytes(range(128, 256)).decode(best_code_page(bytes(range(128, 256))))


@pytest.mark.parametrize("end", ["le", "be"])
def test_chinese_in_utf_16_without_a_mark_is_read(tmp_path: Path, end: str) -> None:
    text = "编号,城市,收入\n" + "".join(f"{i},北京朝阳区望京街道,{i}\n" for i in ROWS)
    assert list(read(tmp_path, text, f"utf-16-{end}").names) == ["编号", "城市", "收入"]


@pytest.mark.parametrize(
    "separator",
    [";", "\t", "|", "^", "~", ":", " ", "   ", "||", "::", ",,", "\x01", "\x1f", "，", "；", " , ", ", ", " | "],
)
def test_any_sign_may_separate(tmp_path: Path, separator: str) -> None:
    raw = read(tmp_path, PLAIN.replace(",", separator))
    assert raw.names == ("id", "x", "name")
    assert raw.frame["x"].tolist() == [f"{i}.5" for i in ROWS]
    assert (raw.read_as.separator or "").strip(" ") == separator.strip(" ")
    assert raw.left_out == ()


@pytest.mark.parametrize(
    ("text", "first"),
    [
        (PLAIN.replace(",", ";").replace(".", ","), {"x": "0,5"}),
        (PLAIN.replace(",", " ").replace(".", ","), {"x": "0,5"}),
        ("".join("  ".join(cell.ljust(6) for cell in line.split(",")) + "\n" for line in PLAIN.split()), {"x": "0.5"}),
        ("".join("  ".join(cell.rjust(6) for cell in line.split(",")) + "\n" for line in PLAIN.split()), {"x": "0.5"}),
        (PLAIN.replace(".5", "'234.5"), {"x": "0'234.5"}),
        ("id;x;name\n" + "".join(f"{i};1 234 {i:03d},50;n\n" for i in ROWS), {"x": "1 234 000,50"}),
        ("id,x,name\n" + "".join(f'{i},"(1,2{i:02d})",n\n' for i in ROWS), {"x": "(1,200)"}),
        ("id,x,name\n" + "".join(f"{i},2024-01-01 12:{i:02d}:00,n\n" for i in ROWS), {"x": "2024-01-01 12:00:00"}),
        ("id,x,name\n" + "".join(f'{i},"C:\\dir\\",n\n' for i in ROWS), {"x": "C:\\dir\\"}),
        ("id,x,name\n" + "".join(f'{i},"say \\"hi\\", ok",n\n' for i in ROWS), {"x": 'say "hi", ok'}),
        ("id,x,name\n" + "".join(f'{i},"say ""hi"", ok",n\n' for i in ROWS), {"x": 'say "hi", ok'}),
        ("id,x,name\n" + "".join(f"{i},'a, b',n\n" for i in ROWS), {"x": "a, b"}),
        ("".join('"' + line.replace('"', '""') + '"\n' for line in PLAIN.replace("n1", '"n1"').split()), {"x": "0.5"}),
        ("| id | x | name |\n|---|---|---|\n" + "".join(f"| {i} | {i}.5 | n |\n" for i in ROWS), {"x": "0.5"}),
        (PLAIN.replace("\n", "\r\r\n"), {"x": "0.5"}),
        (PLAIN.replace("\n", "\r\n", 20).replace("n1\r\n", "n1\r"), {"x": "0.5"}),
        (PLAIN.replace("\n", "\n\n"), {"x": "0.5"}),
        (PLAIN.replace("id,", "\ufeffid,") + "\ufeff\x1a", {"x": "0.5"}),
        (PLAIN.replace("\n", ",\n").replace("name,", "name"), {"x": "0.5"}),
    ],
)
def test_cells_come_out_as_they_were_meant(tmp_path: Path, text: str, first: Mapping[str, str]) -> None:
    raw = read(tmp_path, text)
    assert raw.names == ("id", "x", "name")
    assert raw.n_rows == len(ROWS)
    assert {name: raw.frame[name].iloc[0] for name in first} == first


@pytest.mark.parametrize(
    ("above", "n_lines"),
    [
        ("Report of sales\nCreated 2024-01-01\n\n", 2),
        ("Report of sales, by region, for 2024, all\n\n", 1),
        ("Sales, by region\nCreated: 2024-01-01, by Bob, at HQ, again\n", 2),
        ("Report,,\nFor 2024,,\n", 2),
        ("# made by tool\n# units: kg, m, s\n", 2),
        ("// made by tool\n// units: kg, m, s\n", 2),
        ("% made by tool\n", 1),
        ("; made by tool\n", 1),
        ("-- made by tool\n", 1),
        ("Station,Berlin\nLat,52.5\n\n", 2),
        ("sep=,\n", 1),
        ('"sep=,"\n', 1),
    ],
)
def test_what_stands_above_is_left_out_and_told(tmp_path: Path, above: str, n_lines: int) -> None:
    raw = read(tmp_path, above + PLAIN)
    assert raw.names == ("id", "x", "name")
    assert raw.n_rows == len(ROWS)
    assert raw.read_as.n_skipped_rows == above.count("\n")
    assert [code for _, code in left_out(raw)] == ["skipped_lines"] * n_lines
    assert raw.left_out[0].text == above.split("\n")[0]


def test_names_may_be_a_remark(tmp_path: Path) -> None:
    assert read(tmp_path, "# " + PLAIN).names == ("id", "x", "name")


@pytest.mark.parametrize(
    ("below", "codes"),
    [
        ("Total,1800,\n", ["totals"]),
        (",Total,1800\n", ["totals"]),
        ("TOTAL,1770,1800.0\n", ["totals"]),
        ("Total:,,1800.0\n", ["totals"]),
        ("Summe,1800\n", ["totals"]),
        ("合计,1800,\n", ["totals"]),
        (",1800.0,\n", ["totals"]),
        ("Total,1800,\nMean,30,\n", ["totals", "totals"]),
        ("Grand total,1800.0,\nSource: Bureau of statistics, 2024\n", ["totals", "notes"]),
        ("Source: my head\n", ["notes"]),
        ("数据来源：国家统计局\n", ["notes"]),
        ("* preliminary\n", ["notes"]),
    ],
)
def test_totals_and_notes_are_left_out_and_told(tmp_path: Path, below: str, codes: list[str]) -> None:
    raw = read(tmp_path, PLAIN + below)
    assert raw.n_rows == len(ROWS)
    assert left_out(raw) == list(enumerate(codes, start=62))


def test_totals_and_notes_may_stand_apart(tmp_path: Path) -> None:
    raw = read(tmp_path, PLAIN + "\nTotal,1800,\n\nSource: a book\n")
    assert raw.n_rows == len(ROWS)
    assert {(63, "totals"), (65, "below")} <= set(left_out(raw))


@pytest.mark.parametrize("row", ["60,60.5,Total\n", "60,60.5,n1\n", "60,,\n", "6\n"])
def test_a_last_row_is_a_row(tmp_path: Path, row: str) -> None:
    assert read(tmp_path, PLAIN.replace("n3", "Total") + row).n_rows == len(ROWS) + 1


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("id,length,name\n,m,\n", ("id", "length (m)", "name")),
        ("id,length,weight\n-,[m],(kg)\n", ("id", "length (m)", "weight (kg)")),
        (",Size,,Cost,\nid,w,h,net,gross\n", ("id", "Size w", "Size h", "Cost net", "Cost gross")),
        ("Box,Box,Cost\nid,w,net\n", ("Box id", "Box w", "Cost net")),
        ("id,Size,,Cost\n,w,h,\n", ("id", "Size w", "Size h", "Cost")),
        (",2019,,2020,\nid,w,h,net,gross\n", ("id", "2019 w", "2019 h", "2020 net", "2020 gross")),
        ("id,price,size\n编号,价格,大小\n", ("id 编号", "price 价格", "size 大小")),
        (",Size,\nid,w,h\n,cm,cm\n", ("id", "Size w (cm)", "Size h (cm)")),
        (",Sales,Sales\n,q1,q2\nid,,\n", ("id", "Sales q1", "Sales q2")),
    ],
)
def test_several_rows_of_names_become_one(tmp_path: Path, header: str, names: tuple[str, ...]) -> None:
    rows = "".join(",".join(line.split(",")[: len(names)]) + "\n" for line in NUMBERS.split())
    raw = read(tmp_path, header + rows)
    assert raw.names == names
    assert raw.n_rows == len(ROWS)
    assert raw.read_as.n_header_rows == header.count("\n")
    assert "read_joined_names" in {message.code for message in raw.done}


def test_row_names_without_a_name_do_not_shift_the_others(tmp_path: Path) -> None:
    raw = read(tmp_path, '"x" "name"\n' + "".join(f'"{i}" {i}.5 "n{i % 7}"\n' for i in ROWS))
    assert raw.names == ("c1", "x", "name")
    assert raw.frame["x"].iloc[3] == "3.5"


@pytest.mark.parametrize("below", [OTHER, "Table 2\n" + OTHER])
def test_of_two_tables_the_larger_is_read(tmp_path: Path, below: str) -> None:
    for text in (PLAIN + "\n" + below, below + "\n" + PLAIN):
        raw = read(tmp_path, text)
        assert raw.names == ("id", "x", "name")
        assert raw.n_rows == len(ROWS)
        assert raw.choices.n_tables == 2
        assert len(raw.left_out) == below.count("\n")
        assert "read_other_tables" in {message.code for message in raw.done}


@pytest.mark.parametrize("content", [b"id;stra\xc3", b"# made by too\xe6"])
def test_a_text_cut_off_within_a_letter_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(TableError):
        read_raw(write(tmp_path, content))
