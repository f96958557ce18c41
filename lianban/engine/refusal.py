"""The one way in which something that was asked for is not done."""


class Refused(Exception):
    """A command or call that may not happen now.

    `code` is stable and English (`not_ready`, `ended`, `not_permitted`, …); `message` is for
    people; `details` names what the refusal is about (item numbers, codes), never personal data.
    """

    def __init__(self, code: str, message: str = "", **details: object) -> None:
        super().__init__(message or code)
        self.code = code
        self.message = message
        self.details = details
