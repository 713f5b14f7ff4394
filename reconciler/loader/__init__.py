"""Files to checked values: find, parse, locate, check, choose, resolve secrets.

Everything that people write comes in through this room, and comes in hostile. So no file here is
believed before it was measured, no parser's exception leaves, and each complaint has a place. The
room knows no cloud: kinds and settings are handed to it. It writes nothing and opens no socket.
"""
