"""One apply at a time where the same agents could be written: files, PostgreSQL, and waiting.

A lock is an answer to two runs at once, not to somebody in the console: that one is answered by
the read before each write.
"""
