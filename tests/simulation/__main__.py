"""Writes the sample study and the small clients of the tests anew: ``python dev.py sample``."""

import argparse
from pathlib import Path

from . import SEED, small_client, write

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Read the command line and write the studies."""
    about = "Write the sample study and the small clients of the tests; with a folder, only a sample study into that."
    parser = argparse.ArgumentParser(prog="python dev.py sample", description=about)
    parser.add_argument("folder", nargs="?", help="where to write a sample study instead")
    parser.add_argument("--seed", type=int, default=SEED, help=f"seed of the sample study (default: {SEED})")
    options = parser.parse_args()
    print(write(options.folder or ROOT / "data" / "sample", options.seed))
    if options.folder is None:
        print(small_client.write(ROOT / "tests" / "studies" / "small_client"))
        print(small_client.write_one_wave(ROOT / "tests" / "studies" / "one_wave"))


if __name__ == "__main__":
    main()
