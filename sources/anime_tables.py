"""The tables of the anime source."""

from typing import Final

from engine.source import Column, Table


def _integers(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "integer") for name in names)


def _texts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name) for name in names)


TABLES: Final = (
    Table(
        "anime",
        (
            *_integers(
                "id", "id_mal", "episodes", "duration_minutes", "season_year", "score", "popularity", "is_adult"
            ),
            *_texts(
                "type", "format", "status", "title_romaji", "title_english", "title_native", "synonyms", "synopsis"
            ),
            *_texts("season", "started_on", "ended_on", "source", "genres", "studio", "rating", "url", "updated_at"),
            Column("completeness", "real"),
        ),
        ("id",),
    ),
    Table("ext_id", (*_texts("provider", "external_id"), *_integers("anime_id")), ("provider", "external_id")),
    Table("relation", (*_integers("src", "dst"), *_texts("type"), *_integers("inferred")), ("src", "dst", "type")),
    Table(
        "franchise",
        (
            *_integers("id", "main_id", "members", "missing", "whole"),
            *_texts("title", "started_on"),
        ),
        ("id",),
    ),
    Table(
        "franchise_member",
        (
            *_integers("franchise_id", "anime_id", "position", "current"),
            *_texts("category", "started_on"),
        ),
        ("franchise_id", "anime_id"),
    ),
    Table(
        "provider_doc",
        (*_texts("provider", "external_id", "fetched_at", "expires_at"), *_integers("status")),
        ("provider", "external_id"),
    ),
)
