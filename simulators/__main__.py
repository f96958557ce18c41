"""`python -m simulators`."""

import sys

from simulators.main import main

sys.exit(main())
