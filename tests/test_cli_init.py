"""`groundswell init`: a dozen plain questions, and what people answer to them."""

import pytest
from typer.testing import CliRunner

from groundswell.cli.main import app
from groundswell.privacy.charter import QUESTIONS, Charter, is_answer, read_charter, to_toml


def init(folder, *words, typed=""):
    """Run the command with these keys typed."""
    return CliRunner().invoke(app, ["init", str(folder), *words], input=typed)


def charter(folder):
    """What was written."""
    return read_charter(folder / "charter.toml")


def test_every_question_is_asked_once_and_its_answer_kept(tmp_path):
    """Twelve sentences typed make a complete charter, each under its own question, which is numbered."""
    typed = [f"Our sentence about {name}." for name in QUESTIONS]
    out = init(tmp_path / "firm", typed="\n".join(typed) + "\n")
    assert out.exit_code == 0
    assert charter(tmp_path / "firm").missing() == ()
    assert [getattr(charter(tmp_path / "firm"), name) for name in QUESTIONS] == typed
    assert f"12/12 {QUESTIONS['signed'].text}" in out.stdout
    assert "Not answered yet" not in out.stdout


@pytest.mark.parametrize(
    "bad", ["tbd", "n/a", "-", "…", "Yes.", "à définir", "x", "?!", "No, none", "To learn\x1b[D", "a" * 2_001]
)
def test_an_answer_that_says_nothing_is_asked_again(bad, tmp_path):
    """Words that only fill a field, signs of an arrow key and a book instead of a sentence are asked again with the reason."""
    out = init(tmp_path / "firm", typed=f"Lanterne\n{bad}\nTo learn what lasts\n" + "\n" * 10)
    assert "Please say it again" in out.stdout
    assert charter(tmp_path / "firm").purpose == "To learn what lasts"


@pytest.mark.parametrize("good", ["BP", "3M", "GDPR 6(1)(f)", "Nobody may be judged by it", "Công ty Đèn Lồng"])
def test_a_short_or_foreign_answer_is_an_answer(good):
    """Two letters may be a name; a sentence may begin with a filler."""
    assert is_answer(good)


def test_who_stops_in_between_keeps_what_was_answered(tmp_path):
    """At the end of the input, or Ctrl-C, the answers so far are written and the rest is named; without any, nothing is made."""
    out = init(tmp_path / "firm", typed="Lanterne\nTo learn what lasts\n")
    assert "Stopped" in out.stdout
    assert "not_for" in out.stdout
    assert charter(tmp_path / "firm").purpose == "To learn what lasts"
    assert init(tmp_path / "none", typed="").exit_code != 0
    assert not (tmp_path / "none").exists()


def test_answers_may_be_given_beforehand(tmp_path):
    """--answer fills a question, which is then not asked; with --no-ask nothing is."""
    out = init(tmp_path / "firm", "--no-ask", "--answer", "organisation=Lanterne", "--answer", "purpose = Why = how")
    assert out.exit_code == 0
    assert not [q for q in QUESTIONS.values() if q.text in out.stdout]
    assert (charter(tmp_path / "firm").organisation, charter(tmp_path / "firm").purpose) == ("Lanterne", "Why = how")
    asked = init(tmp_path / "second", "--answer", "organisation=Lanterne", typed="\n" * 11)
    assert "1/11" in asked.stdout
    assert QUESTIONS["organisation"].text not in asked.stdout


@pytest.mark.parametrize("wrong", ["purpos=x", "purpose", "purpose=a\x1b[Db"])
def test_a_wrong_answer_beforehand_is_named(wrong, tmp_path):
    """An unknown field, a missing = and a sign that is no text stop the command before anything is made."""
    assert init(tmp_path / "firm", "--no-ask", "--answer", wrong).exit_code == 2
    assert not (tmp_path / "firm").exists()


def test_a_charter_is_looked_for_before_the_questions(tmp_path):
    """Where there is a charter, or a file in the folder's place, nobody answers twelve questions for nothing."""
    init(tmp_path / "firm", "--no-ask")
    (tmp_path / "file").touch()
    for place in ("firm", "file"):
        out = init(tmp_path / place, typed="Lanterne\n" * 12)
        assert out.exit_code != 0
        assert "1/12" not in out.stdout


def test_the_questions_are_asked_in_french(tmp_path):
    """--lang asks in another language."""
    assert "Comment s’appelle l’organisation" in init(tmp_path / "firm", "--lang", "fr", typed="\n" * 12).stdout


def test_any_sign_makes_a_charter_that_can_be_read(tmp_path):
    """Whatever a program or an editor puts into an answer, the file is TOML and says it back."""
    held = Charter(purpose="a\x00b\x1b[D\tc\u2028d\x7f \U0001f600 \\ \" '")
    (tmp_path / "charter.toml").write_text(to_toml(held), "utf8")
    assert read_charter(tmp_path / "charter.toml") == held
