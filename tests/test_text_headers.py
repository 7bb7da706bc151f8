"""Which rows name the columns: no row of values becomes a name, and no row of names a row of values."""

from pathlib import Path

import pytest

from engine.table.files.raw import RawTable
from engine.table.reading import read_raw
from tests.tables import write


def read(folder: Path, text: str) -> RawTable:
    return read_raw(write(folder, text))


@pytest.mark.parametrize(
    "text",
    [
        "name,born,died\nAnn,1900,1985\nBob,1910,1990\nCy,1920,1999\nDi,1931,2001\n",
        "model;from;to\nGolf;1974;2024\nPolo;1975;2023\nPassat;1973;2022\nUp;2011;2021\n",
        "start,end\n1901,1950\n1911,1951\n1912,1960\n1913,1970\n1914,1971\n",
        "country,1960,1961\nA,1995,1996\nB,3000,4100\nC,1200,2500\n",
        "id,temp,hum\ns1,ERR,ERR\ns2,20,30\ns3,21,31\ns4,22,32\n",
        "id,temp,hum\ns1,-,-\ns2,20,30\ns3,21,31\ns4,22,32\n",
        "id,temp,hum\ns1,<5,<0.1\ns2,20,30\ns3,21,31\ns4,22,32\n",
        "age,bmi,city\nn.a.,n.a.,Paris\n30,22,Rome\n31,23,Bonn\n22,24,Nice\n23,21,Kyiv\n",
        "age,bmi,city\nunknown,unknown,Paris\n30,22,Rome\n31,23,Bonn\n22,24,Nice\n23,21,Kyiv\n",
        "id,v1,v2\nA,low,high\nB,2,4\nC,3,5\nD,4,6\nE,5,6\nF,5,6\n",
        "品名,单价,数量\n苹果,待定,待定\n梨,2,3\n桃,3,4\n杏,4,5\n",
        "age,bmi\n-,-\n30,22\n31,23\n22,24\n23,21\n",
        "x1,x2\nN,N\n1,2\n3,4\n5,6\n7,8\n",
        ",a,b\nk1,,\nk2,1,2\nk3,3,4\nk4,5,6\n",
        ",a,b\nk1,ERR,low\nk2,1,2\nk3,3,4\nk4,5,6\n",
    ],
)
def test_a_row_of_values_never_names_columns(tmp_path: Path, text: str) -> None:
    raw = read(tmp_path, text)
    assert raw.n_rows == text.count("\n") - 1
    assert raw.read_as.n_header_rows == 1
    assert not raw.left_out


def test_rows_that_are_put_together_are_shown(tmp_path: Path) -> None:
    raw = read(tmp_path, "Sample,Fe,Cu\n,%,ppm\nS1,1.2,30\nS2,1.4,31\nS3,1.5,33\n")
    assert raw.names == ("Sample", "Fe (%)", "Cu (ppm)")
    assert [(line.line, line.text) for line in raw.left_out] == [(1, "Sample,Fe,Cu"), (2, ",%,ppm")]
    assert [message.code for message in raw.done] == ["read_joined_names"]


@pytest.mark.parametrize(
    "text",
    [
        "message,spam\nhi you,ham\nbuy now,spam\nhi,ham\ncash,spam\n",
        "ticket,question\nhow do I,question\nit broke,bug\nwhy,question\nadd it,feature\n",
        "class,male\nfirst,female\nsecond,male\nfirst,male\nthird,female\n",
        "team,opponent,home\nA,B,home\nB,A,away\nC,A,home\nD,A,away\n",
        "name,type\nAnn,type\nBob,kind\nCy,type\nDi,sort\n",
        "id,Q1,Q2\n1,A1,B2\n2,A2,B1\n3,A1,B1\n",
        "Q1,Q2,Q3\nA1,B2,A3\nA2,B1,A1\nA1,B1,A2\n",
        "sample,well1,well2\ns1,A1,B1\ns2,A2,B2\ns3,A3,B3\n",
        "0,1,2,3\n0.5,0.1,3.2,1\n0.6,0.4,3.3,0\n0.7,0.2,3.1,1\n",
        "0,1,2\nred,small,yes\nblue,large,no\nred,large,yes\n",
        "400,410,420\n0.5,0.1,3.2\n0.6,0.4,3.3\n0.7,0.2,3.1\n",
        "region,01.2020,02.2020\nN,5,6\nS,6,7\nE,7,8\n",
        "2020-01,2020-02,2020-03\n5,6,7\n6,7,8\n7,8,9\n",
        "name,18-25,26-40,41+\nA,5,6,7\nB,6,7,8\nC,7,8,9\n",
        "hour,00:00,01:00,02:00\nA,5,6,7\nB,6,7,8\nC,7,8,9\n",
        "species,100,200,500\nA,5,6,7\nB,6,7,8\nC,7,8,9\n",
    ],
)
def test_names_may_recur_or_look_like_values(tmp_path: Path, text: str) -> None:
    raw = read(tmp_path, text)
    assert ",".join(raw.names) == text.split("\n")[0]
    assert raw.n_rows == text.count("\n") - 1


def test_the_corner_above_row_numbers_may_be_empty(tmp_path: Path) -> None:
    raw = read(tmp_path, ",0,1,2\n0,0.5,0.1,3.2\n1,0.6,0.4,3.3\n2,0.7,0.2,3.1\n")
    assert raw.names == ("c1", "0", "1", "2")
    assert raw.n_rows == 3


def test_names_repeated_below_are_no_reason_to_doubt_them(tmp_path: Path) -> None:
    raw = read(tmp_path, "name,v\nAnn,1\nName,2\nname,v\n")
    assert raw.names == ("name", "v")
    assert raw.frame["name"].tolist() == ["Ann", "Name"]
    assert [line.text for line in raw.left_out] == ["name,v"]


@pytest.mark.parametrize(
    "text",
    [
        "1,2,3\n4,5,6\n7,8,9\n",
        "5.1,3.5,setosa\n4.9,3.0,setosa\n6.2,3.4,virginica\n",
        "Ann,30,NY\nBob,31,LA\nCy,32,SF\nDi,33,NY\n",
        "Ann,1900,1985\nBob,1910,1990\nCy,1920,1999\n",
        "red,small,yes\nblue,large,no\nred,large,yes\nblue,small,yes\n",
        "s1,A1,B1\ns2,A2,B2\ns3,A3,B3\n",
        "ham\tgo until jurong point crazy\nspam\tfree entry in two comps\nham\tok lar joking with you\n",
        "2024-01-01,2024-02-01,5\n2024-01-02,2024-02-03,6\n2024-01-05,2024-02-07,7\n",
        "1,2,3.5\n2,5,1.5\n4,9,2.5\n",
    ],
)
def test_a_first_row_like_the_others_is_a_row(tmp_path: Path, text: str) -> None:
    raw = read(tmp_path, text)
    assert raw.names[:2] == ("c1", "c2")
    assert raw.n_rows == text.count("\n")
