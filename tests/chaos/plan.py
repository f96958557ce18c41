"""What the processes of one chaos run share: a file that each of them reads."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from lianban.ops.environment import ROOT
from tests.chaos.fate import RANDOM, Fate, of

#: Departments of the edition `chaos` with a system of their own.
PARTNERS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
#: Those who die at named points; the web and the simulators are killed from outside as well.
MORTALS = ("worker-a", "worker-b", "web", "clerk")
EDITION = "chaos"
POLICY = ROOT / "tests" / "fixtures" / "policy"


@dataclass
class Plan:
    """One run. `lives`: how many lives of each process end badly."""

    folder: Path
    seed: int
    cases: int
    lives: dict[str, int]
    simulators_port: int

    @property
    def sub_cases(self) -> int:
        """How many sub-cases the departments are sent: one for each of them in each case."""
        return self.cases * len(PARTNERS)

    @property
    def deaths(self) -> Path:
        """Where everybody who dies is written down."""
        return self.folder / "deaths.log"

    @property
    def is_handed_in(self) -> Path:
        """There once every case is handed in."""
        return self.folder / "handed_in"

    def fate(self, who: str, life: int) -> Fate:
        """The fate of one life."""
        lives = self.lives.get(who, 0)
        return of(who=who, life=life, lives=lives, seed=self.seed, log=self.deaths)

    def fated(self) -> set[tuple[str, str]]:
        """What kinds of processes are to die at which named points."""
        lived = [(who, life) for who in MORTALS for life in range(self.lives.get(who, 0))]
        fates = [self.fate(who, life) for who, life in lived]
        return {(fate.kind, fate.point) for fate in fates if fate.point != RANDOM}

    def write(self) -> Path:
        """Write the file."""
        file = self.folder / "plan.json"
        file.write_text(json.dumps({**asdict(self), "folder": str(self.folder)}))
        return file

    @classmethod
    def read(cls, file: Path) -> "Plan":
        """Read the file."""
        data = json.loads(file.read_text())
        return cls(**{**data, "folder": Path(data["folder"])})
