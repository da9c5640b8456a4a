"""How practice files live: what is a birth, an edit, a move and a death, by stories with a known truth."""

import random
from collections import defaultdict

import pytest

from git_stories import handle, make, read_story
from groundswell.sources._git_files import piece

ADA, BEA, CYR = make.ADA, make.BEA, make.CYR


def lives(story, folder):
    """Sorted lives of all artefacts: each its events as (first letters, day, actor)."""
    rows, _ = read_story(story, folder)
    found = defaultdict(list)
    for row in rows["ArtefactTrace"]:
        if row["actor"]:  # a death that proved none is a move by nobody
            found[row["artefact"]].append((row["event"][0], row["ts"].strftime("%m-%d"), row["actor"]))
    return sorted(found.values())


def words(story, folder):
    """Sorted lives as words of events, such as "cem": created, edited, moved."""
    return sorted("".join(event for event, _, _ in life) for life in lives(story, folder))


@pytest.mark.parametrize(
    ("path", "form", "tool"),
    [
        ("AGENTS.md", "instructions", "any"),
        ("web/CLAUDE.md", "instructions", "claude"),
        ("GEMINI.md", "instructions", "gemini"),
        (".github/copilot-instructions.md", "instructions", "copilot"),
        (".github/instructions/python.instructions.md", "rule", "copilot"),
        (".github/prompts/plan.prompt.md", "command", "copilot"),
        (".github/agents/reviewer.agent.md", "agent", "copilot"),
        (".cursor/rules/web/style.mdc", "rule", "cursor"),
        (".cursorrules", "instructions", "cursor"),
        (".windsurfrules", "instructions", "windsurf"),
        (".claude/commands/fix.md", "command", "claude"),
        (".claude/agents/writer.md", "agent", "claude"),
        (".claude/skills/release/SKILL.md", "skill", "claude"),
        ("tools/skills/release/SKILL.md", "skill", "any"),
        (".agents/notes.md", "instructions", "any"),
        (".codex/prompts/plan.md", "command", "codex"),
    ],
)
def test_a_practice_file_is_told_by_its_path(path, form, tool):
    """Each tool's files have their form, and the tool they are written for."""
    found = piece(path)
    assert found is not None
    assert (found.form, found.tool) == (form, tool)


@pytest.mark.parametrize(
    "path",
    [
        "docs/agents.md", "src/claude.md", ".github/workflows/ci.md", ".claude/settings.json", "node_modules/x/AGENTS.md",
        "tests/fixtures/CLAUDE.md", ".claude/skills/release/AGENTS.md", ".claude/skills/README.md", "skills.md", "rules/style.md",
    ],
)  # fmt: skip
def test_other_files_are_none(path):
    """Ordinary files, vendored ones, settings, and files inside a skill's folder are no practice by themselves."""
    assert piece(path) is None


def test_a_skill_is_its_folder(tmp_path):
    """Files beside SKILL.md are edits of the one skill, one event a commit, and their deletion is no death."""
    story = make.Story()
    story.commit(ADA, "2025-01-01", files=[".claude/skills/s/SKILL.md", ".claude/skills/s/a.py"])
    story.commit(BEA, "2025-02-01", files={".claude/skills/s/a.py": "1", ".claude/skills/s/deep/b.py": "1"})
    story.commit(BEA, "2025-03-01", gone=[".claude/skills/s/a.py"])
    assert lives(story, tmp_path) == [[("c", "01-01", handle(ADA)), ("e", "02-01", handle(BEA)), ("e", "03-01", handle(BEA))]]


MOVES = {
    "same content, other name": ({"a": ".claude/commands/one.md"}, {"a": ".agents/commands/two.md"}),
    "same name, other content": ({"a": ".claude/skills/s/SKILL.md"}, {"b": ".agents/skills/s/SKILL.md"}),
    "another form, same name": ({"a": ".cursor/rules/style.mdc"}, {"b": ".claude/skills/style/SKILL.md"}),
    "another form, a long word shared": (
        {"a": ".claude/agents/changelog-writer.md"},
        {"b": ".agents/skills/changelog-writing/SKILL.md"},
    ),
    "another name in the same folder": ({"a": ".claude/skills/s/SKILL.md"}, {"b": ".claude/skills/t/SKILL.md"}),
    "instructions of another tool, same folder": ({"a": "CLAUDE.md"}, {"b": "AGENTS.md"}),
    "instructions in another folder": ({"a": "web/AGENTS.md"}, {"b": "site/AGENTS.md"}),
}


@pytest.mark.parametrize(("before", "after"), MOVES.values(), ids=MOVES)
def test_a_move_is_no_death(tmp_path, before, after):
    """What goes and comes in one commit is one artefact that moved, and stays one afterwards."""
    story = make.Story()
    story.commit(ADA, "2025-01-01", files={path: text for text, path in before.items()})
    story.commit(BEA, "2025-06-01", files={path: text for text, path in after.items()}, gone=list(before.values()))
    story.commit(ADA, "2025-07-01", files=dict.fromkeys(after.values(), "later"))
    assert words(story, tmp_path) == ["cme"]


def test_a_whole_folder_moves_one_by_one(tmp_path):
    """A restructuring of many files with the same generic names pairs each with its own."""
    story = make.Story()
    names = ["web", "api", "jobs"]
    story.commit(
        ADA, "2025-01-01", files={f"{n}/AGENTS.md": "same" for n in names} | {f".claude/skills/{n}/SKILL.md": n for n in names}
    )
    moved = {f"apps/{n}/AGENTS.md": "same" for n in names} | {f".agents/skills/{n}/SKILL.md": f"new {n}" for n in names}
    gone = [*(f"{n}/AGENTS.md" for n in names), *(f".claude/skills/{n}/SKILL.md" for n in names)]
    story.commit(ADA, "2025-06-01", files=moved, gone=gone)
    story.commit(BEA, "2025-07-01", gone=["apps/web/AGENTS.md"])
    rows, _ = read_story(story, tmp_path)
    first = {row["artefact"] for row in rows["ArtefactTrace"] if row["event"] == "created"}
    assert len(first) == 6
    assert sum(row["event"] == "moved" for row in rows["ArtefactTrace"]) == 6
    assert sum(row["event"] == "deleted" for row in rows["ArtefactTrace"]) == 1


def test_a_move_in_two_commits(tmp_path):
    """Deleted on Monday and added elsewhere on Friday, or added first and deleted then, is one artefact."""
    story = make.Story()
    story.commit(ADA, "2025-01-01", files=[".claude/commands/one.md", ".claude/commands/two.md"])
    story.commit(ADA, "2025-06-02", gone=[".claude/commands/one.md"], files={".agents/commands/two.md": "x"})
    story.commit(ADA, "2025-06-06", files={".agents/commands/one.md": "y"}, gone=[".claude/commands/two.md"])
    assert words(story, tmp_path) == ["cm", "cm"]


def test_a_revert_is_no_death_and_a_late_return_is_another_life(tmp_path):
    """A file back at its place within two weeks went on living; months later it is born again."""
    story = make.Story()
    story.commit(ADA, "2025-01-01", files=["AGENTS.md", "CLAUDE.md"])
    story.commit(BEA, "2025-02-01", gone=["AGENTS.md"])
    story.commit(ADA, "2025-02-03", files={"AGENTS.md": "AGENTS.md"})
    story.commit(BEA, "2025-03-01", gone=["CLAUDE.md"])
    story.commit(ADA, "2025-09-01", files={"CLAUDE.md": "again"})
    assert words(story, tmp_path) == ["c", "cd", "ce"]


def test_a_link_is_no_death_and_no_birth(tmp_path):
    """CLAUDE.md that becomes a link to AGENTS.md lives on there; links come and go without a trace."""
    story = make.Story()
    story.commit(ADA, "2025-01-01", files={"CLAUDE.md": "long text"})
    story.commit(ADA, "2025-02-01", files={"AGENTS.md": "long text"}, links={"CLAUDE.md": "AGENTS.md"})
    story.commit(
        BEA, "2025-03-01", files={"AGENTS.md": "longer"}, links={"GEMINI.md": "AGENTS.md", ".claude/skills": "../.agents"}
    )
    story.commit(BEA, "2025-04-01", gone=["CLAUDE.md", "GEMINI.md"])
    assert words(story, tmp_path) == ["cme"]


def test_two_that_stay_are_two(tmp_path):
    """CLAUDE.md beside an AGENTS.md of the same text are two artefacts as long as both stay."""
    story = make.Story()
    story.commit(ADA, "2025-01-01", files={"CLAUDE.md": "text"})
    story.commit(ADA, "2025-02-01", files={"AGENTS.md": "text"})
    story.commit(BEA, "2025-06-01", gone=["CLAUDE.md"])
    assert words(story, tmp_path) == ["c", "cd"]


def test_a_merged_line_counts_when_it_arrives_and_credits_who_wrote_it(tmp_path):
    """Life follows the default branch: two authors of a merged branch both count, and who pressed merge does not."""
    story = make.Story()
    story.commit(CYR, "2025-01-01")
    story.commit(ADA, "2025-01-02", on="side", start="main", files={"AGENTS.md": "1"})
    story.commit(BEA, "2025-01-03", on="side", files={"AGENTS.md": "2"})
    story.commit(CYR, "2025-01-04", files=["x"])
    story.commit(CYR, "2025-01-05", "Merge pull request #1 from plainly/side", merges="side", files={"AGENTS.md": "2"})
    story.commit(ADA, "2025-01-06", on="never", start="main", files={"CLAUDE.md": "unmerged"})
    assert lives(story, tmp_path) == [[("c", "01-02", handle(ADA)), ("e", "01-03", handle(BEA))]]


def test_a_file_older_than_any_assistant_has_its_name_by_chance(tmp_path):
    """An AGENTS.md of 2015 is about estate agents, and stays so when it is edited later."""
    story = make.Story()
    story.commit(ADA, "2015-01-01", files=["AGENTS.md"])
    story.commit(BEA, "2025-01-01", files={"AGENTS.md": "more"})
    assert words(story, tmp_path) == []


def test_an_agents_edit_is_its_requesters(tmp_path):
    """A practice file an agent writes is credited to the person who asked, if one is named, else to the agent."""
    story = make.Story()
    story.commit(make.CLAUDE, "2025-01-01", f"x\n\n{make.CREDIT}{BEA}", files=["AGENTS.md"])
    story.commit(make.COPILOT, "2025-01-02", by=make.HOST, files={"AGENTS.md": "2"})
    rows, _ = read_story(story, tmp_path)
    assert [(row["actor_kind"], row["actor"] == handle(BEA)) for row in rows["ArtefactTrace"]] == [
        ("person", True),
        ("agent", False),
    ]


def latest(*readings):
    """Rows of several readings laid together as the store does: of those with one id, the greatest version."""
    found = {}
    for rows in readings:
        for row in rows["ArtefactTrace"]:
            if row["id"] not in found or found[row["id"]]["version"] <= row["version"]:
                found[row["id"]] = row
    return found


@pytest.mark.parametrize("seed", range(8))
def test_a_history_read_as_it_grew_is_the_history_read_at_once(tmp_path, seed):
    """What a shorter history made look like a death or a birth is put right by the next reading, in any order of the two."""
    chance = random.Random(seed)
    paths = ["AGENTS.md", "CLAUDE.md", ".claude/commands/fix.md", "docs/AGENTS.md", ".cursor/rules/fix.mdc"]
    story, alive, readings = make.Story(), set(), []
    for day in range(1, 25):
        gone = chance.sample(sorted(alive), k=min(len(alive), chance.choice([0, 0, 1, 2])))
        new = chance.sample(paths, k=chance.choice([0, 1, 2]))
        files = {path: f"{path} {chance.randrange(2)}" for path in new if path not in gone}
        alive = alive - set(gone) | set(files)
        story.commit(
            chance.choice([ADA, BEA, CYR]), f"2025-02-{day:02d}", f"work {day}", files={**files, "a.py": str(day)}, gone=gone
        )
        if day in (8, 16, 24):
            readings.append(read_story(story, tmp_path / str(day))[0])
    assert latest(*readings) == latest(readings[-1]) == latest(*reversed(readings))


def rewritten(seed, folder, *, anew):
    """A reading of an invented history; written anew, a commit in its middle has gone, one has come, and all later ids differ."""
    chance = random.Random(seed)
    story, dropped = make.Story(), chance.randrange(4, 18)
    for day in range(1, 25):
        who, work = chance.choice([ADA, BEA, CYR]), f"work {day}\n\n{make.CREDIT}{make.CLAUDE}" * (day % 3 == 0) or f"work {day}"
        files = {"AGENTS.md": f"{chance.randrange(3)}", "a.py": str(day)} if day % 2 else {"b.py": str(day)}
        if day == dropped:
            if not anew:
                story.commit(who, f"2025-02-{day:02d}", "taken back later", files={"c.py": "1"})
            story.commit(who, f"2025-02-{day:02d}T09:00", "said again in other words", files={"d.py": str(anew)})
        story.commit(who, f"2025-02-{day:02d}T10:00", work, files=files)
    return read_story(story, folder)[0]


@pytest.mark.parametrize("seed", range(6))
def test_history_written_anew_counts_nothing_twice(tmp_path, seed):
    """A force-push gives every later commit another id: read before and after, there is what the new history has, and what it
    dropped, each once; commits, marks, ties and lives of practice files alike."""
    old, new = (rewritten(seed, tmp_path / str(anew), anew=anew) for anew in (False, True))
    for kind, gone in (("Trace", 1), ("ActRow", 0), ("TieTrace", 0), ("ArtefactTrace", 0)):
        before, after = ({tuple(row.values()) for row in rows[kind]} for rows in (old, new))
        assert len(before - after) == gone, kind
        assert not after - before, kind
    assert latest(old, new) == latest(new)


def test_told_apart_by_ids_alone_work_counts_again(tmp_path, monkeypatch):
    """Against rows remembered by commit id, as ours once were, nearly all of a history written anew is new."""
    monkeypatch.setattr("groundswell.sources._git_rows.work_of", lambda record: record[0].decode())
    old, new = (rewritten(1, tmp_path / str(anew), anew=anew) for anew in (False, True))
    assert len({row["id"] for row in new["Trace"]} - {row["id"] for row in old["Trace"]}) > 5


def test_a_cherry_pick_is_the_work_it_was_picked_from(tmp_path):
    """The same author, second and subject on another branch: one commit. Another subject in the same second: another."""
    story = make.Story()
    story.commit(ADA, "2025-01-01", files=["x"])
    story.commit(ADA, "2025-01-02", "mend the gate", files=["y"])
    story.commit(ADA, "2025-01-02", "mend the gate\n\n(picked)", on="release", start="main", files={"z": "other"})
    story.commit(ADA, "2025-01-02", "mend the fence", on="release", files={"w": "other"})
    rows, _ = read_story(story, tmp_path)
    assert len({row["id"] for row in rows["Trace"]}) == 3
