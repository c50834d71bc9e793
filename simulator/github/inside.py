"""Reviews of pull requests, and files, in the simulated repositories."""

from functools import lru_cache

from simulator.data.chance import fraction, mix, stream
from simulator.data.words import REMARKS
from simulator.github.records import File, Pull, Repo, Review
from simulator.github.world import MILLION, GitHubWorld

_MOST = 1000
_MANY = 60
"""Reviews of the busiest pull requests: more than fit on a GraphQL page of fifty."""
_STATES = ("APPROVED", "APPROVED", "COMMENTED", "COMMENTED", "CHANGES_REQUESTED", "DISMISSED")
_FOUND_IN_MOST = (
    "README.md",
    "LICENSE",
    ".github/workflows/test.yml",
    "CONTRIBUTING.md",
    ".github/dependabot.yml",
    "SECURITY.md",
    ".github/CODEOWNERS",
    ".github/ISSUE_TEMPLATE/bug.yml",
    ".github/PULL_REQUEST_TEMPLATE.md",
    "docs/CODE_OF_CONDUCT.md",
    ".github/workflows/release.yaml",
    ".circleci/config.yml",
)
_ALWAYS = ("pyproject.toml", "src/main.py", "src/parts/harbour.py", "docs/index.md", "tests/test_main.py")


class Inside:
    """Computes reviews and files from the seed."""

    def __init__(self, world: GitHubWorld, seed: int = 1) -> None:
        self._world = world
        self._review, self._file = (stream(seed, name) for name in ("reviews", "files"))
        self.files = lru_cache(256)(self._files)

    def reviews(self, repo: Repo, pull: Pull) -> list[Review]:
        """List the reviews of a pull request, oldest first."""
        number = pull.issue.number
        dice = mix(self._review, repo.id * MILLION + number)
        average = self._world.sizes.reviews
        many = _MANY if average and dice % 100 == 7 else int(fraction(dice) * 2 * average + 0.5)
        return [self._of(repo, pull, nth, mix(dice, nth + 1)) for nth in range(min(many, _MOST))]

    def _of(self, repo: Repo, pull: Pull, nth: int, dice: int) -> Review:
        issue = pull.issue
        author = self._world.accounts.person((dice >> 20) % self._world.sizes.people)
        return Review(
            (repo.id * MILLION + issue.number) * _MOST + nth,
            issue.number,
            None if self._world.sizes.oddities and dice % 40 == 0 else author,
            _STATES[dice % len(_STATES)],  # type: ignore[arg-type]  # mypy reads the items of a tuple as plain strings
            REMARKS[(dice >> 8) % len(REMARKS)] if dice % 3 else "",
            min(issue.updated_at, issue.created_at + (nth + 1) * 60),
            dice,
        )

    def _files(self, repo: Repo) -> tuple[File, ...]:
        """List the files by path. An empty repository has none, and common files are more frequent than rare ones."""
        if repo.empty:
            return ()
        dice = mix(self._file, repo.id)
        usual = [path for nth, path in enumerate(_FOUND_IN_MOST) if mix(dice, nth) % (len(_FOUND_IN_MOST) + 4) > nth]
        found = []
        for path in sorted([*usual, *_ALWAYS]):
            named = mix(dice, sum(path.encode()))
            found.append(File(path, f"{named:016x}{mix(named, 1):016x}{len(path):08x}", named % 9000))
        return tuple(found)
