"""Survey exports of five platforms and their dirt: two respondents are two rows, and every answer is accounted for."""

import csv
import io

import openpyxl
import pandas as pd
import pytest

from cjmlab.errors import SourceError
from cjmlab.sources import Question, Scale, SurveyColumns, read_survey, read_table
from cjmlab.vocabulary import stage_model, touchpoints

QUALTRICS = (
    'StartDate,IPAddress,ResponseId,RecipientEmail,Q1,Q2\n'
    'Start Date,IP Address,Response ID,Recipient Email,"How satisfied are you\nwith the delivery?",Why?\n'
    '"{""ImportId"":""startDate""}","{""ImportId"":""ipAddress""}","{""ImportId"":""_recordId""}","{""ImportId"":""recipientEmail""}","{""ImportId"":""QID1""}","{""ImportId"":""QID2_TEXT""}"\n'
    "2024-01-02 10:00:00,117.136.0.1,R_1,li@example.com,5,Quick\n2024-01-03 10:00:00,117.136.0.2,R_2,an@example.com,-99,\n"
)  # fmt: skip
MONKEY = (
    "Respondent ID,Collector ID,Date Created,IP Address,Email Address,How was the delivery?,Where did you buy?,,Why?\n"
    ",,,,,Response,App,Store,Open-Ended Response\n"
    "1001,77,01/14/2024 10:00:00 AM,10.0.0.1,a@b.org,4,App,,Fine\n1002,77,01/15/2024 02:00:00 PM,10.0.0.2,c@d.org,2,App,Store,Late\n"
)
WJX = (
    "序号,提交答卷时间,所用时间,来源,来源详情,来自IP,1、您对配送满意吗？,2、从哪些渠道购买？,3、为什么？\n"
    "1,2024/1/2 10:00:00,65秒,微信,N/A,117.136.0.1(广东-广州),5,App┋小程序,很快\n"
    "2,2024/1/3 11:00:00,40秒,微信,N/A,117.136.0.2(北京-北京),(跳过),门店,(空)\n"
)
LIME = (
    '"id. Response ID","submitdate. Date submitted","lastpage. Last page","startlanguage. Start language","token. Token","Q1. Довольны ли вы доставкой?","Q2. Почему?"\n'
    '"1","2024-01-02 10:00:00","3","ru","aB3dE6gH9jK2","5","Быстро"\n"2","2024-01-03 10:00:00","3","ru","zX8cV5bN2mQ7","{question_not_shown}","N/A"\n'
)  # fmt: skip
PLAIN = "who,when,rate,why\n1,2024-01-02,5,Quick\n2,2024-01-03,,\n"
EXPORTS = {
    "qualtrics": (QUALTRICS, "utf-8", ["IPAddress", "RecipientEmail"], "Q1", "Q2"),
    "surveymonkey": (MONKEY, "utf-8", ["IP Address", "Email Address"], "How was the delivery?", "Why?"),
    "wjx": (WJX, "gb18030", ["来自IP"], "1、您对配送满意吗？", "3、为什么？"),
    "limesurvey": (LIME, "utf-8-sig", ["token. Token"], "Q1. Довольны ли вы доставкой?", "Q2. Почему?"),
    "": (PLAIN, "utf-8", [], "rate", "why"),
}


def write(tmp_path, text, encoding="utf-8", name="a.csv"):
    (tmp_path / name).write_bytes(text.encode(encoding))
    return tmp_path / name


@pytest.mark.parametrize("platform", EXPORTS)
def test_two_respondents_are_two_rows(tmp_path, platform):
    text, encoding, identifiers, rating, why = EXPORTS[platform]
    reading = read_table(write(tmp_path, text, encoding))
    assert (reading.report.rows_in_file, reading.report.rows_loaded, len(reading.table)) == (2, 2, 2)
    assert reading.layout == platform
    assert list(reading.identifiers) == identifiers
    table = read_survey(tmp_path / "a.csv", [Question(rating, "experience", Scale.of("1-5")), Question(why)]).table
    assert table.rating.dropna().tolist()[0] in {1.0, 0.5}
    marks = {"(跳过)", "(空)", "-99", "{question_not_shown}"}
    assert not marks & set(table.answer)
    assert not marks & set(reading.table.stack())


@pytest.mark.parametrize("platform", EXPORTS)
def test_the_same_exports_as_spreadsheets(tmp_path, platform):
    text, _, identifiers, rating, _ = EXPORTS[platform]
    workbook = openpyxl.Workbook()
    for row in csv.reader(io.StringIO(text)):
        workbook.active.append([cell or None for cell in row])
    workbook.save(tmp_path / "a.xlsx")
    reading = read_table(tmp_path / "a.xlsx")
    assert (reading.layout, reading.report.rows_in_file, list(reading.identifiers)) == (platform, 2, identifiers)
    assert rating in reading.table.columns


def test_wordings_become_labels(tmp_path):
    reading = read_table(write(tmp_path, QUALTRICS))
    assert reading.wordings["Q1"] == "How satisfied are you\nwith the delivery?"
    assert list(reading.lines) == [5, 6]
    assert read_survey(tmp_path / "a.csv", [Question("Q2")]).table.question.unique().tolist() == ["Why?"]
    assert read_table(write(tmp_path, WJX, "gb18030")).wordings["1、您对配送满意吗？"] == "您对配送满意吗？"
    columns = read_table(write(tmp_path, MONKEY)).table.columns.tolist()
    assert columns[6:8] == ["Where did you buy? / App", "Where did you buy? / Store"]


def test_several_choices_are_several_rows(tmp_path):
    table = read_survey(write(tmp_path, WJX, "gb18030"), [Question("2、从哪些渠道购买？")]).table
    assert table.text.tolist() == ["App", "小程序", "门店"]
    assert table.feedback_id.is_unique
    path = write(tmp_path, "who,where\n1,App; Store ;\n2,Site\n")
    assert read_survey(path, [Question("where", separator=";")]).table.text.tolist() == ["App", "Store", "Site"]


def test_a_platform_can_be_overruled(tmp_path):
    assert len(read_table(write(tmp_path, QUALTRICS), layout="plain").table) == 4


def test_answers_out_of_scale_stay_out_of_means_and_are_counted(tmp_path):
    path = write(
        tmp_path,
        "who,q\n"
        + "\n".join(f"{i},{a}" for i, a in enumerate(["5", "4", "3", "9", "0", "five", "N/A", "无", "", "-99"])),
    )
    reading = read_survey(path, [Question("q", "experience", Scale.of("1-5"))], name="s")
    rated = reading.table[reading.table.rating.notna()]
    assert rated.rating_raw.mean() == 4.0
    assert len(reading.table) == 8
    counts = {f.finding.split(",")[0]: (f.count, f.example, f.level) for f in reading.report.findings}
    assert counts == {
        "answers outside the scale 1-5": (2, "line 5, '9'", "warning"), "answers that are no number of the scale 1-5": (1, "line 7, 'five'", "warning"),
        "non-answers": (2, "line 8, 'N/A'", "note"), "marks of questions that were not answered": (1, "line 11, '-99'", "note"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("scale", "answer", "score"),
    [("1-5", "４", 0.5), ("1-5", "4,5", 0.75), ("1-7", "7 - очень легко", 1), ("7-1", "7", -1), ("0-10", "10", 1), ("0-10", "10 points", 1),
     ("stars", "★★★☆☆", 0), ("stars", "5 звёзд", 1), ("nps", "0", -1), ("satisfied", "非常满意", 1), ("satisfied", "Не доволен", -0.5),
     ("agree", "Strongly disagree", -1), ("yes", "да", 1), ({"плохо": 1, "так себе": 2, "хорошо": 3}, " Так себе ", 0), ("-3-3", "-3", -1),
     ("1-5", "4/5", None), ("1-5", "5 of 7", None), ("1-5", "6", None)],
)  # fmt: skip
def test_scales_of_every_kind_stand_on_one_line(scale, answer, score):
    assert Scale.of(scale).score(answer) == score


@pytest.mark.parametrize("declared", ["5", "good", "1-1", "", None, {}, {"good": 1}, "CES"])
def test_a_direction_is_never_guessed(declared):
    with pytest.raises(SourceError, match="scale"):
        Scale.of(declared)
    if declared == "CES":
        with pytest.raises(SourceError, match="Effort is asked both ways"):
            Scale.of(declared)


def test_unknown_stages_are_listed_and_no_row_is_lost(tmp_path):
    path = write(
        tmp_path, "who,st,tp,why\n1,Awareness,checkout,a\n2,Avareness,доставка,b\n3,,nowhere,c\n4,nowhere,结账,d\n"
    )
    model = stage_model("fiveA")
    points = touchpoints(["checkout", "delivery"], model)
    reading = read_survey(
        path,
        [Question("why")],
        columns=SurveyColumns("who", stage="st", touchpoint="tp"),
        stage_model=model,
        touchpoints=points,
    )
    assert len(reading.table) == 4
    assert reading.table.stage.fillna("?").value_counts().sum() == 4
    assert reading.table.touchpoint.fillna("?").tolist() == ["checkout", "delivery", "?", "?"]
    told = [(f.finding.split(";")[0], f.count, f.example) for f in reading.report.findings if "is not a" in f.finding]
    assert ("'nowhere' is not a stage", 1, "line 5, 'nowhere'") in told
    assert ("'nowhere' is not a touchpoint", 1, "line 4, 'nowhere'") in told


def test_unknown_words_in_bulk_are_told_in_few_lines(tmp_path):
    path = write(tmp_path, "tp,why\n" + "\n".join(f"word {i % 500},text {i}" for i in range(2000)))
    reading = read_survey(
        path,
        [Question("why")],
        columns=SurveyColumns(touchpoint="tp"),
        touchpoints=touchpoints(["delivery"], stage_model("lv3")),
    )
    told = [f for f in reading.report.findings if "touchpoint" in f.finding]
    assert len(told) == 21
    assert sum(f.count for f in told) == 2000
    assert told[0].example == "line 2, 'word 0'"


def test_repeats_and_returning_customers_are_counted_exactly(tmp_path):
    path = write(tmp_path, "who,q,why\n1,5,a\n2,4,b\n1,5,a\n1,3,later\n2,4,b\n,4,b\n,4,b\n")
    reading = read_survey(
        path, [Question("q", "experience", Scale.of("1-5")), Question("why")], columns=SurveyColumns("who")
    )
    assert [(row.line, row.reason) for row in reading.report.rejected] == [
        (4, "the same as line 2"),
        (6, "the same as line 3"),
    ]
    assert reading.report.rows_in_file == reading.report.rows_loaded + 2 == 7
    told = {f.finding.split(";")[0].split(",")[0]: f.count for f in reading.report.findings}
    assert told["repeat another row word for word"] == 1
    assert told["rows of customers who answered before"] == 1
    assert told["rows without a customer id"] == 2
    assert len(reading.table) == 10
    assert reading.table.feedback_id.is_unique


def test_a_review_has_words_and_stars_in_one_row(tmp_path):
    path = write(tmp_path, "id,stars,text\n1,★★,Courier was late\n2,,Good\n3,5,\n")
    question = Question("text", scale=Scale.of("stars"), rating="stars", touchpoint="delivery")
    table = read_survey(
        path, [question], source_type="review", touchpoints=touchpoints(["delivery"], stage_model("lv3"))
    ).table
    assert table.text.tolist() == ["Courier was late", "Good"]
    assert table.rating.tolist()[0] == -0.5
    assert pd.isna(table.rating.tolist()[1])
    assert table[["source_type", "stage"]].drop_duplicates().to_numpy().tolist() == [["review", "purchase"]]
