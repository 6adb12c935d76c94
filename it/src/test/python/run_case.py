"""Lists the cases of a module (run_case.py MODULE) or runs one of them (run_case.py MODULE CASE)."""

import faulthandler
import importlib
import sys

import cases

# For a machine that does much else.
DEADLINE_SECONDS = 150


def main(module, case=None):
    importlib.import_module(module)
    if case is None:
        print("\n".join(cases.REGISTRY))
        return
    faulthandler.dump_traceback_later(DEADLINE_SECONDS, exit=True)
    try:
        cases.REGISTRY[case]()
    except cases.Unmet as e:
        print(e, file=sys.stderr)
        sys.exit(cases.EXIT_UNMET)


if __name__ == "__main__":
    main(*sys.argv[1:])
