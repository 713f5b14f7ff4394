"""Both clouds emulated, with a memory, so that the main job can be seen without any account.

Written from the vendors' pages alone: it shares no codec, no table and no rule with the providers,
so that the two check each other. What the pages leave open is a switch (`quirks`), never a choice
made in silence. It refuses to listen on anything but loopback, knows one fixed set of test
credentials, and is no place for real secrets: its file is compressed, not encrypted.
"""
