"""File mode: what waits goes out as a numbered workbook, and comes back filled in."""
