"""How long restarts take, drawn from a seed: the distributions by which waiting is measured."""

import random
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

Draw: TypeAlias = Callable[[random.Random, float], float]
"""Seconds of one restart, by chance and the middle one."""


def _constant(_chance: random.Random, middle: float) -> float:
    return middle


def _lognormal(sigma: float) -> Draw:
    return lambda chance, middle: middle * chance.lognormvariate(0, sigma)


def _bimodal(chance: random.Random, middle: float) -> float:
    """Two of three are warm, the third pulls its image first."""
    return middle * chance.uniform(0.9, 1.0) * (2.2 if chance.random() < 1 / 3 else 1.0)


SHAPES: Final[Mapping[str, Draw]] = {
    "constant": _constant,
    "lognormal 0.2": _lognormal(0.2),
    "lognormal 0.5": _lognormal(0.5),
    "bimodal": _bimodal,
}
"""How restarts vary from one to the next."""


def own(shape: str, middle: float, chance: random.Random) -> Callable[[], float]:
    """Restarts of one agent whose usual length is drawn from this shape, each within 5 % or so."""
    usual = SHAPES[shape](chance, middle)
    return lambda: max(2.0, usual * chance.lognormvariate(0, 0.05))


def any_of(shape: str, middle: float, chance: random.Random) -> Callable[[], float]:
    """Restarts whose lengths say nothing of the next one: each is drawn from the shape itself."""
    return lambda: max(2.0, SHAPES[shape](chance, middle))
