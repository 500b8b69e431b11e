"""Runs an emulator, and ends it together with the test process that started it.

The test process holds the other end of our standard input. However it ends, the pipe
closes, and the emulator with everything it started goes too.

    serve.py MODULE [ARGUMENT…]

MiniStack forgets metrics that are older than two weeks. Tests have a fixed clock, so its
CloudWatch is given the time in EMULATOR_CLOCK (RFC 3339), at which it then stands still.
"""
import datetime
import importlib
import os
import runpy
import signal
import sys
import threading
import types


def end_with_parent():
    while os.read(0, 4096):
        pass
    port = os.environ["GATEWAY_PORT"]
    for left in (f"ministack-{port}.pid", os.environ["EMULATOR_LOG"]):
        path = os.path.join(os.environ["TMPDIR"], left)
        # A log that says something is kept for whoever asks why.
        if os.path.exists(path) and (left.endswith(".pid") or os.path.getsize(path) == 0):
            os.remove(path)
    # We lead a process group of our own: this reaches our children and nobody else.
    os.killpg(os.getpgid(0), signal.SIGKILL)


def hold_the_clock(now):
    epoch = datetime.datetime.fromisoformat(now.replace("Z", "+00:00")).timestamp()
    service = importlib.import_module("ministack.services.cloudwatch")
    clock = types.ModuleType("time")
    clock.__dict__.update(service.time.__dict__)
    clock.time = lambda: epoch
    service.time = clock


def make_functions_ready_at_once():
    service = importlib.import_module("ministack.services.lambda_svc")
    service._LAMBDA_STATE_TRANSITION_DELAY = 0


def say_what_is_asked_for():
    """Some requests are authorized for `*` there, although AWS names what they are about."""
    actions = importlib.import_module("ministack.core.iam_actions")
    plain = actions.extract_resource_arn

    def named(service, method, path, headers, body, query, region, account):
        found = plain(service, method, path, headers, body, query, region, account)
        if found == "*" and service in ("sns", "dynamodb"):
            return actions._param(body, query, "ResourceArn") or found
        name = actions._query_param(query, "PolicyName")
        if found == "*" and service == "iam" and name:
            place = actions._query_param(query, "Path") or "/"
            return f"arn:aws:iam::{account}:policy{place}{name}"
        return found

    actions.extract_resource_arn = named


os.setsid()
threading.Thread(target=end_with_parent, daemon=True).start()
module, *arguments = sys.argv[1:]
if module == "ministack":
    hold_the_clock(os.environ["EMULATOR_CLOCK"])
    make_functions_ready_at_once()
    say_what_is_asked_for()
sys.argv = [module, *arguments]
runpy.run_module(module, run_name="__main__", alter_sys=True)
