"""``python -m cjmlab.cli`` is ``cjmlab``."""

import sys

from cjmlab.cli import main

sys.exit(main())
