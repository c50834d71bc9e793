from typing import Final

from engine.model.source import Column, Table
from sources.common.columns import integers, texts

TABLES: Final = (
    Table(
        "anime",
        (
            *integers("id", "id_mal", "episodes", "duration_minutes", "season_year", "score", "popularity", "is_adult"),
            *texts("type", "format", "status", "title_romaji", "title_english", "title_native", "synonyms", "synopsis"),
            *texts("season", "started_on", "ended_on", "source", "genres", "studio", "rating", "url", "updated_at"),
            Column("completeness", "real"),
        ),
        ("id",),
    ),
    Table("ext_id", (*texts("provider", "external_id"), *integers("anime_id")), ("provider", "external_id")),
    Table("relation", (*integers("src", "dst"), *texts("type"), *integers("inferred")), ("src", "dst", "type")),
    Table(
        "franchise",
        (
            *integers("id", "main_id", "members", "missing", "whole"),
            *texts("title", "started_on"),
        ),
        ("id",),
    ),
    Table(
        "franchise_member",
        (
            *integers("franchise_id", "anime_id", "position", "current"),
            *texts("category", "started_on"),
        ),
        ("franchise_id", "anime_id"),
    ),
    Table(
        "provider_doc",
        (*texts("provider", "external_id", "fetched_at", "expires_at"), *integers("status")),
        ("provider", "external_id"),
    ),
)
