"""What a schema says of a field, for the way out of a message."""

from pydantic import BaseModel, Field

from reconciler.loader.described import description_of, usual_lengths


class _Inner(BaseModel):
    word: str | None = Field(None, description="A word. No more.", json_schema_extra={"x": 1})
    again: "_Inner | None" = None


class _Outer(BaseModel):
    """Not said of any field."""

    inner: _Inner | None = None
    inners: list[_Inner] | None = Field(None, description="Several")
    words: list[str] | None = Field(None, alias="Words", description="Words, e.g. short. Not long.")
    free: dict[str, str] | None = Field(None, description="Free keys.")
    key: str | None = Field(None, json_schema_extra={"usualLength": 32})


def test_the_first_sentence_of_a_field_is_found_wherever_it_stands() -> None:
    """Through objects and lists, by the name on the wire; an element is described by its list."""
    assert description_of(_Outer, ("inner", "word")) == "A word"
    assert description_of(_Outer, ("inner", "again", "word")) == "A word"
    assert description_of(_Outer, ("inners", 3, "word")) == "A word"
    assert description_of(_Outer, ("inners", 3)) == "Several"
    assert description_of(_Outer, ("Words", 0)) == "Words, e.g. short"


def test_what_nobody_describes_has_no_description() -> None:
    """A key that the user made up, an unknown field, one without a word about it."""
    for path in [("free", "KEY"), ("nothing",), ("inner",), ("key", "below"), ()]:
        assert description_of(_Outer, path) == ""


def test_usual_lengths_are_found_through_objects() -> None:
    """A field says how long its text usually is; a model inside itself is no trap."""
    assert usual_lengths(_Outer) == ((("key",), 32),)
