"""XML as items, in the form in which xmltodict writes it (https://github.com/martinblech/xmltodict).

Elements by name, several of one name as a list, attributes as "@name", and text beside them as "#text". Namespaces are
left out. A document type is refused, because entities are declared there.
"""

import io
from typing import Any, Final

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from engine.common.errors import BadBody
from engine.common.text import clean
from sources.rest.items.checks import error_element
from sources.rest.items.decoded import Decoded, encoded, pick, unsure
from sources.rest.items.find import usual
from sources.rest.items.weight import ATTRIBUTE, ELEMENT, Weight
from sources.rest.json_paths import EVERY, Path, lookup, step, write

DEEPEST: Final = 100
"""Levels of an XML document. Feeds have five, SOAP has ten."""


def read_xml(content: bytes, path: Path | None) -> Decoded:
    """Read an XML document. Without a path its list of items is looked for.

    Raises:
        BadBody: it has a document type, is too deep, is no XML, or says that it is an error.
    """
    weight = Weight(content)
    try:
        body = _document(content, weight)
    except DefusedXmlException as error:
        raise BadBody("the XML has a document type, which is refused: it could declare entities") from error
    except (ParseError, ValueError, LookupError) as error:
        raise BadBody(f"not the XML that was expected: {clean(str(error), 200)}") from error
    decoded = Decoded(weight, body)
    path = _guess_xml(body) if path is None else path
    pick(body, path, decoded, None)
    if not decoded.found and decoded.scalar:
        # A list of one bare value looks like no list: `<ids><id>7</id></ids>`.
        decoded.found, decoded.scalar = True, False
        decoded.items.append(encoded(lookup(body, path)))
    if decoded.found or not path or (container := _container(body, path)) is None:
        return decoded
    # An empty list is no element at all in XML. What else is there may be the reason.
    if said := error_element(container):
        raise BadBody(f"the answer says {said!r}")
    decoded.found = True
    beside = [name for name in container if not name.startswith("@")]
    return unsure(decoded, f"there is no {write(path)}, but {', '.join(beside[:3])}") if beside else decoded


class _Chunks(io.BytesIO):
    """Hands out a document by 1 MiB, not by the 16 KiB that are asked for.

    An expat before 2.6 begins each chunk of an unfinished tag or comment anew, which takes quadratic time: minutes for
    one of 50 MB (CVE-2023-52425).
    """

    def read(self, _size: int | None = -1, /) -> bytes:
        return super().read(1 << 20)


def _document(content: bytes, weight: Weight) -> Any:
    # Attributes are counted before: all of one element are made at once.
    weight.add(ATTRIBUTE * content.count(b"="))
    root: dict[str, Any] = {}
    open_elements: list[dict[str, Any]] = [root]
    above: list[Any] = []
    # What follows a child is its "tail", and is complete when its parent or the next child ends.
    children: list[list[Any]] = []
    for event, element in iterparse(_Chunks(content), events=("start", "end"), forbid_dtd=True):
        if event == "start":
            if len(open_elements) > DEEPEST:
                raise BadBody(f"the XML is deeper than {DEEPEST} levels")
            weight.add(ELEMENT)
            attributes = {f"@{_local(name)}": value for name, value in element.attrib.items()}
            open_elements.append(attributes)
            above.append(element)
            children.append([])
            continue
        mine = open_elements.pop()
        tails = [each if isinstance(each, str) else each.tail for each in children.pop()]
        text = " ".join(stripped for each in (element.text, *tails) if (stripped := (each or "").strip()))
        _add(open_elements[-1], _local(element.tag), _content(mine, text))
        above.pop()
        if above:
            _leave(children[-1], element)
            del above[-1][:]  # else the library keeps every element until the end
    return root


def _leave(siblings: list[Any], element: Any) -> None:
    """Keep the last child of an element, and of those before it only the texts that follow them."""
    if siblings and not isinstance(siblings[-1], str):
        before = siblings.pop()
        siblings += [before.tail] if (before.tail or "").strip() else []
    siblings.append(element)


def _content(mine: dict[str, Any], text: str) -> Any:
    if not mine:
        return text or None
    return {**mine, "#text": text} if text else mine


def _add(into: dict[str, Any], name: str, value: Any) -> None:
    if name not in into:
        into[name] = value
    elif isinstance(into[name], list):
        into[name].append(value)
    else:
        into[name] = [into[name], value]


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _guess_xml(body: Any) -> Path:
    """Find the list, level by level: rss.channel.item. A document without one is one item."""
    level: list[Path] = [()]
    for _ in range(4):
        below: list[Path] = []
        for path in level:
            here: Any = body
            for segment in path:
                here = step(here, segment) if isinstance(segment, str) else None
            if isinstance(here, dict):
                listed = usual([name for name, value in here.items() if isinstance(value, list)])
                if listed:
                    return (*path, *listed)
                below += [(*path, name) for name, value in here.items() if isinstance(value, dict)]
        level = below
    return tuple(body)[:1]


def _container(body: Any, path: Path) -> dict[str, Any] | None:
    """Return the element that would hold the items; None where it is missing or holds them."""
    here = body
    for segment in path[:-1]:
        if segment is EVERY or not isinstance(here, dict) or segment not in here:
            return None
        here = here[segment]
    if here is None:
        return {}
    return here if isinstance(here, dict) and path[-1] not in here else None
