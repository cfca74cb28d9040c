"""The search itself, compiled: `rounds` change `days`, `places` finds the best ones, `hours` tells whether they hold.

Everything works on `Model` (what is given) and `State` (where the search stands), arrays of plain numbers: d is a day,
v a visit, i a stop or a leg of a route, k a number of breaks taken. The hours are those of `timing`, the costs those of
`score` and `construct.cost`, in points; tests hold them against each other. What is called millions of times gets the
few arrays that it needs instead of all.
"""

from .data import ABLE, ABLE_END, HOME, LOCKED, NEVER, PLACE, SERVICE, Floats, Model, Scratch, State
from .days import load, total
from .rounds import construct, search

__all__ = [
    "ABLE",
    "ABLE_END",
    "HOME",
    "LOCKED",
    "NEVER",
    "PLACE",
    "SERVICE",
    "Floats",
    "Model",
    "Scratch",
    "State",
    "construct",
    "load",
    "search",
    "total",
]
