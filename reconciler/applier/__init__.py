"""Carrying a plan out: read again, decide again, write once, wait until it is really back.

Everything here is level-triggered: what to do follows from the last read, never from what was
planned before. Time, sessions, the record and the watcher are arguments, so the whole room runs
under a virtual clock. No cloud's words here; what is true of one cloud only stands in its rules.
"""
