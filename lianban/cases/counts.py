"""Plain counts for operators."""

from lianban.cases.models import JointCaseRecord


def cases() -> int:
    """How many joint cases there are, ended ones included."""
    return JointCaseRecord.objects.count()
