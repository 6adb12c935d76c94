// Cases: functions that pass by returning. A name is a sentence in snake case.

export const registry = new Map();

/** Registers a case. */
export function testCase(name, run) {
  registry.set(name, run);
}

/** Registers a case for each entry of an object; the function takes the entry's name and value. */
export function testCaseForEach(name, parameters, run) {
  for (const [parameter, value] of Object.entries(parameters)) {
    registry.set(`${name}:_${parameter}`, () => run(parameter, value));
  }
}
