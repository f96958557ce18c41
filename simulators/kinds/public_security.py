"""The police: household, identity card with fingerprints first, driving licence; it verifies."""

from simulators.department import Department, Rule
from simulators.plan import Kind, Step

KIND: Kind = Department(
    rules={
        "household_registration": Rule(title="居民户口簿", prefix="HK"),
        "identity_card": Rule(
            before=(
                Step(
                    "status", {"state": "appointment_offered", "note": "等本人来按指纹"}, after=20
                ),
                Step("suspend", {"reason": "等本人按预约来按指纹"}, "suspended", 40),
                Step("resume", {}, "accepted", 300),
            ),
            title="居民身份证",
            prefix="SFZ",
        ),
        "driving_licence": Rule(title="机动车驾驶证", prefix="JZ"),
    },
).kind()
