"""The applicant's face: guide, form, my case."""
