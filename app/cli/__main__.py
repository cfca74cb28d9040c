"""`python -m app.cli`: finds the command, imports it, runs it, and tells errors in plain words."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from app.cli.commands import COMMANDS, exists, overview
from app.kernel.problems import Problem
from ops.errors import OpsError


class LazyGroup(click.Group):
    """A group whose commands are imported only when they are called.

    Args:
        prefix: The words before the command's own name, such as `"user "`.
    """

    def __init__(self, name: str, prefix: str = "") -> None:
        super().__init__(name, no_args_is_help=True)
        self.prefix = prefix

    def list_commands(self, ctx: click.Context) -> list[str]:
        below = (name.removeprefix(self.prefix).split()[0] for name in COMMANDS if name.startswith(self.prefix))
        return list(dict.fromkeys(below))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        name = self.prefix + cmd_name
        if name in COMMANDS:
            return load(name)
        if any(known.startswith(f"{name} ") for known in COMMANDS):
            return LazyGroup(cmd_name, f"{name} ")
        return None

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if not self.prefix:
            formatter.write(overview() + "\n")
            return
        formatter.write_usage(ctx.command_path, "COMMAND [OPTIONS]")
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[self.prefix + name][1]) for name in self.list_commands(ctx)])


def load(name: str) -> click.Command:
    """Import the click command that the list gives for `name`."""
    module, _, attribute = COMMANDS[name][0].partition(":")
    if not exists(name):
        raise OpsError(f"This build has no command '{name}'.")
    command = getattr(import_module(module), attribute)
    assert isinstance(command, click.Command), f"{name} is not a click command"
    return command


def main() -> None:
    """Run the command line; what a person can mend is told without a traceback, with exit code 1."""
    try:
        LazyGroup("callout")(prog_name="./callout")
    except (OpsError, Problem) as error:
        sys.exit(f"callout: {error}")


if __name__ == "__main__":
    main()
