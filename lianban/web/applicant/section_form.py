"""The form's fields as the applicant's pages use them, and a signature's date."""

from lianban import clock
from lianban.web.components.form_section import KEPT_LENGTH, SectionForm, read, width_of

__all__ = ["KEPT_LENGTH", "SectionForm", "read", "today_words", "width_of"]


def today_words() -> str:
    """Today as a signature's date."""
    day = clock.now().date()
    return f"{day.year} 年 {day.month} 月 {day.day} 日"
