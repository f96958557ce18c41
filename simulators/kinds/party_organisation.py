"""The Party's organisation department: membership is transferred, a receipt goes back."""

from simulators.department import Department, Rule
from simulators.plan import Kind

KIND: Kind = Department(otherwise=Rule(title="接收回执", prefix="DZ")).kind()
