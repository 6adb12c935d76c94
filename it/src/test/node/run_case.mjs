// Lists the cases of a module (run_case.mjs MODULE) or runs one of them (run_case.mjs MODULE CASE).

import { registry } from './cases.mjs';

const DEADLINE_MILLIS = 150_000;

const [module, name] = process.argv.slice(2);
await import(`./${module}.mjs`);
if (name === undefined) {
  console.log([...registry.keys()].join('\n'));
} else {
  setTimeout(() => {
    console.error(`not done after ${DEADLINE_MILLIS} ms`);
    process.exit(1);
  }, DEADLINE_MILLIS);
  await registry.get(name)();
  process.exit(0);
}
