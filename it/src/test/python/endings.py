"""Ways in which a case may end."""

import os
import subprocess

from cases import Unmet, case


@case
def returns():
    print(os.getcwd(), os.environ["BOWSTRING_PORT"], os.read(0, 1))


@case
def raises():
    raise AssertionError("as it should")


@case
def lacks_something():
    raise Unmet("something")


@case
def is_killed():
    os.kill(os.getpid(), 9)


@case
def waits_for_ever():
    with subprocess.Popen(["sleep", "3600"]) as child:
        print(child.pid, flush=True)
