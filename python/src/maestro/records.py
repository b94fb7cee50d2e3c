"""What Maestro answers, as notebooks show it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas

#: Rows that a table in a notebook shows.
_SHOWN_MAX = 50


def as_text(value: "date | str | None") -> str | None:
    """A day or a time in ISO 8601; a time that names no zone is one of this machine's."""
    if isinstance(value, datetime):
        return value.astimezone().isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _html(value: Any) -> str:
    return "" if value is None else escape(str(value))


class Record(Mapping[str, Any]):
    """A JSON object; its members are attributes too."""

    def __init__(self, members: Mapping[str, Any]):
        self._members = dict(members)

    def __getitem__(self, name: str) -> Any:
        return self._members[name]

    def __getattr__(self, name: str) -> Any:
        # Copying asks before there are members.
        if not name.startswith("_") and name in self._members:
            return self._members[name]
        raise AttributeError(f"{type(self).__name__} has no {name}")

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._members!r})"

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><th>{_html(name)}</th><td>{_html(value)}</td></tr>" for name, value in self.items())
        return f"<table>{rows}</table>"


class Records(list[Record]):
    """A list of records of a kind."""

    def to_frame(self) -> "pandas.DataFrame":
        """A data frame, a row each."""
        return frame(self)

    def _repr_html_(self) -> str:
        names = list(dict.fromkeys(name for record in self for name in record))
        head = "".join(f"<th>{_html(name)}</th>" for name in names)
        rows = "".join(
            "<tr>" + "".join(f"<td>{_html(record.get(name))}</td>" for name in names) + "</tr>"
            for record in self[:_SHOWN_MAX]
        )
        rest = len(self) - _SHOWN_MAX
        more = f"<caption>and {rest} more</caption>" if rest > 0 else ""
        return f"<table>{more}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def frame(records: Iterable[Mapping[str, Any]]) -> "pandas.DataFrame":
    """A data frame of JSON objects. Members that are days or times (`…_at`, `…_date`, `start`) become times."""
    import pandas

    table = pandas.DataFrame([dict(record) for record in records])
    for name in table.columns:
        if name == "start" or str(name).endswith("_date"):
            table[name] = pandas.to_datetime(table[name])
        elif str(name).endswith("_at"):
            table[name] = pandas.to_datetime(table[name], utc=True, format="ISO8601")
    return table
