"""What the sandbox itself can refuse, apart from what the emulated clouds answer."""


class SandboxError(Exception):
    """The sandbox cannot do what it was asked; the text says why and what is possible."""
