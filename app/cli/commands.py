"""The list of commands: where each lives, and one line about it. Standard library only, so that help always works."""

from __future__ import annotations

from importlib.util import find_spec

# command -> (module:attribute of a click command, help); "group name" -> its sub-commands are written "group sub".
COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("app.cli.up:up", "Install, migrate, make the demo day, start everything; Ctrl-C stops it."),
    "test": ("app.cli.test:test", "Lint, types, import contracts and the tests; arguments go to pytest."),
    "walkthrough": ("app.walkthrough.cli:walkthrough", "Tour of one working day through the public HTTP API."),
    "demo": ("app.demo.cli:demo", "Make today's demo day unless it is there; up does it by itself."),
    "seed": ("app.demo.cli:seed", "Make a believable city day of any size."),
    "import requests": ("app.imports.cli:requests", "Turn a CSV export into requests, jobs and sites."),
    "migrate": ("app.cli.servers:migrate", "Bring the database to the newest schema."),
    "worker": ("app.cli.processes:worker", "Run background tasks."),
    "relay": ("app.cli.processes:relay", "Hand due tasks from the database to the workers' queue."),
    "drain": ("app.cli.processes:drain", "Stamp changed rows into the synchronisation feed."),
    "backup": ("app.cli.backup:backup", "Write the database and the media into one file."),
    "restore": ("app.cli.backup:restore", "Replace the database and the media by those of a backup."),
    "rotate-keys": ("app.cli.keys:rotate", "Retire the key that seals reports, for a new one or your own."),
    "user add": ("app.cli.people:add", "Add a person who can sign in."),
    "problems": ("app.cli.problems:problems", "Print the list of problem types, as docs/problems.md holds it."),
    "bench": ("bench.cli:bench", "Run a named benchmark."),
    "doctor": ("app.cli.servers:doctor", "Say what is missing on this machine and how to get it."),
}


def exists(name: str) -> bool:
    """True when this build has the module of the command `name`."""
    module = COMMANDS[name][0].partition(":")[0]
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def overview() -> str:
    """The help text: every command with its line."""
    width = max(map(len, COMMANDS)) + 2
    lines = [f"  {name:<{width}}{text}" for name, (_, text) in COMMANDS.items()]
    usage = "Usage: ./callout COMMAND [OPTIONS]     (./callout COMMAND --help says more)"
    return "\n".join([usage, "", "Field service: offline sync, explained dispatch, signed reports.", "", *lines])


if __name__ == "__main__":
    print(overview())
