"""A report as text, and as HTML: light or dark as the page around it declares."""

from html import escape

HEADS = ("entry", "claimed", "engine", "differences")
CSS = """\
.claims{--right:light-dark(#1a7f37,#7ee787);--wrong:light-dark(#cf222e,#ff9492);
--line:light-dark(#d0d7de,#444c56);--quiet:light-dark(#57606a,#9198a1);max-width:60em;line-height:1.45}
.claims p{margin:.3em 0}
.claims .right{color:var(--right)}
.claims .wrong{color:var(--wrong)}
.claims .note{color:var(--quiet)}
.claims section{border-inline-start:3px solid var(--line);padding-inline-start:.8em;margin:.7em 0}
.claims .kind{border:1px solid;border-radius:.6em;padding:0 .5em;font-size:.9em}
.claims table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:.4em 0}
.claims th,.claims td{border-block-end:1px solid var(--line);padding:.1em .7em;text-align:right}
.claims div{overflow-x:auto}"""


def as_text(report) -> str:
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
    if outcome.formula is not None:
        told = ("The engine's formula:", *str(outcome.formula).splitlines(), *behind(outcome))
        lines += [f"    {line}" for line in told]
    return lines


def behind(outcome) -> list[str]:
    """What stands below a formula."""
    return [f"  where {told}" for told in outcome.where]


def sentence(text) -> str:
    """A statement with a capital letter and a full stop."""
    return text[:1].upper() + text[1:].rstrip(".,") + ("" if text[-1:] in "?!" else ".")


def cells(entry) -> list[str]:
    """What stands in the row of an entry."""
    index = ", ".join(map(str, entry.index))
    values = (entry.claimed, entry.engine, entry.differences)
    return [f"[{index}]", *(f"{v:.5g}".replace("-", "−") for v in values)]


def table(entries) -> list[str]:
    if not entries:
        return []
    rows = [list(HEADS), *(cells(e) for e in entries)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADS))]
    lines = []
    for first, *rest in rows:
        cells_of = (c.rjust(w) for c, w in zip(rest, widths[1:], strict=True))
        lines.append("  ".join([first.ljust(widths[0]), *cells_of]))
    return lines


# --- HTML ----------------------------------------------------------------------------------------
def as_html(report) -> str:
    parts = [
        f"<p><strong>{verdict(report)}</strong> <span class='note'>{report.draws} draws</span></p>"
    ]
    parts += [section(o) for o in report.outcomes]
    parts += [f"<p class='note'>{escape(note)}</p>" for note in report.notes]
    return f"<div class='claims'><style>{CSS}</style>{''.join(parts)}</div>"


def verdict(report) -> str:
    return marked(report.passed, report.verdict[:1].upper() + report.verdict[1:])


def marked(passed, words) -> str:
    kind, sign = ("right", "✓") if passed else ("wrong", "✗")
    return f"<span class='{kind}'>{sign} {escape(words)}</span>"


def section(outcome) -> str:
    found = outcome.diagnosis
    shape = f"<span class='note'>shape {escape(str(outcome.shape))}</span>"
    head = f"{marked(outcome.passed, outcome.name)} {shape}"
    if found is None:
        return f"<section><p>{head}</p></section>"
    parts = [f"<p>{head} <span class='kind'>{escape(found.kind)}</span></p>"]
    parts.append(f"<p>{escape(sentence(found.text))}</p>")
    if found.fix:
        parts.append(f"<p>Fix: {escape(found.fix)}</p>")
    if outcome.entries:
        parts.append(f"<div>{html_table(outcome.entries)}</div>")
    if outcome.formula is not None:
        parts.append(
            f"<p class='note'>The engine's formula:</p><div>{formula(outcome.formula)}</div>"
        )
        parts += [f"<p class='note'>{escape(line)}</p>" for line in behind(outcome)]
    return f"<section>{''.join(parts)}</section>"


def html_table(entries) -> str:
    head = "".join(f"<th scope='col'>{h}</th>" for h in HEADS)
    rows = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in cells(e)) + "</tr>" for e in entries)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def formula(made) -> str:
    """A formula by its own MathML if it has any."""
    mathml = getattr(made, "mathml", None)
    return mathml if isinstance(mathml, str) else f"<pre>{escape(str(made))}</pre>"
