"""Paper: typst templates to PDF/A and PDF/UA, QR codes, the registration form, notices."""
