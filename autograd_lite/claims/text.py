"""A report as text."""

HEADS = ("entry", "claimed", "engine", "differences")


def written(report) -> str:
    sign = "✓" if report.passed else "✗"
    lines = [f"{sign} {report.verdict} ({report.draws} draws)"]
    for outcome in sorted(report.outcomes, key=lambda o: o.passed):  # what is wrong first
        lines += outcome_lines(outcome)
    lines += [f"note: {note}" for note in report.notes]
    return "\n".join(lines)


def outcome_lines(outcome) -> list[str]:
    head = f"{'✓' if outcome.passed else '✗'} {outcome.name}, shape {outcome.shape}"
    found = outcome.diagnosis
    if found is None:
        return [head]
    lines = [f"{head}: {found.kind}", f"    {sentence(found.text)}"]
    if found.fix:
        lines.append(f"    Fix: {found.fix}")
    lines += [f"    {line}" for line in table(outcome.entries)]
    if outcome.formula is not None and not outcome.passed:
        lines += [
            f"    {line}" for line in ("The engine's formula:", *str(outcome.formula).splitlines())
        ]
    return lines


def sentence(text) -> str:
    """A statement with a capital letter and a full stop."""
    return text[:1].upper() + text[1:] + "."


def cells(entry) -> list[str]:
    """What stands in the row of an entry."""
    index = ", ".join(map(str, entry.index))
    values = (entry.claimed, entry.engine, entry.differences)
    return [f"[{index}]", *(f"{v:.6g}".replace("-", "−") for v in values)]


def table(entries) -> list[str]:
    if not entries:
        return []
    rows = [list(HEADS), *(cells(e) for e in entries)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADS))]
    return [
        "  ".join(
            [
                row[0].ljust(widths[0]),
                *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True)),
            ]
        )
        for row in rows
    ]
