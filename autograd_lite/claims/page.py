"""A report as HTML, for notebooks; light or dark as the page around it declares."""

from html import escape

from autograd_lite.claims.text import HEADS, cells, sentence

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


def written(report) -> str:
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
        parts.append(f"<div>{table(outcome.entries)}</div>")
    if outcome.formula is not None and not outcome.passed:
        parts.append(
            f"<p class='note'>The engine's formula:</p><div>{formula(outcome.formula)}</div>"
        )
    return f"<section>{''.join(parts)}</section>"


def table(entries) -> str:
    head = "".join(f"<th scope='col'>{h}</th>" for h in HEADS)
    rows = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in cells(e)) + "</tr>" for e in entries)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def formula(made) -> str:
    """A formula by its own MathML if it has any."""
    mathml = getattr(made, "mathml", None)
    return mathml if isinstance(mathml, str) else f"<pre>{escape(str(made))}</pre>"
