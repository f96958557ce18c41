"""Human resources: pensions once the funds are there, registration, and a card that a bank makes."""

from simulators.department import Department, Rule
from simulators.plan import Kind, Step

_FUNDS = (
    Step("status", {"state": "waiting_for_funds", "note": "等部队的钱到账"}, after=60),
    Step("external_event", {"kind": "funds_arrived"}, after=300),
)

KIND: Kind = Department(
    rules={
        "pension_transfer": Rule(before=_FUNDS, title="转入告知", prefix="YL"),
        "other_pension_transfer": Rule(before=_FUNDS, title="转入告知", prefix="YL"),
        "social_insurance": Rule(title="参保登记", prefix="SB"),
        "social_security_card": Rule(
            before=(
                Step("status", {"state": "card_in_making", "note": "合作银行制卡中"}, after=120),
            ),
            title="社会保障卡",
            prefix="SK",
        ),
    },
).kind()
