"""A bank: it makes cards as a department decides sub-cases, and pays.

A payment to a bank whose name holds 退回 comes back.
"""

import hashlib

from simulators.department import Department, Rule
from simulators.plan import Heard, Kind, Plan, Step


def order_payment(heard: Heard) -> Plan:
    """Pay, or say that the money came back."""
    reference = f"PAY-{hashlib.sha256(heard.subject.encode()).hexdigest()[:10].upper()}"
    said = {"outcome": "paid", "reference": reference}
    if "退回" in str(heard.data.get("bank", "")):
        said = {"outcome": "returned", "reference": reference, "reason": "账号和户名对不上"}
    step = Step("payment_event", said, said["outcome"], 300)
    return Plan([step], opens="payment", state="ordered")


KIND: Kind = {
    **Department(otherwise=Rule(title="银行卡", prefix="YH")).kind(),
    "order_payment": order_payment,
}
