"""Pages of the documentation site that are not below docs/: mkdocs.yml names this file as a hook.

The README is the first page, and other documents of the repository have theirs. The pages of the demo
are what the program prints while the site is built (FRACTARY: the program; default: fractary). Links to
files of the repository that are no pages lead to the repository.
"""
import os
import posixpath
import re
import subprocess
import tempfile
from pathlib import Path

from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parent.parent
# Documents outside of docs/, and their pages.
DOCUMENTS = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
    "CONTRIBUTING.md": "development/contributing.md",
    "plugins/fractary/README.md": "assistant.md",
}
LINK = re.compile(r"(\]\()([^)\s]+)(\))")
CODE = re.compile(r"(`+[^`]*`+)")


def on_config(config):
    """Every page has a place in the navigation."""
    parts = {next(iter(entry)): next(iter(entry.values())) for entry in config.nav}
    listed = {page for part in parts.values() for page in (part if isinstance(part, list) else [part])}
    pages = sorted(path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md"))
    for page in pages:
        if page in listed:
            continue
        folder = page.split("/")[0]
        part = {"decisions": "Decisions", "development": "Development", "reference": "Reference",
                "benchmarks": "Reference"}.get(folder, "Guides")
        parts[part].append(page)
    return config


def on_files(files, config):
    for document, page in DOCUMENTS.items():
        files.append(File.generated(config, page, content=(ROOT / document).read_text()))
    for page, content in demo().items():
        files.append(File.generated(config, page, content=content))
    for schema in sorted((ROOT / "schemas").rglob("*.json")):
        place = schema.relative_to(ROOT).as_posix()
        files.append(File.generated(config, place, content=schema.read_text()))
    files.append(File.generated(config, "site.css", content=STYLE))
    return files


def demo():
    """The pages of the demo, each with the command that printed it."""
    program = Path(os.environ.get("FRACTARY", "fractary"))
    if program.parent != Path("."):
        program = program.resolve()
    with tempfile.TemporaryDirectory() as folder:
        def run(*arguments, cwd=folder):
            environment = {name: value for name, value in os.environ.items()
                           if not name.startswith(("AWS_", "GITHUB_", "FRACTARY_"))}
            done = subprocess.run([program, *arguments], cwd=cwd, text=True, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, env={**environment, "COLUMNS": "80"})
            # 1: something is unhealthy, which is what the demo is about.
            if done.returncode not in (0, 1):
                raise SystemExit(f"fractary {' '.join(arguments)} failed:\n{done.stderr}")
            return done.stdout

        told = run("demo", "--dir", "world").replace(str(Path(folder).resolve()), "").replace(folder, "")
        world = f"{folder}/world/orders"
        at = ["--at", "2026-11-02T09:32:00Z"]
        issue = re.search(r"fractary issues show (\S+)", told)[1]
        report = (Path(world) / ".fractary/plugins/faber-cloud/deployments/prod/DEPLOYED.md").read_text()
        health = run("health", "--replay", "../recording.json", *at, "--format", "markdown", cwd=world)
        audit = run("audit", "--replay", "../recording.json", *at, "--format", "markdown", cwd=world)
        return {
            "demo/index.md": DEMO + f"```text\n{told.rstrip()}\n```\n",
            "demo/dashboard.md": page("The dashboard", "fractary dashboard --format markdown",
                                      run("dashboard", "--format", "markdown", "--stored", *at, cwd=world))
            + "\nThe same as [a page](dashboard.html).\n",
            "demo/dashboard.html": run("dashboard", "--format", "html", "--stored", *at, cwd=world),
            "demo/health.md": page("A health report", "fractary health --format markdown", health),
            "demo/issue.md": page("An issue", f"fractary issues show {issue} --format markdown",
                                  run("issues", "show", issue, *at, "--format", "markdown", cwd=world)),
            "demo/audit.md": page("An audit", "fractary audit --format markdown", audit),
            "demo/deployed.md": page("What is deployed", "fractary run", report),
        }


def page(title, command, printed):
    # A report has a title of its own, which is below that of the page.
    lines, fenced = [], False
    for line in printed.splitlines():
        fenced ^= line.startswith("```")
        lines.append(f"#{line}" if line.startswith("#") and not fenced else line)
    return (f"---\ntitle: {title}\n---\n# {title}\n\nPrinted by `{command}` in the demo's repository when this "
            "page was built.\n\n" + "\n".join(lines) + "\n")


def on_page_markdown(markdown, page, config, files):
    if page.file.src_uri.startswith("demo/"):
        return markdown
    of_page = {uri: document for document, uri in DOCUMENTS.items()}
    source = of_page.get(page.file.src_uri, f"docs/{page.file.src_uri}")

    def target(match):
        before, link, after = match.groups()
        path, mark, anchor = link.partition("#")
        if not path or "://" in path or path.startswith("mailto:"):
            return match[0]
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        uri = DOCUMENTS.get(path, path.removeprefix("docs/") if path.startswith("docs/") else None)
        if uri and files.get_file_from_path(uri):
            link = posixpath.relpath(uri, posixpath.dirname(page.file.src_uri) or ".") + mark + anchor
        elif (ROOT / path).exists():
            link = f"{config.repo_url}/blob/main/{path}{mark}{anchor}"
        return f"{before}{link}{after}"

    lines, fenced = [], False
    for line in markdown.splitlines():
        fenced ^= line.lstrip().startswith("```")
        if not fenced:
            # Every second part is code.
            parts = CODE.split(line)
            parts[::2] = [LINK.sub(target, part) for part in parts[::2]]
            # A link whose text is code is in three parts.
            line = LINK.sub(target, line) if "`](" in line else "".join(parts)
        lines.append(line)
    return "\n".join(lines)


DEMO = """---
title: Demo
---
# The demo

`fractary demo` replays a recorded morning through the program, without an AWS account: every status, issue,
commit and report is made by the same code as in a real run. What follows was printed by it when this page was
built. The other pages of this part are the reports that it leaves behind.

"""

STYLE = """
/* Tables of commands and settings are wide: they scroll, and do not squeeze their columns. */
.md-typeset table:not([class]) { font-size: .7rem; }
.md-typeset table:not([class]) th { min-width: 4rem; }
.md-typeset td code { word-break: normal; overflow-wrap: normal; }
/* Pictures out of box-drawing characters have no gaps between their lines. */
.md-typeset pre > code { line-height: 1.3; }
"""
