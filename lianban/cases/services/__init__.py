"""What can be done to cases: each function is one transaction, and a view makes one call."""

from lianban.cases.services.run import count_refused_notice, run, run_all

__all__ = ["count_refused_notice", "run", "run_all"]
