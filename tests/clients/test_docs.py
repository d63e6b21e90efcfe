"""The documents say what is true: marked blocks are run as they stand (support/documents.py), and what the text names
exists."""
import json
import re
import shlex
import subprocess

import pytest
from command_line import command_line
from documents import (OTHER_PAGES, PAGES, README, ROOT, TOPICS, anchors_of, blocks_of, code_of, commands_of, links_of,
                       text_of)
from firn_server import run_firn
from reader import FILES, Reader
from waiting import patient

LINES_MAX = {README: 160}
PAGE_LINES_MAX = 120
# Options in the text that belong to other programs.
FOREIGN_OPTIONS = {"--archive-id", "--job-id", "--shm-size"}
MARKS = ("server", "run", "seed", "config", "compile")
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


@pytest.fixture
def reader(tmp_path):
    one = Reader(tmp_path)
    yield one
    one.stop()


# --- Blocks


@pytest.mark.parametrize("page", [page for page in PAGES if blocks_of(page, "run")], ids=lambda page: page.stem)
def test_blocks_do_what_they_say(reader, page):
    for block in blocks_of(page, "server", "run"):
        if block.mark == "server":
            reader.start(block)
        else:
            print(reader.run(block))


@each_page
def test_every_mark_is_known(page):
    marks = [block.mark for block in blocks_of(page) if block.mark]
    assert set(marks) <= set(MARKS)
    # A mark that does not stand before a block would test nothing.
    assert len(marks) == len(re.findall(f"^<!-- ({'|'.join(MARKS)}) -->", text_of(page), re.MULTILINE))


@pytest.mark.parametrize("block", [block for page in PAGES for block in blocks_of(page, "config")], ids=str)
def test_config_files_are_accepted(start_firn, tmp_path, block):
    file = tmp_path / "firn.conf"
    file.write_text(block.text, encoding="utf-8")
    server = start_firn("--in-memory", "--config", file)
    server.stop()


@each_page
def test_json_is_json(page):
    for block in blocks_of(page):
        if block.language == "json":
            json.loads(block.text)


@pytest.mark.parametrize("block", [block for page in PAGES for block in blocks_of(page, "seed")], ids=str)
def test_seeds_are_accepted(start_firn, tmp_path, block):
    for name, size in FILES.items():
        (tmp_path / name).write_bytes(bytes(size))
    file = tmp_path / "seed.json"
    file.write_text(block.text, encoding="utf-8")
    result = run_firn("seed", str(file), "--endpoint", start_firn("--in-memory").url)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("block", [block for page in PAGES for block in blocks_of(page, "compile")], ids=str)
def test_programs_compile(block):
    result = subprocess.run(["g++", "-std=c++20", "-fsyntax-only", "-I", ROOT, "-x", "c++", "-"], input=block.text,
                            capture_output=True, text=True, timeout=patient(60), check=False)
    assert result.returncode == 0, result.stderr


# --- What the text names


def words_after_firn(line):
    """The arguments of each call of firn in a line of the shell."""
    try:
        words = shlex.split(line, comments=True)
    except ValueError:  # a piece of the text that is not for the shell
        return
    for at, word in enumerate(words):
        if word == "firn":
            end = next((i for i in range(at, len(words)) if words[i] in ("|", "&&", "&", ";")), len(words))
            yield words[at + 1:end]


@each_page
def test_commands_exist(page):
    unknown = [(line, word) for line in commands_of(page) for words in words_after_firn(line)
               if (word := command_line().find_unknown(words))]
    assert unknown == []


@each_page
def test_options_and_variables_exist(page):
    named = {word.partition("=")[0] for code in code_of(page) if code.startswith("--") for word in code.split()
             if word.startswith("--")}
    assert named - FOREIGN_OPTIONS - command_line().all_options() == set()
    assert set(re.findall(r"\bFIRN_[A-Z_]+\b", text_of(page))) <= command_line().variables


def test_every_option_of_the_server_is_described():
    described = set(" ".join(code_of(ROOT / "server/docs/options.md")).replace("=", " ").split())
    assert command_line().options[()] - described - {"--help", "--version"} == set()


@each_page
def test_control_paths_exist(page):
    known = json.loads((ROOT / "server/control/openapi.json").read_text(encoding="utf-8"))["paths"]
    assert set(re.findall(r"/_firn/[\w./{}-]*[\w}]", text_of(page))) <= set(known)


@pytest.mark.parametrize("page", PAGES + OTHER_PAGES, ids=lambda page: page.stem)
def test_links_paths_and_verbs_exist(page):
    for target in links_of(page):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        assert not anchor or anchor in anchors_of(file), target
    for code in code_of(page):
        if re.fullmatch(r"(server|storage|tests|docker)/[\w./-]+", code):
            assert (ROOT / code).exists(), code
    verbs = re.findall(r"^#   \./dev (\w+)", text_of(ROOT / "dev"), re.MULTILINE)
    assert set(re.findall(r"\./dev (\w+)", text_of(page))) <= set(verbs)


@each_page
def test_pages_are_short(page):
    assert len(text_of(page).splitlines()) <= LINES_MAX.get(page, PAGE_LINES_MAX)


# --- firn help


@pytest.mark.parametrize("page", TOPICS, ids=lambda page: page.stem)
def test_help_prints_the_page(page):
    result = run_firn("help", page.stem)
    assert (result.returncode, result.stdout, result.stderr) == (0, text_of(page), "")


def list_of_topics(text):
    return dict(re.findall(r"^  (\w+) +(.+)$", text, re.MULTILINE))


def test_help_lists_every_page():
    result = run_firn("help")
    assert result.returncode == 0
    assert list_of_topics(result.stdout) == {
        page.stem: text_of(page).splitlines()[0].removeprefix("# ") for page in TOPICS}
    assert "firn COMMAND --help" in result.stdout


def test_help_on_something_unknown():
    result = run_firn("help", "nothing")
    assert (result.returncode, result.stdout) == (1, "")
    assert "nothing" in result.stderr
    assert list_of_topics(result.stderr).keys() == {page.stem for page in TOPICS}


def test_the_readme_links_every_page():
    assert {ROOT / target for target in links_of(README)} >= set(TOPICS + OTHER_PAGES)
