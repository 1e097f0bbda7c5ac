"""A command line that cannot be understood, as one line: what is wrong with it, and what to type instead."""

import difflib
from collections.abc import Iterable
from typing import Any

import typer

__all__ = ["usage_line"]

# Parameters of the engine: they have a value like any other parameter.
_PARAMETERS = ("--stop-loss", "--take-profit", "--trailing-stop", "--max-bars-held", "--position-size", "--leverage")
# What people type who know other programs, and what it is called here.
_SYNONYMS = {
    "--balance": "--initial-cash",
    "--capital": "--initial-cash",
    "--cash": "--initial-cash",
    "--end": "--stop",
    "--fee": "--commission",
    "--fees": "--commission",
    "--file": "--data",
    "--fix": "--set",
    "--from": "--start",
    "--html": "--report",
    "--iterations": "--trials",
    "--jobs": "--threads",
    "--metric": "--objective",
    "--n-trials": "--trials",
    "--out": "--report",
    "--output": "--report",
    "--param": "--set",
    "--parameter": "--set",
    "--random-state": "--seed",
    "--report": "--out",
    "--spread": "--half-spread",
    "--symbol": "--data",
    "--to": "--stop",
    "--until": "--stop",
    "--workers": "--threads",
}


def usage_line(error: typer.TyperException) -> str:
    """What is wrong and how to fix it, from an error that Typer raised while it read the command line."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "autotrade"
    see_help = f"run '{path} --help'"
    if "Fix: " in error.message:  # one of our own readers refused a value, and said all there is to say
        return error.message
    message = " ".join(error.format_message().split()).rstrip(".")
    option = getattr(error, "option_name", None)
    if option is not None and message.startswith("No such option"):
        known = _options(context.command) if context else []
        owners = _owners(option, context) if context else []
        if context and owners and _SYNONYMS.get(option) not in known:
            listed = " and ".join(filter(None, (", ".join(owners[:-1]), owners[-1])))
            other = f"it is an option of {listed}, not of {context.info_name}"
            return _line(f"{path} has no option {option}: {other}", f"leave it out, or {see_help}")
        return _line(f"{path} has no option {option}", _nearest(option, known) or see_help)
    if message.startswith("No such command"):
        what, _, suggestion = message.partition(". Did you mean ")
        known = list(getattr(context.command, "commands", ())) if context else []
        return _line(_lowered(what), f"did you mean {suggestion}" if suggestion else f"use one of {', '.join(known)}")
    if option is not None and message.endswith("requires an argument"):
        return _line(f"{option} needs a value", f"write {option} VALUE")
    if option is not None and message.endswith("does not take a value"):
        return _line(f"{option} takes no value", f"write {option} alone")
    if message.startswith("Got unexpected extra argument"):
        extra = message[message.find("(s) (") + 5 : -1] if "(s) (" in message else message
        return _line(f"{path} does not know what to do with {extra!r}", f"options start with --: {see_help}")
    return _line(_lowered(message), see_help)


def _line(what: str, fix: str) -> str:
    return f"{what}. Fix: {fix}"


def _options(command: Any) -> list[str]:
    return [name for parameter in command.params if not getattr(parameter, "hidden", False) for name in parameter.opts]


def _owners(option: str, context: Any) -> list[str]:
    """The commands beside this one that have the option."""
    beside = getattr(context.parent.command, "commands", {}) if context.parent else {}
    return [name for name, command in beside.items() if option in _options(command)]


def _nearest(option: str, known: Iterable[str]) -> str:
    names = list(known)
    if option in _PARAMETERS and "--set" in names:
        return f"did you mean --set {option.strip('-').replace('-', '_')}=VALUE?"
    meant = _SYNONYMS.get(option)
    if meant in names:
        return f"did you mean {meant}?"
    close = difflib.get_close_matches(option, names, n=2, cutoff=0.7)
    return f"did you mean {' or '.join(close)}?" if close else ""


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]
