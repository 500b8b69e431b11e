"""Runs an emulator, and ends it together with the test process that started it.

The test process holds the other end of our standard input. However it ends, the pipe
closes, and the emulator with everything it started goes too.
"""
import os
import runpy
import signal
import sys
import threading


def end_with_parent():
    while os.read(0, 4096):
        pass
    # We lead a process group of our own: this reaches our children and nobody else.
    os.killpg(os.getpgid(0), signal.SIGKILL)


os.setsid()
threading.Thread(target=end_with_parent, daemon=True).start()
module, *arguments = sys.argv[1:]
sys.argv = [module, *arguments]
runpy.run_module(module, run_name="__main__", alter_sys=True)
