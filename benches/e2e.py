"""Whole commands of the release binary: time, processor seconds and memory, as tables.

    cargo build --release
    python3 benches/e2e.py target/release/fractary [ROW…]

Needs Python 3.11 and git. The rows about AWS also need boto3 and MiniStack, pinned in
tests/support/requirements-ministack.txt; `cargo test` installs them into the target
directory: run this file with the `python` of that environment, or these rows are left out.
Words behind the binary select rows. No figure is asserted.
"""
import collections
import contextlib
import hashlib
import http.server
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "tests/samples/issue/good-active.json"
ISSUES = ".fractary/plugins/helm/issues/active"
# MiniStack's CloudWatch stands still at this time; see tests/support/emulator.rs.
CLOCK, NOW = "2026-03-01T12:00:00Z", "2026-03-01T12:02:00Z"
LATENCY_SECONDS = 0.03
ROUNDS = 21
HEAD = "| what | median | fastest – slowest | processor time | memory |\n|---|---:|---:|---:|---:|"

Run = collections.namedtuple("Run", "wall cpu megabytes")
GNU_TIME = shutil.which("time")


def environment(home, **more):
    return {
        "PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8", "TZ": "UTC",
        # git would tidy up in the background, between two measurements.
        "GIT_CONFIG_COUNT": "2", "GIT_CONFIG_KEY_0": "gc.auto", "GIT_CONFIG_VALUE_0": "0",
        "GIT_CONFIG_KEY_1": "maintenance.auto", "GIT_CONFIG_VALUE_1": "false",
        "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Bench", "GIT_AUTHOR_EMAIL": "bench@example.com",
        "GIT_COMMITTER_NAME": "Bench", "GIT_COMMITTER_EMAIL": "bench@example.com",
        **more,
    }


def run(command, cwd, env, weigh=False):
    """One run, its answer thrown away. Weighing goes through GNU time, for the kernel counts
    the memory of this Python into what it starts; that costs a millisecond, so that such a
    run's time does not count."""
    if weigh:
        command = [GNU_TIME, "-q", "-f", "%M", "-o", weigh, *command]
    start = time.perf_counter()
    child = subprocess.Popen(
        command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    said = child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):
        sys.exit(f"{command} ended with {child.returncode}:\n{said.decode(errors='replace')}")
    megabytes = int(pathlib.Path(weigh).read_text()) / 1024 if weigh else None
    return Run(wall, used.ru_utime + used.ru_stime, megabytes)


def milliseconds(seconds):
    return f"{seconds * 1000:,.0f} ms" if seconds >= 0.01 else f"{seconds * 1000:.1f} ms"


def row(what, runs):
    walls = sorted(r.wall for r in runs if not r.megabytes)
    cpu = statistics.median(r.cpu for r in runs)
    memory = max((r.megabytes for r in runs if r.megabytes), default=None)
    print(
        f"| {what} | {milliseconds(statistics.median(walls))} | {milliseconds(walls[0])} – {milliseconds(walls[-1])}"
        f" | {milliseconds(cpu)} | {f'{memory:.0f} MB' if memory else '–'} |",
        flush=True,
    )


def repeat(times, command, cwd, env, before=lambda: None):
    """The first run warms the page cache, and is weighed."""
    runs = []
    for number in range(times + 1):
        before()
        weigh = number == 0 and GNU_TIME and str(env["HOME"]) + "/weight"
        runs.append(run(command, cwd, env, weigh))
    return runs


def repository(folder, env, binary):
    folder.mkdir()
    subprocess.run(["git", "init", "-q", "."], cwd=folder, env=env, check=True)
    subprocess.run([binary, "init", "--quiet"], cwd=folder, env=env, check=True, capture_output=True)
    return folder


def commit_all(folder, env):
    subprocess.run(["git", "add", "-A"], cwd=folder, env=env, check=True)
    subprocess.run(["git", "commit", "-q", "-m", "base"], cwd=folder, env=env, check=True)
    subprocess.run(["git", "gc", "-q"], cwd=folder, env=env, check=True)


def write_issues(folder, count):
    sample = json.loads(SAMPLE.read_text())
    (folder / ISSUES).mkdir(parents=True, exist_ok=True)
    for number in range(count):
        issue = json.loads(json.dumps(sample))
        issue["id"] = "infra-" + hashlib.sha256(str(number).encode()).hexdigest()[:8]
        issue["resource"]["name"] += f"-{number}"
        issue["resource"]["arn"] += f"-{number}"
        issue["severity"] = ["LOW", "MEDIUM", "HIGH", "CRITICAL"][number % 4]
        (folder / ISSUES / f"{issue['id']}.json").write_text(json.dumps(issue, indent=2) + "\n")
    return issue["id"]


def start_up(binary, scratch, env):
    row("`--version`", repeat(30, [binary, "--version"], scratch, env))
    row("`demo`", repeat(7, [binary, "demo"], scratch, env))


def issues(binary, scratch, env):
    folder = repository(scratch / "issues", env, binary)
    write_issues(folder, 10_000)
    commit_all(folder, env)
    for words in (["issues"], ["issues", "--top", "5"], ["issues", "--format", "json"], ["check"]):
        row(f"`{' '.join(words)}`, 10,000 issue files", repeat(11, [binary, *words], folder, env))


def commits(binary, scratch, env):
    """One issue changes and lands, in turns with git, which is given the same files already
    changed. The dry run does all but landing: the difference is what landing costs."""
    for files in (100, 5_000, 50_000):
        folder = repository(scratch / f"commits-{files}", env, binary)
        for number in range(files):
            file = folder / f"src/{number // 2500}/{number // 100}/{number}.txt"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"file {number}\n" * 20)
        issue = write_issues(folder, 1)
        commit_all(folder, env)
        note = [binary, "issues", "note", issue, "seen again"]
        run(note, folder, env)
        changed = subprocess.run(["git", "show", "--name-only", "--format="], cwd=folder, env=env, check=True,
                                 capture_output=True, text=True).stdout.split()
        script = ["sh", "-c", 'git add -- "$@" && git commit -q -m note', "sh", *changed]
        ours, dry, gits = [], [], []
        for number in range(ROUNDS + 1):
            ours.append(run(note, folder, env))
            dry.append(run([*note, "--dry-run"], folder, env))
            for path in changed:
                with open(folder / path, "a", encoding="utf-8") as file:
                    file.write(" " * (number % 7) + "\n")
            gits.append(run(script, folder, env))
        # The first ones warm up.
        row(f"`issues note`, one commit of {len(changed)} files, {files:,} tracked", ours[1:])
        row(f"the same with `--dry-run`, {files:,} tracked", dry[1:])
        row(f"`git add` and `git commit` of these files, {files:,} tracked", gits[1:])
        # A branch that is not checked out has no index.
        settings = folder / ".fractary/plugins/helm/config/helm.toml"
        text = settings.read_text().replace('mode = "direct"', 'mode = "branch"\nbranch = "operations"')
        settings.write_text(text)
        commit_all(folder, env)
        ours, dry = [], []
        for _ in range(ROUNDS + 1):
            ours.append(run(note, folder, env))
            dry.append(run([*note, "--dry-run"], folder, env))
        row(f"`issues note` with mode `branch`, {files:,} tracked", ours[1:])
        row(f"the same with `--dry-run`, {files:,} tracked", dry[1:])


class Proxy(http.server.BaseHTTPRequestHandler):
    """Counts requests and lets each wait, as the way to a region does."""

    protocol_version = "HTTP/1.1"
    upstream, calls = "", 0

    def handle_request(self):
        Proxy.calls += 1
        time.sleep(LATENCY_SECONDS)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        request = urllib.request.Request(self.upstream + self.path, body or None, dict(self.headers), method=self.command)
        try:
            with urllib.request.urlopen(request) as reply:
                status, headers, answer = reply.status, reply.headers, reply.read()
        except urllib.error.HTTPError as refused:
            status, headers, answer = refused.code, refused.headers, refused.read()
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("connection", "content-length", "date", "server", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_HEAD = handle_request

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def emulator(scratch):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = scratch / "ministack.log"
    settings = environment(
        scratch, TMPDIR=str(scratch), GATEWAY_PORT=str(port), BIND_HOST="127.0.0.1", SFTP_ENABLED="0",
        LOG_LEVEL="WARNING", EMULATOR_CLOCK=CLOCK, EMULATOR_LOG=str(log), PYTHONDONTWRITEBYTECODE="1",
    )
    with log.open("wb") as out:
        server = subprocess.Popen([sys.executable, ROOT / "tests/support/serve.py", "ministack"],
                                  env=settings, stdin=subprocess.PIPE, stdout=out, stderr=out)
    url = f"http://127.0.0.1:{port}"
    for _ in range(600):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(url + "/_ministack/health")
            break
        time.sleep(0.05)
    try:
        yield url
    finally:
        server.stdin.close()  # which ends it
        server.wait()


def seed(url, functions):
    steps = [{"do": "functions", "prefix": "many", "count": functions}]
    request = json.dumps({"endpoint": url, "steps": steps}) + "\n"
    seeder = subprocess.run([sys.executable, ROOT / "tests/support/seed.py"], input=request, text=True,
                            capture_output=True, check=True)
    return json.loads(seeder.stdout)["replies"][0]["arns"]


def health(binary, scratch, env):
    try:
        import boto3, ministack  # noqa: F401 (is it there?)
    except ImportError:
        print("(no boto3 and MiniStack in this Python: the rows about AWS are left out)", file=sys.stderr)
        return
    env = {**env, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1",
           "AWS_EC2_METADATA_DISABLED": "true"}
    with emulator(scratch) as url:
        Proxy.upstream = url
        proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        arns = seed(url, 1_000)
        for functions in (10, 1_000):
            folder = repository(scratch / f"health-{functions}", env, binary)
            entries = [
                {"type": "aws_lambda_function", "aws_id": f"many-{number:04}", "arn": arn}
                for number, arn in enumerate(arns[:functions])
            ]
            registry = {"version": "1.0.0", "environment": "test", "resources": entries}
            environments = {"version": "1.0.0", "environments": {
                "test": {"name": "test", "account_id": "000000000000", "region": "us-east-1"}}}
            deployed = folder / ".fractary/plugins/faber-cloud/deployments/test/registry.json"
            deployed.write_text(json.dumps(registry, indent=2) + "\n")
            (folder / ".fractary/shared/environments.json").write_text(json.dumps(environments, indent=2) + "\n")
            here = {**env, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{proxy.server_port}"}
            command = [binary, "health", "--env", "test", "--at", NOW, "--timeout", "300s"]
            Proxy.calls = 0
            runs = repeat(5, command, folder, here)
            row(f"`health`, {functions:,} functions, {Proxy.calls // 6} calls", runs)
            recording = scratch / f"health-{functions}.json"
            run([*command, "--record", str(recording)], folder, here)
            row(f"`health --replay`, {functions:,} functions, no network",
                repeat(11, [*command, "--replay", str(recording)], folder, env))
        proxy.shutdown()


ROWS = {"start": start_up, "issues": issues, "commits": commits, "health": health}


def main():
    if len(sys.argv) < 2 or not set(sys.argv[2:]) <= set(ROWS):
        sys.exit(f"usage: e2e.py BINARY [{'|'.join(ROWS)}…]")
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="fractary-e2e-"))
    print(HEAD)
    try:
        for name in sys.argv[2:] or ROWS:
            ROWS[name](binary, scratch, environment(scratch))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
