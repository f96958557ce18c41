"""The armed forces' department: registration for military service and the reserve."""

from simulators.department import Department, Rule
from simulators.plan import Kind

KIND: Kind = Department(otherwise=Rule(title="登记结果", prefix="BY")).kind()
