"""`python -m flowql` is the command `flowql`."""

import sys

from flowql.cli import main

if __name__ == "__main__":
    sys.exit(main())
