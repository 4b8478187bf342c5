"""Real folders: five survey layouts, three kinds of transcript, a log, reviews; joins, privacy, hostile names."""

import shutil
import sys
import tomllib
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from cjmlab.errors import CjmError
from cjmlab.sources.privacy import Pseudonyms
from cjmlab.study import check_study, cover_stages, load_study, propose_study, study_template
from cjmlab.study.keys import SECTIONS
from cjmlab.tables import about, check_table

sys.path.insert(0, str(Path(__file__).parents[1] / "sources"))
from test_survey import EXPORTS

HEAD = '[study]\nstage_model = "lv3"\nlanguages = ["zh-Hans", "en", "ru"]\ntouchpoints = ["social_ad", "checkout", "delivery"]\n'


def messy(folder: Path) -> Path:
    """Write a study of five survey layouts, three kinds of transcript, a log and reviews."""
    toml = [HEAD]
    ids = {
        "qualtrics": "ResponseId",
        "surveymonkey": "Respondent ID",
        "wjx": "序号",
        "limesurvey": "id. Response ID",
        "": "who",
    }
    for platform, (text, encoding, _, rating, why) in EXPORTS.items():
        name = platform or "plain"
        (folder / f"{name}.csv").write_bytes(text.encode(encoding))
        toml.append(
            f'[[survey]]\nfile = "{name}.csv"\ncustomer_id = "{ids[platform]}"\n[[survey.questions]]\ncolumn = "{rating}"\n'
            f'touchpoint = "delivery"\nscale = "1-5"\n[[survey.questions]]\ncolumn = "{why}"\n'
        )
    talks = folder / "talks"
    talks.mkdir()
    (talks / "R_1.txt").write_bytes("访谈员：怎么样？\r\n受访者：很快。\r\n".encode("gb18030"))
    (talks / "R_2.vtt").write_text(
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Interviewer>So?\n\n00:02.000 --> 00:03.000\n<v An>Late.\n"
    )
    body = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in ("Интервьюер: Как?", "Респондент: Долго."))
    with zipfile.ZipFile(talks / "1001.docx", "w") as archive:
        space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>')
    toml.append('[[interviews]]\nfolder = "talks"\n')
    (folder / "log.csv").write_bytes(
        "кто;когда;что;где\n1;02.01.2024 10:00;pay;Сайт\nR_1;2024-01-03T10:00:00Z;view;App\n;x;y;z\n".encode("cp1251")
    )
    toml.append(
        '[[events]]\nfile = "log.csv"\ncustomer_id = "кто"\ntime = "когда"\nevent = "что"\nchannel = "где"\n[events.map]\npay = "checkout"\nview = "social_ad"\n'
    )
    (folder / "reviews.jsonl").write_text(
        '{"text": "Courier was rude", "stars": 2, "topic": "Shipping issue"}\nbroken\n', encoding="utf-8"
    )
    toml.append(
        '[[survey]]\nfile = "reviews.jsonl"\nsource_type = "review"\ntouchpoint_column = "topic"\nmap = {"shipping Issue" = "delivery"}\n[[survey.questions]]\n'
        'column = "text"\nrating_column = "stars"\nscale = "stars"\n'
    )
    (folder / "study.toml").write_text("\n".join(toml), encoding="utf-8")
    return folder


SHORT = '[[survey]]\nfile = "s.csv"\ncustomer_id = "who"\n[[survey.questions]]\ncolumn = "q"\nscale = "1-5"\n'


def test_files_of_every_kind_become_one_study(tmp_path):
    study = load_study(messy(tmp_path))
    for name in ("customers", "feedback", "events", "outcomes"):
        check_table(name, getattr(study, name))
    assert set(study.feedback.source_type) == {"survey", "interview", "review"}
    assert study.events.channel.tolist() == ["web", "app"]
    assert {"R_1", "1001", "1"} <= set(study.customers.customer_id)
    review = study.feedback[study.feedback.source_type == "review"].iloc[0]
    assert (review.touchpoint, review.rating, pd.isna(review.customer_id)) == ("delivery", -0.5, True)


def test_the_line_runs_on_it(tmp_path):
    from cjmlab.flow import run_study

    journeys = run_study(messy(tmp_path)).journeys.set_index("touchpoint")
    assert journeys.loc["delivery", "n"] >= 8
    assert -1 <= journeys.loc["delivery", "experience"] <= 1


def test_the_coverage_adds_up_to_the_rows_of_the_files(tmp_path):
    study = load_study(messy(tmp_path))
    cover = cover_stages(study).set_index("source")
    assert (cover.rows_in_file == cover.rows_loaded + cover.rows_rejected).all()
    assert (cover[[*study.stage_model.ids, "no stage"]].sum(axis=1) == cover.rows).all()
    assert cover.rows.sum() == len(study.feedback) + len(study.events)
    assert cover.loc["log", ["rows_in_file", "rows_rejected", "rows"]].tolist() == [3, 1, 2]
    assert cover.loc["reviews", ["rows_in_file", "rows_rejected", "origin", "anonymous"]].tolist() == [
        2,
        1,
        "external",
        1,
    ]
    assert cover.loc["wjx", "rows_in_file"] == 2


def test_check_finds_nothing_new_once_its_list_is_done(tmp_path):
    folder = messy(tmp_path)
    report = check_study(folder)
    assert not (report.level == "error").any()
    assert report.query("level == 'warning'")["where"].str.contains("log.csv|reviews.jsonl").all()
    log = (folder / "log.csv").read_bytes().decode("cp1251").replace(";x;y;z\n", "").replace("10:00;", "10:00+03:00;")
    (folder / "log.csv").write_text(log, encoding="utf-8")
    reviews = (folder / "reviews.jsonl").read_text("utf-8").replace("broken\n", "")
    (folder / "reviews.jsonl").write_text(reviews, encoding="utf-8")
    assert set(check_study(folder).level) <= {"note"}


def small(folder: Path, toml: str, **files: str) -> Path:
    for name, text in {
        "people.csv": "id,e-mail,city\n13800138000,li@example.cn,Perm\n13800138001,an@example.ru,Ufa\n",
        **files,
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "study.toml").write_text(
        f'[study]\nstage_model = "lv3"\n[customers]\nfile = "people.csv"\ncustomer_id = "id"\n{toml}', encoding="utf-8"
    )
    return folder


def test_columns_that_point_at_people_stay_out_and_ids_that_do_are_said(tmp_path):
    study = load_study(small(tmp_path, ""))
    assert study.customers.columns.tolist() == ["customer_id", "city"]
    told = study.report.set_index("finding")
    assert told.loc["the customer ids point at people", "remedy"] == "Set pseudonyms = true in [privacy]."
    assert "e-mail" in load_study(small(tmp_path, '[privacy]\nkeep = ["e-mail"]')).customers.columns


SURVEY = '[[survey]]\nfile = "s.csv"\ncustomer_id = "who"\n[[survey.questions]]\ncolumn = "why"\n[privacy]\npseudonyms = true\nmask = true\n'
ANSWERS = "who,why\n13800138002,a,b,c\n13800138000,Call me at 13800138000 or li@example.cn\n13800138001,Fine\n"


def test_pseudonyms_join_as_the_ids_did_and_leave_no_trace(tmp_path, monkeypatch):
    folder = small(tmp_path, SURVEY, **{"s.csv": ANSWERS})
    monkeypatch.delenv("CJMLAB_KEY", raising=False)
    with pytest.raises(CjmError, match="pseudonyms need a key"):
        load_study(folder)
    monkeypatch.setenv("CJMLAB_KEY", "k" * 32)
    study = load_study(folder)
    assert set(study.feedback.customer_id) == set(study.customers.customer_id)
    assert Pseudonyms(b"k" * 32)("13800138000") in set(study.customers.customer_id)
    assert study.report.finding.str.startswith("not loaded").any()
    reports = "".join(str(report.to_dict()) for report in about(study.report).values())
    shown = study.customers.to_csv() + study.feedback.to_csv() + study.report.to_csv() + reports
    assert "1380013800" not in shown
    assert "li@example.cn" not in shown
    (folder / "key").write_bytes(b"k" * 32)
    with pytest.raises(CjmError, match="lies in the study's folder"):
        load_study(small(tmp_path, SURVEY + 'key_file = "' + str(folder / "key") + '"\n', **{"s.csv": ANSWERS}))


@pytest.mark.parametrize("name", ["../x.csv", "/etc/passwd", "a/../../x.csv", "link.csv"])
def test_files_outside_of_the_folder_are_refused(tmp_path, name):
    folder = tmp_path / "study"
    folder.mkdir()
    (tmp_path / "x.csv").write_text("id\n1\n")
    (folder / "link.csv").symlink_to(tmp_path / "x.csv")
    (folder / "study.toml").write_text(f'[customers]\nfile = "{name}"\ncustomer_id = "id"\n')
    with pytest.raises(CjmError, match="lies outside the study's folder"):
        load_study(folder)


def test_rows_that_join_with_nobody_are_counted(tmp_path):
    toml = '[[survey]]\nfile = "s.csv"\ncustomer_id = "who"\n[[survey.questions]]\ncolumn = "why"\n'
    study = load_study(small(tmp_path, toml, **{"s.csv": "who,why\n13800138000,a\nX,b\nY,c\n,d\n"}))
    row = study.report[study.report.finding.str.contains("not in the customer table")].iloc[0]
    assert (row["count"], row.example) == (2, "'X'")
    assert len(study.feedback) == 4
    study = load_study(small(tmp_path, toml, **{"s.csv": "who,why\n0013800138000,a\n13800138001,b\n"}))
    row = study.report[study.report.finding.str.contains("not in the customer table")].iloc[0]
    assert row.remedy == "1 differ only in zeros in front or letter case, such as '0013800138000' for '13800138000'."


@pytest.mark.parametrize(
    "toml",
    ["[study]\nlanguages = 5", '[study]\nlanguages = ["xx"]', "[study]\nstages = []", "customers = 5", '[customers]\nfile = ""',
     '[[survey]]\nfile = "s.csv"', '[[survey]]\nfile = "s.csv"\nquestions = [{column = 5}]', "survey = 1", '[study]\nmap_kind = "x"',
     '[[codes]]\nid = "nothing"', '[[touchpoints]]\nid = "x"', '[customers]\nfile = "people.csv"\nactive = [1, 2]', "[privacy]\nmask = 1",
     '[[events]]\nfile = "people.csv"\nmap = {a = "b"}', '[study]\ntime_zone = "Moscow"', '[study]\nstage_model = "none.toml"', "",
     '[[interviews]]\nfile = "people.csv"\ncustomer_id = "("', '[[survey]]\nfile = "s.csv"\n[[survey.questions]]\ncolumn = "a"\nscale = {a = "b"}',
     '[customers]\nfile = "people.csv"\n[[customers.names]]\ncolumn = "city"', '[study]\ntitle = ""', "[customers.values]\nx = 1", "[owners]\na = 1"],
)  # fmt: skip
def test_a_wrong_study_is_sentences_and_never_a_traceback(tmp_path, toml):
    for name, text in {"people.csv": "customer_id,city\n1,Perm\n", "s.csv": "a,b\n1,2\n"}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "study.toml").write_text(toml, encoding="utf-8")
    with pytest.raises(CjmError) as caught:
        load_study(tmp_path)
    assert "\n" not in str(caught.value)
    assert (check_study(tmp_path).level == "error").any()


@pytest.mark.parametrize(
    ("files", "toml", "finding"),
    [({"s.csv": "who,q\n"}, SHORT, "there is a header and no row"),
     ({"talks/a.txt": "I: hello\nI: again\n"}, '[[interviews]]\nfolder = "talks"\n', "there are no words of a customer"),
     ({"talks/a.txt": ""}, '[[interviews]]\nfolder = "talks"\n', "there are no words of a customer"),
     ({"e.csv": "customer_id,time,event\n1,soon,x\n"}, '[[events]]\nfile = "e.csv"\n', "not loaded: no time that can be read")],
)  # fmt: skip
def test_files_with_little_in_them_make_a_small_study(tmp_path, files, toml, finding):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "study.toml").write_text(toml, encoding="utf-8")
    study = load_study(tmp_path)
    for name in ("customers", "feedback", "events", "outcomes"):
        check_table(name, getattr(study, name))
    assert finding in set(check_study(tmp_path).query("level == 'warning'").finding)


@pytest.mark.parametrize(
    ("text", "toml", "sentence"),
    [("who,q\n1,2,3\n4,5,6\n", SHORT, "no row could be loaded: 3 cells where the header has 2"),
     ("who,q\n1,5\n", SHORT + '[[survey.questions]]\ncolumn = "q"\n', "a question on the column 'q' is listed twice"),
     ("who,q\n1,5\n", SHORT + SHORT, "two sources are called 's'")],
)  # fmt: skip
def test_a_file_that_gives_nothing_is_refused(tmp_path, text, toml, sentence):
    (tmp_path / "s.csv").write_text(text, encoding="utf-8")
    (tmp_path / "study.toml").write_text(toml, encoding="utf-8")
    with pytest.raises(CjmError, match=sentence):
        load_study(tmp_path)
    assert (check_study(tmp_path).level == "error").sum() == 1


def test_a_column_may_be_called_customer_id_and_not_be_it(tmp_path):
    study = load_study(small(tmp_path, "", **{"people.csv": "id,customer_id\nx,1\ny,2\n"}))
    assert study.customers.customer_id.tolist() == ["x", "y"]
    assert study.customers["customer_id (file)"].tolist() == [1, 2]


def test_a_proposal_loads_and_gives_its_reasons(tmp_path):
    messy(tmp_path)
    (tmp_path / "study.toml").unlink()
    (tmp_path / "bad.csv").write_bytes("c\nДа".encode("cp1251"))
    text = propose_study(sorted(tmp_path.iterdir()), title='A "quoted" title')
    assert tomllib.loads(text)["study"]["title"] == 'A "quoted" title'
    assert "larger taken as better" in text
    assert "# bad.csv is not in the study yet: bad.csv: the encoding is not certain" in text
    assert 'layout = "qualtrics"' in text
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    study = load_study(tmp_path)
    assert study.feedback.rating.notna().sum() >= 5
    assert {"interview", "survey"} <= set(study.feedback.source_type)
    with pytest.raises(CjmError, match="no files are given"):
        propose_study([])


@pytest.mark.parametrize("sample", ["grocer", "furniture"])
def test_a_proposal_for_a_sample_finds_most_of_it(tmp_path, sample):
    source = Path(__file__).parents[2] / "data" / "samples" / sample
    if not source.is_dir():
        pytest.skip("the samples are not built")
    shutil.copytree(source, tmp_path / "s", ignore=shutil.ignore_patterns("study.toml", "truth.json", "*.md"))
    files = sorted((tmp_path / "s").iterdir())
    (tmp_path / "s" / "study.toml").write_text(propose_study(files), encoding="utf-8")
    proposed, meant = load_study(tmp_path / "s"), load_study(source)
    assert proposed.customers.customer_id.tolist() == meant.customers.customer_id.tolist()
    assert len(proposed.events) == len(meant.events)
    rated = meant.feedback[meant.feedback.rating.notna()]
    found = proposed.feedback[proposed.feedback.rating.notna()]
    assert len(found) >= 0.9 * len(rated)


def test_the_template_names_every_key_and_only_known_ones(tmp_path):
    text = study_template()
    raw = tomllib.loads(text)
    for section, keys in SECTIONS.items():
        lines = text
        for key in keys:
            assert (
                f"{key} = " in lines or f"[{key}]" in lines or f"[[{key}]]" in lines or f"{section}.{key}" in lines
            ), f"{section}: {key}"
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    errors = check_study(tmp_path)
    assert errors.finding.str.startswith("there is no file").all()
    assert raw["customers"]["values"]["age"]
