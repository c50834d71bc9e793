"""The GraphQL queries of the GitHub source. Aliases give the fields REST's names, so that one reader serves both.

Schema and limits: https://docs.github.com/en/graphql/overview/rate-limits-and-node-limits-for-the-graphql-api
"""

from typing import Final

REVIEWS_PER_PULL: Final = 50
"""Reviews fetched with each pull request; further ones are requested separately."""
REVIEWS_PER_PAGE: Final = 100

_LIMIT: Final = "rateLimit { cost limit remaining used resetAt nodeCount }"
_REVIEW: Final = """
fragment Review on PullRequestReview {
  id: fullDatabaseId state body
  submitted_at: submittedAt author_association: authorAssociation
  commit { oid }
  user: author {
    type: __typename login
    ... on User { id: databaseId site_admin: isSiteAdmin }
    ... on Bot { id: databaseId }
    ... on Mannequin { id: databaseId }
    ... on Organization { id: databaseId }
  }
}
"""
REVIEWS: Final = f"""\
query Reviews(
  $id: ID!, $first: Int!, $after: String, $order: IssueOrderField!, $reviews: Boolean!, $details: Boolean!
) {{
  {_LIMIT}
  node(id: $id) {{
    ... on Repository {{
      id: databaseId
      pulls: pullRequests(first: $first, after: $after, orderBy: {{field: $order, direction: DESC}}) {{
        page: pageInfo {{ hasNextPage endCursor }}
        nodes {{
          node: id number created_at: createdAt updated_at: updatedAt
          reviews(first: {REVIEWS_PER_PULL}) @include(if: $reviews) {{
            total: totalCount
            page: pageInfo {{ hasNextPage endCursor }}
            nodes {{ ...Review }}
          }}
          ...Details @include(if: $details)
        }}
      }}
    }}
  }}
}}
{_REVIEW}
fragment Details on PullRequest {{
  additions deletions changed_files: changedFiles
  commits {{ total: totalCount }}
  merged_by: mergedBy {{ type: __typename login }}
}}
"""
HYGIENE: Final = f"""\
query Hygiene($ids: [ID!]!) {{
  {_LIMIT}
  nodes(ids: $ids) {{
    ... on Repository {{
      id: databaseId
      root: object(expression: "HEAD:") {{ ...Files }}
      github: object(expression: "HEAD:.github") {{ ...Files }}
      docs: object(expression: "HEAD:docs") {{ ...Files }}
      workflows: object(expression: "HEAD:.github/workflows") {{ ...Files }}
      issues: object(expression: "HEAD:.github/ISSUE_TEMPLATE") {{ ...Files }}
      pulls: object(expression: "HEAD:.github/PULL_REQUEST_TEMPLATE") {{ ...Files }}
      circleci: object(expression: "HEAD:.circleci") {{ ...Files }}
    }}
  }}
}}
fragment Files on GitObject {{
  ... on Tree {{ entries {{ path type sha: oid size }} }}
}}
"""
FOLDERS: Final = ("root", "github", "docs", "workflows", "issues", "pulls", "circleci")


def more_reviews(many: int) -> str:
    """Return the query for the missing reviews of `many` pull requests.

    Variables: $i0, $a0 (node id, cursor) and so on.
    """
    variables = ", ".join(f"$i{nth}: ID!, $a{nth}: String!" for nth in range(many))
    parts = "\n".join(
        f"  p{nth}: node(id: $i{nth}) {{ ... on PullRequest {{ node: id number"
        f" reviews(first: {REVIEWS_PER_PAGE}, after: $a{nth})"
        " { total: totalCount page: pageInfo { hasNextPage endCursor } nodes { ...Review } } } }"
        for nth in range(many)
    )
    return f"query MoreReviews({variables}) {{\n  {_LIMIT}\n{parts}\n}}\n{_REVIEW}"


def cost(connections: int) -> float:
    """Return a query's points: the requests that resolve its connections, divided by a hundred. See the link above."""
    return float(max(1, round(connections / 100)))
