"""The command line of firn as its --help pages describe it."""
import concurrent.futures
import functools
import re

from firn_server import run_firn

_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


class CommandLine:
    """`options` maps each command, as a tuple of words, to the options of its --help. The server's own are at ()."""

    def __init__(self):
        self.options = {}
        self.variables = set()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            commands = [()]
            while commands:
                found = list(pool.map(self._read, commands))
                commands = [command for below in found for command in below]

    def _read(self, command):
        """Reads one page; returns the commands below it."""
        result = run_firn(*command, "--help")
        assert result.returncode == 0, (command, result.stderr)
        text, _, below = result.stdout.partition("\nSubcommands:\n")
        self.options[command] = set(_OPTION.findall(text))
        self.variables |= set(re.findall(r"\(Env:(\w+)\)", text))
        return [(*command, name) for name in re.findall(r"^  (\w+) ", below, re.MULTILINE)]

    def all_options(self):
        return set().union(*self.options.values())

    def find_unknown(self, words):
        """The first of the words after `firn` that names no command and no option of it; None if all is well."""
        command, value_follows = (), False
        for word in words:
            if word.startswith("--"):
                name, _, value = word.partition("=")
                # Options of the server may stand behind a command.
                if name not in self.options[command] | self.options[()]:
                    return word
                value_follows = not value
            elif (*command, word) in self.options:
                command, value_follows = (*command, word), False
            else:
                takes_command = any(known[:-1] == command for known in self.options if known)
                if takes_command and not value_follows and re.fullmatch("[a-z][a-z-]*", word):
                    return word
                value_follows = False
        return None


@functools.cache
def command_line():
    return CommandLine()
