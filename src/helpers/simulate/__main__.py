"""``python -m helpers.simulate [FOLDER]`` writes the sample study, by default to data/sample."""

import argparse

from . import SEED, write


def main() -> None:
    """Read the command line and write the study."""
    parser = argparse.ArgumentParser(prog="python -m helpers.simulate", description="Write the sample study.")
    parser.add_argument("folder", nargs="?", default="data/sample", help="where to write (default: data/sample)")
    parser.add_argument("--seed", type=int, default=SEED, help=f"seed of the random numbers (default: {SEED})")
    options = parser.parse_args()
    print(write(options.folder, options.seed))


if __name__ == "__main__":
    main()
