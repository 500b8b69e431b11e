"""What a release consists of, made with a program that only looks like fractary.

    python3 -m unittest discover .ci/tests
"""
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import tomllib
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RELEASE = ROOT / ".ci/release"
TRIPLE = "x86_64-unknown-linux-gnu"
FILE = f"fractary-{TRIPLE}.tar.gz"
PROGRAM = """#!/bin/sh
case "$1" in
  --version) echo 'fractary VERSION' ;;
  demo) echo 'FRACTARY DASHBOARD' ;;
  completions) echo "# $2" ;;
esac
"""


def version():
    with (ROOT / "Cargo.toml").open() as lines:
        return next(line.split('"')[1] for line in lines if line.startswith("version = "))


class Release(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.out = self.folder / "dist"

    def release(self, *arguments):
        return subprocess.run([RELEASE, *arguments], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"})

    def done(self, *arguments):
        done = self.release(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def refused(self, text, *arguments):
        done = self.release(*arguments)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn(text, done.stderr)

    def archive(self, says=None, folder=None):
        program = self.folder / "program"
        program.write_text(PROGRAM.replace("VERSION", says or version()))
        program.chmod(0o755)
        return ["archive", folder or self.out, "--target", TRIPLE, "--binary", program]

    def test_a_tag_is_that_of_the_version(self):
        self.done("tag", f"v{version()}")
        for name in ["v9.9.9", version(), ""]:
            self.refused("Cargo.toml says", "tag", name)

    def test_the_archive_is_what_a_user_unpacks(self):
        self.done(*self.archive())
        with tarfile.open(self.out / FILE) as tar:
            entries = {entry.name.removeprefix(f"fractary-{TRIPLE}/"): entry for entry in tar}
        self.assertEqual(sorted(entries), sorted([
            "fractary", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "CHANGELOG.md",
            "THIRD-PARTY-DATA.md", "completions/fractary.bash", "completions/_fractary",
            "completions/fractary.fish"]))
        for name, entry in entries.items():
            self.assertEqual(entry.mode, 0o755 if name == "fractary" else 0o644, name)
            self.assertEqual((entry.uid, entry.uname, entry.mtime), (0, "", 1700000000), name)

    def test_the_same_program_gives_the_same_bytes(self):
        self.done(*self.archive())
        self.done(*self.archive(folder=self.folder / "again"))
        self.assertEqual((self.out / FILE).read_bytes(), (self.folder / "again" / FILE).read_bytes())

    def test_cargo_binstall_finds_what_is_packed(self):
        """Its templates (SUPPORT.md of cargo-binstall), filled in as it does."""
        manifest = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]
        settings = manifest["metadata"]["binstall"]

        def filled(template):
            values = {"repo": manifest["repository"], "name": "fractary", "version": version(),
                      "target": TRIPLE, "bin": "fractary", "binary-ext": ""}
            return re.sub(r"\{ ([a-z-]+) \}", lambda match: values[match[1]], template)

        self.assertEqual(filled(settings["pkg-url"]),
                         f"https://github.com/fractary/fractary/releases/download/v{version()}/{FILE}")
        self.assertEqual(settings["pkg-fmt"], "tgz")
        self.done(*self.archive())
        with tarfile.open(self.out / FILE) as tar:
            self.assertTrue(tar.getmember(filled(settings["bin-dir"])).isfile())

    def test_a_program_of_another_version_is_not_packed(self):
        self.refused("`fractary 9.9.9`", *self.archive(says="9.9.9"))

    def test_what_is_verified_is_all_that_is_there(self):
        self.done(*self.archive())
        self.done("sums", self.out)
        verify = ["verify", self.out, "--target", TRIPLE]
        self.assertIn("its demo runs", self.done(*verify))
        (self.out / "more").write_text("x")
        self.refused("does not hold for more", *verify)
        (self.out / "more").unlink()
        shutil.copy(self.out / FILE, self.out / "kept")
        (self.out / FILE).write_bytes(b"x")
        self.refused("does not hold for", *verify)
        (self.out / FILE).unlink()
        self.done("sums", self.out)
        self.refused("the archive for this machine", *verify)

    def test_the_bill_of_materials_names_what_is_built_in(self):
        self.done("sbom", self.out)
        text = (self.out / "fractary.cdx.json").read_text()
        document = json.loads(text)
        names = {each["name"] for each in document["components"]}
        self.assertLessEqual({"gix", "rustls", "serde", "tokio"}, names)
        # Crates of the tests, and of builds.
        self.assertFalse({"insta", "proptest", "cel", "cc"} & names, names)
        self.assertFalse([name for name in names if name.startswith("windows")])
        workflow = (ROOT / ".github/workflows/release.yml").read_text()
        install = (ROOT / ".github/actions/fractary/install").read_text()
        targets = set(re.findall(r"target: ([a-z0-9_-]+)", workflow))
        self.assertEqual(targets, set(re.findall(r"echo ([a-z0-9_]+-[a-z0-9-]+) ;;", install)))
        for target in targets:
            self.assertIn(f'"{target}"', RELEASE.read_text())
        self.assertEqual(document["metadata"]["component"]["purl"], f"pkg:cargo/fractary@{version()}")
        for each in document["components"]:
            self.assertRegex(each["hashes"][0]["content"], "^[0-9a-f]{64}$", each["name"])
            self.assertTrue(each["licenses"][0]["expression"], each["name"])
        refs = {each["ref"] for each in document["dependencies"]}
        for each in document["dependencies"]:
            self.assertLessEqual(set(each["dependsOn"]), refs)
        try:
            from cyclonedx.schema import SchemaVersion
            from cyclonedx.validation.json import JsonStrictValidator
        except ImportError:
            self.skipTest("its form: cyclonedx-python-lib is not here; .ci/run installs it")
        self.assertIsNone(JsonStrictValidator(SchemaVersion.V1_6).validate_str(text))


if __name__ == "__main__":
    unittest.main()
