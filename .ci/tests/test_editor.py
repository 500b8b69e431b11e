"""The settings that `fractary init --editor` writes: they name files and schemas that exist, and the problem matcher
finds what `fractary check` prints (taken from a snapshot, which a test holds to the program)."""
import json
import re
import tomllib
import unittest
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/editor.md").read_text()
SNAPSHOT = ROOT / "tests/cli/snapshots/cli__set_up__a_broken_document_stops_the_run_before_it_asks.snap"
# What `fractary init` writes, and examples of what people add.
FILES = [
    ".fractary/shared/environments.json",
    ".fractary/shared/aws-credentials.json",
    ".fractary/plugins/helm/registry/domain-monitors.json",
    ".fractary/plugins/faber-cloud/deployments/prod/registry.json",
    ".fractary/plugins/helm/config/helm.toml",
    ".fractary/plugins/helm-cloud/config/monitoring.toml",
    ".fractary/plugins/helm-cloud/kinds/queue.toml",
    ".fractary/plugins/helm-cloud/checks/tags.toml",
]


def written(number):
    """What init wrote, from the snapshots of the test that runs it."""
    snapshot = ROOT / f"tests/cli/snapshots/cli__set_up__init_writes_what_editors_need{number}.snap"
    return snapshot.read_text().split("---\n", 2)[2]


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


class Editor(unittest.TestCase):
    def test_each_file_has_the_schema_that_is_for_it(self):
        rules = [(each["include"], each["schema"]["path"]) for each in tomllib.loads(written(""))["rule"]]
        settings = json.loads(written("-2"))["json.schemas"]
        rules += [(each["fileMatch"], each["url"].removeprefix("./")) for each in settings]
        for file in FILES:
            found = [schema for patterns, schema in rules if any(fnmatch(file, one) for one in patterns)]
            self.assertEqual(len(found), 1, file)
            schema = json.loads((ROOT / "schemas" / Path(found[0]).name).read_text())
            self.assertEqual(schema["$id"], f"https://fractary.dev/schemas/{Path(found[0]).name}")
        for _, schema in rules:
            self.assertTrue((ROOT / "schemas" / Path(schema).name).is_file(), schema)

    def test_what_the_page_says_to_add_is_what_is_written(self):
        rules = tomllib.loads(written(""))["rule"]
        self.assertIn(tomllib.loads(blocks("toml")[0])["rule"][0], rules)
        settings = json.loads(written("-2"))["json.schemas"]
        self.assertIn(json.loads(blocks("json")[0])["json.schemas"][0], settings)

    def test_the_problem_matcher_finds_each_fault(self):
        pattern = json.loads(blocks("json")[1])["tasks"][0]["problemMatcher"]["pattern"]
        lines = SNAPSHOT.read_text().split("---\n", 2)[2].splitlines()
        found = []
        for line, after in zip(lines, lines[1:]):
            if first := re.search(pattern[0]["regexp"], line):
                second = re.search(pattern[1]["regexp"], after)
                found.append((first[pattern[0]["severity"]], *second.groups()))
        self.assertEqual(found, [
            ("error", ".fractary/plugins/helm/config/helm.toml", "2", "8"),
            ("error", ".fractary/shared/environments.json", "4", "23"),
        ])

    def test_the_hook_runs_a_command_that_the_page_names(self):
        text = (ROOT / ".pre-commit-hooks.yaml").read_text()
        self.assertIn("- id: fractary-check\n", text)
        self.assertIn("- id: fractary-check\n", PAGE)
        self.assertIn("entry: fractary check\n", text)


if __name__ == "__main__":
    unittest.main()
