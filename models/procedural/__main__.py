"""`python -m models.procedural FOLDER`: draw the sample pictures again."""

import sys
from pathlib import Path

from models.procedural.gallery import write


def main() -> None:
    """Draw into the folder that the command line names, telling each picture as it is done."""
    if len(sys.argv) != 2:
        sys.exit("Say where to: python -m models.procedural static/samples")
    for name in write(Path(sys.argv[1])):
        print(name, flush=True)


if __name__ == "__main__":
    main()
