"""Does what run_case.py does, in a process that is forked for it: to import pyarrow takes longer than most cases.

Each line of standard input asks for a process. Its fields, with tabs between, are the process's folder, the files for its
standard output and error, its own environment variables as NAME=VALUE, an empty field, and the arguments of run_case.py.
Answers with the process's id, and with its exit code when it has ended: below zero where a signal has ended it. One process
runs at a time.
"""

import gc
import multiprocessing
import os

# A fork has the thread that forks and no other, so the libraries may start none.
WITHOUT_THREADS = {"JE_ARROW_MALLOC_CONF": "background_thread:false", "OPENBLAS_NUM_THREADS": "1"}

os.environ.update(WITHOUT_THREADS)
import pandas  # noqa: F401 (pyarrow imports it with the first array)
import pyarrow  # noqa: F401

import run_case

for name in WITHOUT_THREADS:
    del os.environ[name]


def run(control, folder, output, errors, *rest):
    """Becomes the process that is asked for."""
    for file in control:
        file.close()
    # Input too: what the case starts would else read what is asked of this process's parent.
    for path, flags, descriptor in ((os.devnull, os.O_RDONLY, 0), (output, os.O_WRONLY, 1), (errors, os.O_WRONLY, 2)):
        opened = os.open(path, flags)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.chdir(folder)
    end = rest.index("")
    os.environ.update(entry.split("=", 1) for entry in rest[:end])
    run_case.main(*rest[end + 1 :])


def main():
    threads = os.listdir("/proc/self/task")
    assert len(threads) == 1, f"threads: {len(threads)} (expected: 1, or a fork may wait for ever)"
    gc.freeze()
    fork = multiprocessing.get_context("fork")
    # Copies: a process that is forked has its own input and output.
    with os.fdopen(os.dup(0)) as requests, os.fdopen(os.dup(1), "w", buffering=1) as answers:
        while line := requests.readline():
            process = fork.Process(target=run, args=((requests, answers), *line.rstrip("\n").split("\t")))
            process.start()
            print(process.pid, file=answers)
            process.join()
            print(process.exitcode, file=answers)
            process.close()


if __name__ == "__main__":
    main()
