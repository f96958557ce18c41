"""A courier: it collects an envelope, gives it a number and brings it.

One whose address holds 退回 comes back.
"""

import hashlib

from simulators.plan import Heard, Kind, Plan, Step


def order_waybill(heard: Heard) -> Plan:
    """Collect and bring."""
    tail = int(hashlib.sha256(heard.subject.encode()).hexdigest()[:10], 16)
    number = f"YJ{tail:013d}"
    end = "returned" if "退回" in str(heard.data.get("address", "")) else "delivered"
    steps = [
        Step("mail_event", {"kind": kind, "tracking_number": number}, kind, after)
        for kind, after in (("collected", 600.0), (end, 1200.0))
    ]
    return Plan(steps, opens="waybill", state="ordered")


KIND: Kind = {"order_waybill": order_waybill}
