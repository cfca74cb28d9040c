"""What is missing for a visit to fit on a day: the least changes of hours, found for many days in compiled loops.

The hours are those of `timing`: d is a day, s a leg (leg s leads to stop s; stop n is the end place), k a number of
breaks taken. What stands ahead of a leg and what follows it is known for every leg, so that a day is never timed as a
whole: a visit is put between the two, and where one is taken out only the side that changes is worked out again.
"""

from .changes import find

__all__ = ["find"]
