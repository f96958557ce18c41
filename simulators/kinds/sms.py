"""A text message service. Texts to a number that ends in 0000 fail."""

from simulators.plan import Heard, Kind, Plan, Step


def send_text(heard: Heard) -> Plan:
    """Send the text, and say what became of it."""
    end = "failed" if str(heard.data.get("to", "")).endswith("0000") else "delivered"
    return Plan([Step("text_delivered", {"outcome": end}, end, 5)], opens="text", state="sent")


KIND: Kind = {"send_text": send_text}
