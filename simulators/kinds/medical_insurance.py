"""Medical insurance: registration and transfer."""

from simulators.department import Department, Rule
from simulators.plan import Kind

KIND: Kind = Department(
    rules={
        "medical_insurance": Rule(title="参保登记", prefix="YB"),
        "medical_transfer": Rule(title="转入告知", prefix="YZ"),
    },
).kind()
