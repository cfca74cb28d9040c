"""`python -m bench.dispatch`: the figures as a table on the screen."""

from __future__ import annotations

from bench.dispatch import planning


class Screen:
    """Prints each figure as it is found."""

    def add(self, what: str, figure: str, remark: str = "") -> None:
        print(f"| {what} | {figure} | {remark} |", flush=True)


if __name__ == "__main__":
    planning.run(Screen())
