"""The face of the comprehensive window (综合窗口)."""
