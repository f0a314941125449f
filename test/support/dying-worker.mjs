/**
 * A worker for tests of the pool: dies of problems with 666 passes, and of those with 13 the first time only; those with
 * 7777 have no end.
 */
import { existsSync, writeFileSync } from 'node:fs';

export default function solve({ setting, problems }) {
  for (const { passes } of problems) {
    if (passes === 666) process.exit(1);
    if (passes === 7777) {
      writeFileSync(setting.lpfLimit, '');
      for (;;);
    }
    if (passes === 13 && !existsSync(setting.lpfLimit)) {
      writeFileSync(setting.lpfLimit, '');
      process.exit(1);
    }
  }
  return problems.map(({ passes }) => ({ kind: 'found', result: passes, milliseconds: 0 }));
}
