/**
 * Dumps edited into nonsense: one random place of a valid dump is changed, whatever facet it is in, and the run
 * resumed from it. That ends in a diagnostic, or in a result where the edit happens to make sense (another layer
 * name, a tile one smaller before anything was tiled); it never throws, and no pass of ours is blamed for it.
 */
import fc from 'fast-check';
import { compile, type CompileRequest } from '../../src/compile.js';
import { CATALOGUE } from '../../src/diag/codes.js';
import { DiagnosticError, type Diagnostic } from '../../src/diag/diagnostic.js';
import { FACETS } from '../../src/ir/facets.js';
import { readIr, writeIr } from '../../src/ir/json.js';
import { edited } from '../support/edited.js';
import { PIPELINE, scheduled, SMALL_HW } from '../support/scheduled.js';

const RUNS = Number(process.env['DEFINES_FUZZ'] ?? 250);
const passes = PIPELINE.split(/,(?![^{]*\})/);

/** The dump after every pass, as data. */
const dumps = (async (): Promise<readonly object[]> => {
  const found: object[] = [];
  const keep = {
    after: ({ ir }: { readonly ir: Parameters<typeof writeIr>[0] }) =>
      void found.push(JSON.parse(writeIr(ir)) as object),
  };
  await scheduled(undefined, { instruments: [keep] });
  return found;
})();

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Paths of all values below, in order. */
function paths(value: Json, path: string): string[] {
  if (typeof value !== 'object' || value === null) return [path];
  const below = Object.entries(value).flatMap(([key, part]) =>
    key.includes('/') ? [] : paths(part, `${path}/${key}`),
  );
  return [path, ...below];
}

const NUMBERS = [0, -1, 1, 2, 3, 7, 0.5, 1e6, 2 ** 53 - 1, 1e300];
const TEXTS = [
  '',
  '@nowhere',
  '%nowhere',
  '$9',
  'mem:nowhere',
  '@a',
  '%a',
  '%x',
  '$0',
  'mem:lb_io',
  'full',
  'W',
  'K',
  '\u0000',
];

/** Another value of the same kind, or of another kind altogether; undefined: gone. */
function changed(old: Json, pick: (most: number) => number): Json | undefined {
  if (pick(12) === 0) return undefined;
  if (pick(12) === 0) return [null, 1, 'x', [], {}][pick(5)]!;
  if (typeof old === 'number')
    return pick(2) === 0 ? old + [1, -1, 2, -2][pick(4)]! : NUMBERS[pick(NUMBERS.length)]!;
  if (typeof old === 'string') return TEXTS[pick(TEXTS.length)]!;
  if (typeof old === 'boolean') return !old;
  if (Array.isArray(old)) {
    const at = pick(Math.max(1, old.length));
    return [[], old.toReversed(), old.toSpliced(at, 1), old.concat(old.slice(at, at + 1))][pick(4)]!;
  }
  return {};
}

interface Ending {
  readonly path: string;
  readonly diagnostics: readonly Diagnostic[];
}

async function resumed(dump: object, path: string, index: number): Promise<Ending> {
  const request: CompileRequest = { hw: SMALL_HW };
  try {
    const from = readIr(JSON.stringify(dump), 'edited.json');
    const rest = passes.slice(index + 1);
    const pipeline = rest.length === 0 ? 'annotate-cost' : rest.join(',');
    const { diagnostics } = await compile({ ...request, from, pipeline });
    return { path, diagnostics };
  } catch (error) {
    if (error instanceof DiagnosticError) return { path, diagnostics: error.diagnostics };
    throw new Error(`${path}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`, {
      cause: error,
    });
  }
}

test(`${RUNS} random edits`, async () => {
  const all = await dumps;
  const endings: Ending[] = [];
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: all.length - 1 }), fc.infiniteStream(fc.nat()), async (index, numbers) => {
      const pick = (most: number): number => (numbers.next().value as number) % most;
      const dump = all[index]! as { facets: Json };
      const places = FACETS.flatMap((facet) => {
        const below = (dump.facets as Record<string, Json>)[facet];
        return below === undefined ? [] : [paths(below, `facets/${facet}`)];
      });
      const list = places[pick(places.length)]!;
      const path = list[pick(list.length)]!;
      const ending = await resumed(
        edited(dump, path, (old: Json) => changed(old, pick)),
        path,
        index,
      );
      endings.push(ending);
      const blamed = ending.diagnostics.filter(({ code }) => CATALOGUE[code].kind === 'bug');
      expect([path, blamed]).toEqual([path, []]);
    }),
    { numRuns: RUNS, seed: 20231125 },
  );
  // Most edits make no sense, and most nonsense is seen before anything runs.
  const refused = endings.filter(({ diagnostics }) =>
    diagnostics.some(({ severity }) => severity === 'error'),
  );
  expect(refused.length).toBeGreaterThan(RUNS / 2);
});
