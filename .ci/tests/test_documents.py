"""The form of decisions: number and title, status and date, and what would make them worth another look."""
import re
import unittest
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "docs/decisions"
TITLE = re.compile(r"# (\d{4}) — \S.*[^.]$")
STATUS = re.compile(r"\*\*Decided\*\* \d{4}-\d\d-\d\d, (in force|replaced by \[\d{4}\]\([^)]+\))\.")


def faults(name, text):
    lines = text.splitlines()
    title = TITLE.match(lines[0])
    if not title or not name.startswith(f"{title[1]}-"):
        yield "its first line is not `# NUMBER — Title` with the number of its name"
    if not any(STATUS.match(line) for line in lines[:4]):
        yield "no `**Decided** YYYY-MM-DD, in force.` (or `replaced by [0000](…).`) below the title"
    if not any(line.startswith("**Revisit when** ") for line in lines):
        yield "no line that begins with `**Revisit when** `"


class Decisions(unittest.TestCase):
    def test_each_has_its_form_and_is_listed(self):
        index = (FOLDER / "README.md").read_text()
        wrong = []
        files = sorted(FOLDER.glob("0*.md"))
        self.assertTrue(files)
        for path in files:
            found = list(faults(path.name, path.read_text()))
            if f"]({path.name})" not in index:
                found.append("not in docs/decisions/README.md")
            wrong += [f"{path.name}: {fault}" for fault in found]
        numbers = [path.name[:4] for path in files]
        wrong += [f"{number} is there twice" for number in {n for n in numbers if numbers.count(n) > 1}]
        self.assertEqual(wrong, [])

    def test_faults_are_found(self):
        good = "# 0001 — A title\n\n**Decided** 2026-11-21, in force.\n\n**Revisit when** it rains.\n"
        self.assertEqual(list(faults("0001-a.md", good)), [])
        for bad in [good.replace("0001", "0002"), good.replace("—", ":"), good.replace("in force", "maybe"),
                    good.replace("2026-11-21", "today"), good.replace("**Revisit when**", "Revisit when")]:
            self.assertEqual(len(list(faults("0001-a.md", bad))), 1, bad)


if __name__ == "__main__":
    unittest.main()
