"""Just enough reading of C++ to judge it: text without comments and literals, and what each bracket is for."""
import bisect
import re

# Comments, string and character literals (10'000 is neither), preprocessor lines.
_NOISE = re.compile(
    r"""//[^\n]* | /\*.*?\*/
      | (?:\b(?:u8|[uUL]))?R"(?P<end>[^(\s]*)\(.*?\)(?P=end)"
      | "(?:\\.|[^"\\\n])*" | (?<!\w)'(?:\\.|[^'\\\n])+'
      | ^[ \t]*\#(?:\\\n|[^\n])*""",
    re.S | re.X | re.M,
)
_TOKEN = re.compile(r"\bco_await\b|[(){}\[\]]")
_SPECIFIER = re.compile(r"(\b(const|noexcept|override|final|mutable|constexpr)|->[\w:<>,&*\s]+|(?<=\))\s*&&?)\s*$")
_SCOPE = re.compile(r"\b(namespace|struct|class|union|enum|extern)\b[^=()]*$")
_BINDING = re.compile(r"\bauto(\s+const)?\s*&{0,2}\s*$")


def _blank(match):
    text = match.group()
    kept = re.sub(r"[^\n]", " ", text)
    return kept if text[0] in "/# \t" or len(text) < 2 else '"' + kept[1:-1] + '"'


class CppText:
    """`text` has the length and the lines of the source. `partner` maps brackets to each other; `kind` says what an
    opening brace or square bracket opens; `awaits` lists (position, position of the bracket around it or None);
    `prose` lists (position, comment or literal)."""

    def __init__(self, source):
        self.text = _NOISE.sub(_blank, source)
        self.prose = [(m.start(), m.group()) for m in _NOISE.finditer(source) if not m.group().lstrip().startswith("#")]
        self.partner, self.kind, self.awaits = {}, {}, []
        self._lines = [m.start() for m in re.finditer("\n", source)]
        stack = []
        for match in _TOKEN.finditer(self.text):
            at, token = match.start(), match.group()
            if token == "co_await":
                self.awaits.append((at, stack[-1] if stack else None))
            elif token in "([{":
                if token != "(":
                    self.kind[at] = self._square(at) if token == "[" else self._brace(at, stack)
                stack.append(at)
            elif stack:
                self.partner[at] = stack.pop()
                self.partner[self.partner[at]] = at

    def line(self, at):
        return bisect.bisect_left(self._lines, at) + 1

    def word_before(self, at):
        return re.search(r"\w*$", self.text[max(0, at - 80):at].rstrip()).group()

    def _square(self, at):
        before = self.text[:at].rstrip()
        if self.text.startswith("[", at + 1) or before.endswith("["):
            return "attribute"
        if _BINDING.search(before[-40:]):
            return "binding"
        if re.search(r'[\w)\]"]$', before) and self.word_before(at) not in ("return", "co_return", "co_await"):
            return "subscript"
        return "lambda"

    def _brace(self, at, stack):
        """function, block, scope (of names), lambda (its body) or initialiser."""
        around = stack[-1] if stack else None
        in_block = around is None or (self.text[around] == "{" and self.kind[around] != "initialiser")
        braces = [self.kind[i] for i in stack if self.text[i] == "{"]
        block = "function" if in_block and all(kind == "scope" for kind in braces) else "block"

        before = self.text[:at].rstrip()
        if not before or before[-1] in "{};:":
            return block if in_block else "initialiser"
        while True:
            shorter = _SPECIFIER.sub("", before[-400:])
            if len(shorter) < len(before[-400:]):
                before = before[:-400] + shorter.rstrip()
            elif before.endswith(")") and self.word_before(self.partner.get(len(before) - 1, 0)) == "noexcept":
                before = before[: self.partner[len(before) - 1]].rstrip()[: -len("noexcept")].rstrip()
            else:
                break
        last = len(before) - 1
        if before.endswith(")"):
            opened = self.text[: self.partner.get(last, 0)].rstrip()
            return "lambda" if self.kind.get(self.partner.get(len(opened) - 1)) == "lambda" else block
        if before.endswith("]"):
            return "lambda" if self.kind.get(self.partner.get(last)) == "lambda" else "initialiser"
        if self.word_before(at) in ("else", "do", "try"):
            return block
        head = before[max(before.rfind(c) for c in ";{}") + 1:]
        return "scope" if in_block and _SCOPE.search(head) else "initialiser"
