"""HTTP, once: timeouts, retry, limiter, redaction and error translation for every cloud.

Nothing vendor-specific lives here. A provider says what a reply means (`Judge`) and how a request
is signed (`httpx.Auth`); this room sends it, holds the account's limits, and never lets a request
out that was not declared, goes to another host than configured, or writes in a reading verb.
"""
