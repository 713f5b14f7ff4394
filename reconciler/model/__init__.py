"""The ground floor: frozen values that every room passes to the next.

Nothing here does anything: no file, no socket, no clock. What a value means stands beside it;
what is done with it stands in the room that does it.
"""
