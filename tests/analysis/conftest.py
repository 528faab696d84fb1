from pathlib import Path

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
