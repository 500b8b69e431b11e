"""The install step of the action, against a server on this machine in place of github.com.

    python3 -m unittest discover .ci/tests

What is installed here is a script that names its version; cargo and gh are scripts that write down
how they were called. The platforms are those that a `uname` of ours names.
"""
import gzip
import hashlib
import http.server
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
import threading
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INSTALL = ROOT / ".github/actions/fractary/install"
LINUX = "x86_64-unknown-linux-gnu"
FILE = f"fractary-{LINUX}.tar.gz"


def packed(triple=LINUX, says="fractary 0.1.0", code=0):
    program = f"#!/bin/sh\necho '{says}'\nexit {code}\n".encode()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        entry = tarfile.TarInfo(f"fractary-{triple}/fractary")
        entry.size, entry.mode = len(program), 0o755
        tar.addfile(entry, io.BytesIO(program))
    # Without the time, so that the same program is the same file.
    return gzip.compress(out.getvalue(), mtime=0)


def sums(files):
    lines = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    return "".join(lines).encode()


def release(files):
    return {f"/v0.1.0/{name}": content for name, content in {**files, "SHA256SUMS": sums(files)}.items()}


class Install(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.asked, self.files = [], {}
        test = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                test.asked.append(self.path)
                content = test.files.get(self.path)
                self.send_response(404 if content is None else 200)
                self.end_headers()
                self.wfile.write(content or b"")

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{server.server_port}"
        self.program("cargo", """
            echo "cargo $*" >>"$CALLS"
            while [ $# -gt 0 ]; do if [ "$1" = --root ]; then root=$2; fi; shift; done
            mkdir -p "$root/bin"
            printf '#!/bin/sh\\necho fractary 0.1.0 built\\n' >"$root/bin/fractary"
            chmod +x "$root/bin/fractary"
            """)
        self.program("rustup", 'echo "rustup $*" >>"$CALLS"')

    def program(self, name, text):
        path = self.folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def platform(self, system, machine):
        self.program("uname", f'if [ "$1" = -s ]; then echo {system}; else echo {machine}; fi')

    def calls(self):
        path = self.folder / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def install(self, **environment):
        runner = self.folder / "runner"
        runner.mkdir(exist_ok=True)
        self.platform(*environment.pop("platform", ("Linux", "x86_64")))
        environment = {
            "PATH": f"{self.folder}/bin:/usr/bin:/bin", "HOME": str(self.folder),
            "CALLS": str(self.folder / "calls"), "FRACTARY_VERSION": "0.1.0",
            "FRACTARY_DOWNLOADS": self.url, "RUNNER_TEMP": str(runner), "GITHUB_ACTIONS": "true",
            "GITHUB_PATH": str(self.folder / "path"), **environment,
        }
        done = subprocess.run(["bash", INSTALL], env=environment, cwd=self.folder, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(done.stdout, "")
        return done

    def installed(self):
        """What the fractary that a later step finds says; nothing where there is none."""
        path = self.folder / "path"
        if not path.exists():
            self.assertFalse((self.folder / "runner/fractary/bin/fractary").exists())
            return None
        program = Path(path.read_text().strip()) / "fractary"
        return subprocess.run([program], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    def refused(self, done, *texts):
        self.assertEqual(done.returncode, 1, done.stderr)
        for text in ["::error", *texts]:
            self.assertIn(text, done.stderr)
        self.assertIsNone(self.installed())
        # A wrong file is no reason to try something else.
        self.assertEqual([call for call in self.calls() if call.startswith("cargo")], [])

    def built(self, done, *texts):
        self.assertEqual(done.returncode, 0, done.stderr)
        for text in ["::warning", *texts]:
            self.assertIn(text, done.stderr)
        self.assertEqual(self.installed(), "fractary 0.1.0 built")
        cargo = [call for call in self.calls() if call.startswith("cargo")]
        self.assertEqual(len(cargo), 1)
        for part in ["install --locked ", "--git https://github.com/fractary/fractary ", "--tag v0.1.0 "]:
            self.assertIn(part, cargo[0])

    def test_the_file_for_this_machine_is_installed(self):
        for system, machine, triple in [
            ("Linux", "x86_64", LINUX),
            ("Linux", "aarch64", "aarch64-unknown-linux-gnu"),
            ("Darwin", "arm64", "aarch64-apple-darwin"),
            ("Darwin", "x86_64", "x86_64-apple-darwin"),
        ]:
            with self.subTest(triple=triple):
                (self.folder / "path").unlink(missing_ok=True)
                self.asked.clear()
                other = packed("other", "another machine's")
                self.files = release({"fractary-other.tar.gz": other,
                                      f"fractary-{triple}.tar.gz": packed(triple)})
                done = self.install(platform=(system, machine))
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(self.installed(), "fractary 0.1.0")
                self.assertEqual(self.asked, ["/v0.1.0/SHA256SUMS", f"/v0.1.0/fractary-{triple}.tar.gz"])
                self.assertEqual(self.calls(), [])

    def test_a_version_may_be_written_as_its_tag(self):
        self.files = release({FILE: packed()})
        self.assertEqual(self.install(FRACTARY_VERSION="v0.1.0").returncode, 0)
        self.assertEqual(self.installed(), "fractary 0.1.0")

    def test_a_wrong_checksum_is_refused(self):
        self.files = release({FILE: packed()})
        self.files[f"/v0.1.0/{FILE}"] = packed(says="fractary 0.1.0 ")
        self.refused(self.install(), "SHA-256", hashlib.sha256(packed()).hexdigest())

    def test_two_checksums_for_one_file_are_refused(self):
        self.files = release({FILE: packed()})
        self.files["/v0.1.0/SHA256SUMS"] += sums({FILE: b"another"})
        self.refused(self.install(), "SHA-256")

    def test_half_a_file_is_refused(self):
        self.files = release({FILE: packed()})
        self.files[f"/v0.1.0/{FILE}"] = packed()[:100]
        self.refused(self.install(), "SHA-256")

    def test_a_file_that_is_no_archive_ends_in_an_error(self):
        self.files = release({FILE: b"<html>"})
        done = self.install()
        self.assertNotEqual(done.returncode, 0)
        self.assertIsNone(self.installed())
        self.assertEqual(self.calls(), [])

    def test_another_version_is_refused(self):
        self.files = release({FILE: packed(says="fractary 0.0.9")})
        self.refused(self.install(), "fractary 0.0.9", "not version 0.1.0")

    def test_without_a_release_the_tag_is_built(self):
        self.built(self.install(), "there is no release at")

    def test_a_release_without_a_file_for_this_machine_is_built(self):
        self.files = release({"fractary-aarch64-apple-darwin.tar.gz": packed()})
        self.built(self.install(), f"no binary for {LINUX}")

    def test_a_checksum_without_its_file_is_built(self):
        self.files = release({FILE: packed()})
        del self.files[f"/v0.1.0/{FILE}"]
        self.built(self.install(), "could not be downloaded")

    def test_an_unsupported_platform_is_built_without_a_download(self):
        self.built(self.install(platform=("FreeBSD", "amd64")), "no binary for FreeBSD on amd64")
        self.assertEqual(self.asked, [])

    def test_a_binary_that_does_not_start_is_built(self):
        self.files = release({FILE: packed(code=1)})
        self.built(self.install(), "does not start")

    def test_a_server_that_is_not_there_is_no_release(self):
        self.built(self.install(FRACTARY_DOWNLOADS="http://127.0.0.1:9"), "could not be reached")

    def test_plain_http_is_for_this_machine_only(self):
        self.files = release({FILE: packed()})
        # The same server, by a name that could be anybody's: 127.0.0.1 as one number.
        url = self.url.replace("127.0.0.1", "2130706433")
        self.built(self.install(FRACTARY_DOWNLOADS=url), "could not be reached")
        self.assertEqual(self.asked, [])


    def test_without_cargo_the_error_says_what_to_do(self):
        (self.folder / "bin/cargo").unlink()
        # Only what the script needs, so that no cargo of this machine is found.
        tools = self.folder / "tools"
        tools.mkdir()
        for name in ["bash", "mktemp", "rm", "curl"]:
            found = next(path for path in (Path("/usr/bin"), Path("/bin")) if (path / name).exists())
            (tools / name).symlink_to(found / name)
        self.refused(self.install(PATH=f"{self.folder}/bin:{tools}"), "no cargo to build one")

    def gh(self, verify="exit 0"):
        """A GitHub CLI that writes down how it is called, and whose `attestation verify` does this."""
        self.program("gh", f'''
            echo "gh $*" >>"$CALLS"
            if [ "$1 $2" = "attestation verify" ]; then {verify}; fi
            ''')

    def verified(self):
        return [call for call in self.calls() if call.startswith("gh attestation verify")]

    def test_a_right_provenance_is_installed(self):
        self.files = release({FILE: packed()})
        self.gh()
        done = self.install(GH_TOKEN="x", GITHUB_SERVER_URL="https://github.com")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("the provenance is right", done.stderr)
        self.assertNotIn("::warning", done.stderr)
        self.assertEqual(self.installed(), "fractary 0.1.0")
        self.assertEqual(len(self.verified()), 1)
        self.assertRegex(self.verified()[0], f"/{FILE} --repo fractary/fractary --signer-workflow "
                                             "fractary/fractary/.github/workflows/release.yml$")

    def test_the_file_that_is_verified_is_the_one_that_was_downloaded(self):
        self.files = release({FILE: packed()})
        self.gh('sha256sum "$3" >>"$CALLS"')
        self.install(GH_TOKEN="x")
        self.assertIn(hashlib.sha256(packed()).hexdigest(), self.calls()[-1])

    def test_a_wrong_provenance_is_refused(self):
        for code in [1, 4, 127]:
            with self.subTest(code=code):
                self.files = release({FILE: packed()})
                self.gh(f'echo "no attestations" >&2; exit {code}')
                self.refused(self.install(GH_TOKEN="x"), "no attestations",
                             "could not be confirmed that the release workflow")

    def test_a_provenance_that_is_not_checked_is_never_passed_over_in_silence(self):
        def no_gh():
            pass

        def old_gh():
            self.program("gh", 'test "$1 $2" != "attestation --help"')

        token = {"GH_TOKEN": "x"}
        elsewhere = {**token, "GITHUB_SERVER_URL": "https://git.example"}
        for there, environment, reason in [
            (no_gh, token, "gh) is not installed"),
            (old_gh, token, "too old"),
            (self.gh, {}, "GH_TOKEN is not set"),
            (self.gh, elsewhere, "the token is for https://git.example"),
        ]:
            with self.subTest(reason=reason):
                (self.folder / "path").unlink(missing_ok=True)
                (self.folder / "bin/gh").unlink(missing_ok=True)
                shutil.rmtree(self.folder / "runner", ignore_errors=True)
                self.files = release({FILE: packed()})
                there()
                environment = {**environment, "PATH": self.path_without_gh()}
                required = self.install(**environment, FRACTARY_PROVENANCE="required")
                self.refused(required, "FRACTARY_PROVENANCE requires that", reason)
                warned = self.install(**environment)
                self.assertEqual(warned.returncode, 0, warned.stderr)
                annotation = next(line for line in warned.stderr.splitlines() if reason in line)
                self.assertTrue(annotation.startswith("::warning"), annotation)
                self.assertEqual(self.installed(), "fractary 0.1.0")
                self.assertEqual(self.verified(), [])

    def path_without_gh(self):
        """The programs of the script and no other, so that no gh of this machine is found."""
        tools = self.folder / "tools"
        tools.mkdir(exist_ok=True)
        for name in ["awk", "bash", "cat", "curl", "cut", "gzip", "head", "install", "mkdir", "mktemp", "rm",
                     "sha256sum", "sh", "tar"]:
            found = next(path for path in (Path("/usr/bin"), Path("/bin")) if (path / name).exists())
            if not (tools / name).exists():
                (tools / name).symlink_to(found / name)
        return f"{self.folder}/bin:{tools}"

    def test_a_slip_in_what_is_required_is_refused(self):
        self.files = release({FILE: packed()})
        self.refused(self.install(FRACTARY_PROVENANCE="requierd"), "`requierd`", "`required`")
        self.assertEqual(self.asked, [])

    def test_a_version_must_be_named(self):
        done = self.install(FRACTARY_VERSION="")
        self.assertEqual(done.returncode, 1)
        self.assertIn("FRACTARY_VERSION: is not set: name the version", done.stderr)


if __name__ == "__main__":
    unittest.main()
