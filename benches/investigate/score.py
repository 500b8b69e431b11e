#!/usr/bin/env python3
"""Scores `logs`, `performance` and `investigate` on public data sets (standard library only).

    score.py BINARY logs DIR        DIR/<System>/<System>_2k.log and <System>_2k.log_structured.csv,
                                    as LogHub has them: grouping accuracy, raw and without headers
    score.py BINARY services DIR    DIR/<service>.raw, .bare and .truth, as services.py writes them: the same
    score.py BINARY anomalies DIR   DIR/data/<group>/<file>.csv and DIR/labels/combined_windows.json,
                                    as the Numenta Anomaly Benchmark has them: its standard profile
    score.py BINARY causes DIR      DIR/cases, DIR/common and DIR/answers.jsonl, as PetShop has
                                    them: how often the cause is first, and among the first three
    score.py BINARY speed FILE      lines a second on one core, beside drain3 where it is installed

Every figure is of one configuration. The leave-one-out figures are the means without each system,
file or case in turn, with their lowest and highest.
"""
import csv, json, math, os, statistics, subprocess, sys, tempfile, time
from collections import Counter
from datetime import datetime, timezone


def run(binary, *args):
    done = subprocess.run([binary, *args], capture_output=True, text=True)
    if done.returncode not in (0, 3):
        sys.exit(f"{' '.join(args)}: {done.stderr}")
    return done.stdout


def spread(values):
    rest = [statistics.mean(values[:i] + values[i + 1:]) for i in range(len(values))]
    return f"mean {statistics.mean(values):.4f}, without one of them {min(rest):.4f} to {max(rest):.4f}"


# ---- logs: share of lines whose group holds exactly the lines of their event (Zhu et al. 2019)

def grouping_accuracy(truth, found):
    lines, groups, both = Counter(truth), Counter(found), Counter(zip(found, truth))
    return sum(n for (g, t), n in both.items() if n == groups[g] == lines[t]) / len(truth)


def logs(binary, folder):
    raw, bare = [], []
    with tempfile.TemporaryDirectory() as work:
        out, content = os.path.join(work, "out.csv"), os.path.join(work, "content.txt")
        for system in sorted(os.listdir(folder)):
            path = os.path.join(folder, system, system + "_2k.log")
            if not os.path.exists(path):
                continue
            with open(path + "_structured.csv", newline="", encoding="utf-8") as file:
                rows = list(csv.DictReader(file))
            with open(content, "w", encoding="utf-8", newline="") as file:
                file.writelines(row["Content"] + "\n" for row in rows)
            scores = []
            for source in (path, content):
                run(binary, "logs", "--file", source, "--assign", out, "--format", "json")
                with open(out, newline="", encoding="utf-8") as file:
                    found = [row["Cluster"] for row in csv.DictReader(file)][:len(rows)]
                scores.append(grouping_accuracy([row["EventId"] for row in rows], found))
            print(f"{system:14s} raw {scores[0]:.4f}  without headers {scores[1]:.4f}")
            raw.append(scores[0])
            bare.append(scores[1])
    print("raw:            ", spread(raw))
    print("without headers:", spread(bare))


def services(binary, folder):
    scores = {"raw": [], "bare": []}
    with tempfile.TemporaryDirectory() as work:
        out = os.path.join(work, "out.csv")
        for name in sorted(os.path.splitext(file)[0] for file in os.listdir(folder) if file.endswith(".truth")):
            with open(os.path.join(folder, name + ".truth")) as file:
                truth = file.read().split()
            for kind, of_kind in scores.items():
                run(binary, "logs", "--file", os.path.join(folder, f"{name}.{kind}"), "--assign", out, "--format", "json")
                with open(out, newline="", encoding="utf-8") as file:
                    of_kind.append(grouping_accuracy(truth, [row["Cluster"] for row in csv.DictReader(file)]))
            print(f"{name:14s} raw {scores['raw'][-1]:.4f}  without headers {scores['bare'][-1]:.4f}")
    print("raw:            ", spread(scores["raw"]))
    print("without headers:", spread(scores["bare"]))


# ---- anomalies: the standard profile of the benchmark (Lavin and Ahmad 2015)

def sigmoid(y):
    return -1.0 if y > 3 else 2 / (1 + math.exp(5 * y)) - 1


def when(text):
    return datetime.fromisoformat(text.strip().replace("T", " ").split(".")[0])


def file_score(rows, windows, threshold):
    """(raw score, windows that count) of one file."""
    times = [t for t, _ in rows]
    spans = [(times.index(when(a)), times.index(when(b))) for a, b in windows]
    probation = min(math.floor(0.15 * len(rows)), 750)
    total, hit = 0.0, {s: -1.0 for s in spans if s[1] >= probation}
    for i in range(probation, len(rows)):
        if rows[i][1] < threshold:
            continue
        inside = next((s for s in spans if s[0] <= i <= s[1]), None)
        if inside:
            width = inside[1] - inside[0] + 1
            value = sigmoid(-(inside[1] - i + 1) / width) / sigmoid(-1.0)
            hit[inside] = max(hit[inside], value)
            continue
        before = max((s for s in spans if s[1] < i), default=None)
        total += 0.11 * (-1.0 if before is None else sigmoid((i - before[1]) / (before[1] - before[0])))
    return total + sum(hit.values()), len(hit)


def anomalies(binary, folder):
    threshold = 3.75 / 4.75 - 1e-6
    windows = json.load(open(os.path.join(folder, "labels", "combined_windows.json")))
    files = []
    with tempfile.TemporaryDirectory() as work:
        out = os.path.join(work, "scores.csv")
        for group in sorted(os.listdir(os.path.join(folder, "data"))):
            for name in sorted(os.listdir(os.path.join(folder, "data", group))):
                path = os.path.join(folder, "data", group, name)
                run(binary, "performance", "--csv", path, "--scores", out, "--format", "json")
                with open(out, newline="") as file:
                    rows = [(when(r["timestamp"]), float(r["anomaly_score"])) for r in csv.DictReader(file)]
                files.append((group, *file_score(rows, windows[f"{group}/{name}"], threshold)))

    def score(part):
        count = sum(n for _, _, n in part)
        return 100 * (sum(raw for _, raw, _ in part) + count) / (2 * count) if count else float("nan")

    for label, part in [("all", files)] + [(g, [f for f in files if f[0] == g]) for g in sorted({f[0] for f in files})]:
        rest = [score(part[:i] + part[i + 1:]) for i in range(len(part))]
        print(f"{label:22s} {score(part):6.1f}   without one file {min(rest):.1f} to {max(rest):.1f}")


# ---- causes

def causes(binary, folder):
    truth = {x["id"]: x["root_cause_node"] for x in map(json.loads, open(os.path.join(folder, "answers.jsonl")))}
    hits = {True: [], False: []}
    for case in sorted(os.listdir(os.path.join(folder, "cases"))):
        alert = json.load(open(os.path.join(folder, "cases", case, "alert.json")))
        common = os.path.join(folder, "common", alert["scenario"])
        normal = os.path.join(common, "normal.csv")
        target = alert["target"]
        report = json.loads(run(
            binary, "investigate", "--metrics", os.path.join(folder, "cases", case, "abnormal.csv"),
            *(["--normal", normal] if os.path.exists(normal) else []), "--graph", os.path.join(common, "graph.json"),
            "--target", target["node"], "--symptom", target["metric"],
            "--at", datetime.fromtimestamp(target["timestamp"], timezone.utc).isoformat(), "--format", "json"))
        ranking = [h["resource"] for h in report["hypotheses"]]
        place = ranking.index(truth[case]) + 1 if truth[case] in ranking else 99
        hits[os.path.exists(normal)].append((alert["scenario"], place))
    for known, places in hits.items():
        if places:
            first = [float(p == 1) for _, p in places]
            three = [float(p <= 3) for _, p in places]
            print("with a normal time" if known else "without a normal time", f"({len(places)} cases)")
            print("   first:         ", spread(first))
            print("   in first three:", spread(three))


# ---- speed

def speed(binary, path):
    with open(path, encoding="utf-8", errors="replace") as file:
        lines = file.read().splitlines()
    with tempfile.TemporaryDirectory() as work:
        long = os.path.join(work, "long.log")
        repeat = max(1, 2_000_000 // len(lines))
        with open(long, "w", encoding="utf-8") as file:
            for _ in range(repeat):
                file.writelines(line + "\n" for line in lines)
        before = os.times()
        start = time.time()
        run(binary, "logs", "--file", long, "--format", "json")
        after = os.times()
        count = repeat * len(lines)
        used = after.children_user + after.children_system - before.children_user - before.children_system
        print(f"fractary: {count} lines, {count / used:,.0f} a second of processor time ({count / (time.time() - start):,.0f} elapsed)")
    try:
        import logging
        from drain3 import TemplateMiner
        from drain3.template_miner_config import TemplateMinerConfig
    except ImportError:
        print("drain3 is not installed")
        return
    logging.disable(logging.CRITICAL)
    miner = TemplateMiner(config=TemplateMinerConfig())
    start = time.process_time()
    part = (lines * (1 + 100_000 // len(lines)))[:100_000]
    for line in part:
        miner.add_log_message(line)
    other = len(part) / (time.process_time() - start)
    print(f"drain3:   {len(part)} lines, {other:,.0f} a second of processor time; fractary is {count / used / other:.1f} times as fast")


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[2] not in ("logs", "services", "anomalies", "causes", "speed"):
        sys.exit(__doc__)
    globals()[sys.argv[2]](sys.argv[1], sys.argv[3])
