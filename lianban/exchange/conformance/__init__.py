"""The conformance kit: it plays the platform's side against a partner's system, rule by rule.

Nothing else needs to run: no database, no settings, no web server.
"""
