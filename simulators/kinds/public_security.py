"""The police: household, identity card for which the person comes, driving licence; it verifies."""

from simulators.department import Department, Rule
from simulators.plan import Kind

KIND: Kind = Department(
    rules={
        "household_registration": Rule(title="居民户口簿", prefix="HK"),
        "identity_card": Rule(comes=True, title="居民身份证", prefix="SFZ"),
        "driving_licence": Rule(title="机动车驾驶证", prefix="JZ"),
    },
).kind()
