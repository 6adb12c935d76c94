"""Lists the cases of a module (run_case.py MODULE) or runs one of them (run_case.py MODULE CASE)."""

import faulthandler
import importlib
import sys

import cases

# For a machine that does much else.
DEADLINE_SECONDS = 150


def main():
    importlib.import_module(sys.argv[1])
    if len(sys.argv) == 2:
        print("\n".join(cases.REGISTRY))
        return
    faulthandler.dump_traceback_later(DEADLINE_SECONDS, exit=True)
    try:
        cases.REGISTRY[sys.argv[2]]()
    except cases.Unmet as e:
        print(e, file=sys.stderr)
        sys.exit(cases.EXIT_UNMET)


main()
