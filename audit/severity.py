"""How grave a finding is."""

from enum import IntEnum


class Severity(IntEnum):
    """From low to critical, so that they compare; the word is what people read."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        """The name in lower case, as reports and CSV files have it."""
        return self.name.lower()

    def shifted(self, steps: int) -> "Severity":
        """This severity `steps` higher (lower if negative), held between low and critical."""
        return Severity(min(max(self + steps, Severity.LOW), Severity.CRITICAL))

    @classmethod
    def parse(cls, word: str) -> "Severity":
        """The severity that `word` names; ValueError if none does."""
        try:
            return cls[word.upper()]
        except KeyError:
            raise ValueError(f"{word!r} is none of {', '.join(s.word for s in cls)}") from None
