"""The documents for users, README.md and server/docs/*.md, and what stands in them.

An HTML comment on the line before a block says how the block is tested:

    <!-- server -->    starts the server of the blocks after it, up to the end of the page or the next such block
    <!-- run -->       bash or python, run as it stands; a line `! COMMAND` is refused with the error code at the end of
                       the comment above it
    <!-- seed -->      a seed document
    <!-- config -->    a config file
    <!-- compile -->   C++ that compiles
"""
import dataclasses
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
TOPICS = sorted((ROOT / "server/docs").glob("*.md"))
PAGES = [README, *TOPICS]
# For people who change firn: only their links and paths are checked.
OTHER_PAGES = [ROOT / name for name in ("CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")]

_BLOCK = re.compile(r"^(?:<!-- (\w+) -->\n)?```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@dataclasses.dataclass(frozen=True)
class Block:
    page: pathlib.Path
    line: int
    mark: str  # empty for none
    language: str
    text: str

    def __str__(self):
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def text_of(page):
    return page.read_text(encoding="utf-8")


def blocks_of(page, *marks):
    """All blocks of a page, or those with one of the marks."""
    text = text_of(page)
    found = [Block(page, text.count("\n", 0, match.start()) + 1, match[1] or "", match[2], match[3])
             for match in _BLOCK.finditer(text)]
    return [block for block in found if not marks or block.mark in marks]


def code_of(page):
    """Each piece of code between backticks in the text, outside blocks."""
    return _CODE.findall(_BLOCK.sub("", text_of(page)))


def commands_of(page):
    """Each line of the shell: those of the bash blocks, and the pieces of code in the text."""
    for block in blocks_of(page):
        if block.language == "bash":
            yield from block.text.replace("\\\n", " ").splitlines()
    yield from code_of(page)


def links_of(page):
    """The targets of links that do not leave the repository."""
    return [target for target in _LINK.findall(text_of(page)) if "://" not in target]


def anchors_of(page):
    """What a link to a heading of the page may name, as GitHub makes it."""
    headings = re.findall(r"^#+ (.+)$", _BLOCK.sub("", text_of(page)), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
