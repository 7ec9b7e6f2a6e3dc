"""A coast with known truth: simulated scenes of the real Weihai shore, and scores against it.

``simulate`` writes a workspace and ``truth.gpkg``; ``score``, ``found_in_time`` and
``false_flags`` hold flags against the truth. It feeds the demo, the tests and the
benchmarks, and nothing else imports it.
The images are physically plausible and not tuned to any detector; they are not real.
"""

from .drone import Drone
from .scenario import SCENARIOS, Scenario
from .score import score, score_workspace
from .simulate import run_days, simulate

__all__ = ["SCENARIOS", "Drone", "Scenario", "run_days", "score", "score_workspace", "simulate"]
