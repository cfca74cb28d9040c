"""The command line: `./callout COMMAND`. Each command is imported when it is called."""
