"""An argparse parser with readable help and one-line errors that suggest the right word."""

import argparse
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NoReturn

from engine.common.errors import UsageError
from engine.common.text import nearest, suggestion

_INVALID_CHOICE: Final = re.compile(r"argument (?P<name>.+?): invalid choice: '?(?P<word>.*?)'? \(choose from")


class Parser(argparse.ArgumentParser):
    """Raises UsageError where argparse would print its usage and exit."""

    def error(self, message: str) -> NoReturn:
        """Translate argparse's message into ours.

        Raises:
            UsageError: always.
        """
        found = _INVALID_CHOICE.match(message)
        if found:
            known = next(
                (list(one.choices) for one in self._actions if one.choices and found["word"] not in one.choices), []
            )
            message = f'there is no {found["name"]} "{found["word"]}": {suggestion(found["word"], known)}'
        raise UsageError(f"{message} (see {self.prog} --help)")

    def format_help(self) -> str:
        """Format the help, in colour if the terminal has it. The formatter is imported only here."""
        from rich_argparse import RichHelpFormatter  # noqa: PLC0415 -- takes 40 ms, and only help needs it

        class Formatter(RichHelpFormatter):
            text_markup = False
            help_markup = False
            group_name_formatter = str.capitalize

        self.formatter_class = Formatter
        return super().format_help()

    def subparsers(self) -> "dict[str, Parser]":
        """Return the parsers of the commands by name; a command's own parser has none."""
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 -- argparse has no public name for it
                return dict(action.choices)
        return {}

    def options(self) -> Iterator[argparse.Action]:
        """Yield the options of this level, without the commands."""
        for action in self._actions:
            if not isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 -- likewise
                yield action

    def divided(self, words: Sequence[str], *, whole: bool = False) -> tuple[list[str], list[str]]:
        """Separate the options of this level, with their values, from all other words, which keep their order.

        argparse does not say which unknown option a word followed, and accepts no name after an option. The first word
        that is no option of this level ends the search; with `whole`, the search goes on to the last word.
        """
        takes = {name: action.nargs is None for action in self.options() for name in action.option_strings}
        mine: list[str] = []
        others: list[str] = []
        left = list(words)
        while left and (whole or not others):
            word = left.pop(0)
            if word == "--":
                break
            name = _name(word, takes)
            if name not in takes:
                others.append(word)
                continue
            mine.append(word)
            alone = word == name if word.startswith("--") else word.endswith(name[1])
            if takes[name] and alone and left:
                mine.append(left.pop(0))
        return mine, [*others, *left]

    def refuse(self, unknown: list[str]) -> NoReturn:
        """Refuse unknown words.

        Raises:
            UsageError: always.
        """
        word = unknown[0].partition("=")[0]
        known = [name for action in self.options() for name in action.option_strings]
        guess = nearest(word, known) if word.startswith("-") else None
        meant = f'did you mean "{guess}"?' if guess else f"see {self.prog} --help"
        kind = "option" if word.startswith("-") else "argument"
        raise UsageError(f'unknown {kind} "{word}": {meant}')


def _name(word: str, takes: Mapping[str, bool]) -> str:
    """Return the option that a word stands for: `--for=5m` is `--for`, `-w8` is `-w`, `-qw` ends in `-w`."""
    if word.startswith("--"):
        return word.partition("=")[0]
    short = word[:2]
    if len(word) > 2 and takes.get(short) is False:
        return _name(f"-{word[2:]}", takes)
    return short if takes.get(short) else word
