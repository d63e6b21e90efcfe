"""What a measurement is: rounds of firn and its ceiling in turn, the median of each, and a target."""
import dataclasses
import statistics


@dataclasses.dataclass(frozen=True)
class Target:
    """A bound on the ratio firn ÷ ceiling, or on firn's own figure."""
    bound: float
    is_upper: bool
    of_ratio: bool = True

    def is_met(self, row):
        value = row.ratio if self.of_ratio else row.firn
        return value <= self.bound if self.is_upper else value >= self.bound

    def __str__(self):
        return f"{'≤' if self.is_upper else '≥'} {self.bound:.4g}{'×' if self.of_ratio else ''}"


def ratio_at_least(bound):
    return Target(bound, is_upper=False)


def ratio_at_most(bound):
    return Target(bound, is_upper=True)


def at_most(bound):
    return Target(bound, is_upper=True, of_ratio=False)


@dataclasses.dataclass
class Row:
    """`firn` and `ceiling` are the figures of all rounds; a row without target is for information."""
    name: str
    unit: str
    firn_rounds: list
    ceiling_rounds: list = dataclasses.field(default_factory=list)
    target: Target | None = None

    @property
    def firn(self):
        return statistics.median(self.firn_rounds)

    @property
    def ceiling(self):
        return statistics.median(self.ceiling_rounds) if self.ceiling_rounds else None

    @property
    def ratio(self):
        return self.firn / self.ceiling if self.ceiling else None

    @property
    def is_met(self):
        return None if self.target is None else self.target.is_met(self)

    def as_json(self):
        return {"name": self.name, "unit": self.unit, "firn": self.firn, "ceiling": self.ceiling, "ratio": self.ratio,
                "target": self.target and str(self.target), "met": self.is_met,
                "firn_rounds": self.firn_rounds, "ceiling_rounds": self.ceiling_rounds}


def in_turn(rounds, *measures):
    """The results of each measure. They go in turn, every second round backwards: what else the machine does, and what
    one leaves to the next, hits all of them alike."""
    results = [[] for _ in measures]
    for number in range(rounds):
        order = list(zip(measures, results))
        for measure, result in order if number % 2 == 0 else reversed(order):
            result.append(measure())
    return results


def figures(rounds, name):
    """One figure out of each round's results."""
    return [result[name] for result in rounds]
