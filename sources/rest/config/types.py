"""The types of the values in a REST configuration, with what each wants."""

from typing import Annotated, Final

from msgspec import Meta

PATH: Final = r"^(\$|[^.\s:]+(\.[^.\s:]+)*)\Z"
Name = Annotated[
    str, Meta(pattern=r"^[a-z][a-z0-9_]{0,40}\Z", description="lower-case letters, digits and underscores")
]
JsonPath = Annotated[str, Meta(pattern=PATH, description='names and numbers joined by dots, or "$" for all of it')]
ColumnPath = Annotated[
    str,
    Meta(
        pattern=r"^(\$|[^.\s:]+(\.[^.\s:]+)*)(:(text|integer|real))?\Z",
        description='a JSON path, with a type where it is not text, such as "stats.views:integer"',
    ),
]
UrlPath = Annotated[str, Meta(pattern=r"^/[^\s?#]*\Z", description="a path below base_url, beginning with a slash")]
HeaderName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z", description="the name of a header")]
Word = Annotated[str, Meta(pattern=r"^[^\s&=?#]+\Z", description="the name of a query parameter")]
Status = Annotated[int, Meta(ge=300, le=599, description="an HTTP status")]
Many = Annotated[int, Meta(ge=1, le=1_000_000)]
Scalar = str | int | float | bool
