"""Simulators: other people's systems, to try Lianban with (模拟系统).

They are strangers. They import nothing of Lianban, speak HTTP only, and keep a memory of their own:
one SQLite file a system, so that a process that is killed at any moment has lost nothing that it
had answered, and goes on where it stood.

    python -m simulators CONFIG.json [--only CODE …] [--chaos BEHAVIOUR[=RATE] …] [--seed N]
                                     [--speed FACTOR] [--slow-seconds N] [--port N]

One process hosts every system of the file, or those named by `--only`, each under its own path. It
prints one line when it is ready, `ready ADDRESS ADDRESS …`, and ends on SIGTERM. The file:

    {"platform": {"address": "http://localhost:8000", "key_id": "…", "public_key": "<64 hex>"},
     "host": "127.0.0.1",           where to listen; may be left out
     "port": 8100,                  0 takes a free one
     "memory": "<folder>",          made where it is missing
     "systems": {
       "<code>": {"kind": "<a module of simulators.kinds>",
                  "key_id": "…",
                  "private_key": "<path of a file with 64 hex digits, mode 0600>",
                  "chaos": ["<behaviour>", …]          may be left out
     }}}

Paths that are not absolute start at the file's folder. The system with the code `x` answers under
`http://HOST:PORT/x`; it sends to `ADDRESS/exchange/v1/messages`.

`--speed 60` makes a minute of waiting a second. A department takes about ten minutes for a sub-case
at speed 1. What it decides follows from the message alone; see `simulators.department` for the few
words that make it ask, deny or send back, and `simulators.chaos` for the behaviours.
"""
