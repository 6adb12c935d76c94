"""Cases: functions that pass by returning. A name is a sentence in snake case."""

REGISTRY = {}

# What the process exits with where the machine lacks something; the JUnit side then skips, or fails in CI.
EXIT_UNMET = 77


class Unmet(Exception):
    """The machine lacks what a case needs."""


def case(function):
    """Registers a case."""
    REGISTRY[function.__name__] = function
    return function


def case_for_each(parameters):
    """Registers a case for each entry of a dict; the function takes the entry's value."""

    def register(function):
        for name, value in parameters.items():
            REGISTRY[f"{function.__name__}:_{name}"] = lambda value=value: function(value)
        return function

    return register
