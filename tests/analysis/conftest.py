from pathlib import Path

import numpy as np
import pandas as pd
import pytest

REFERENCE = Path(__file__).parent / "reference"


@pytest.fixture(scope="session")
def mtcars() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "mtcars.csv")


@pytest.fixture(scope="session")
def clustered_answers() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "clustered_answers.csv")


@pytest.fixture(scope="session")
def attitude() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "attitude.csv")


def _simulate(random, managers=150, spread=(0.5, 0.3, 0.8), slope=0.45, never=12.0, groups=None):
    openings = random.integers(1, 6, managers)
    manager = np.repeat(np.arange(managers), openings)
    waits = random.integers(1, 4, len(manager))
    opening = np.repeat(np.arange(len(manager)), waits)
    manager = np.repeat(manager, waits)
    slow = (np.arange(managers) % 4 == 0)[manager].astype(float)
    log = slope * slow + random.normal(0, spread[0], managers)[manager]
    log += random.normal(0, spread[1], openings.sum())[opening] + random.normal(0, spread[2], len(manager))
    until = random.exponential(never, len(manager))
    return pd.DataFrame(
        {
            "hiring_manager_id": manager, "requisition_id": opening, "slow": slow, "partner": manager % 36,
            "days": np.minimum(np.exp(log), until), "done": np.exp(log) <= until,
        }
    )  # fmt: skip


@pytest.fixture
def simulate():
    """Draw the waits of managers who differ by half a log day; waits of slow ones are 1.57 times as long."""
    return _simulate
