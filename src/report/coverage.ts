/** How much of a network is modelled exactly, and what becomes of every operator: nothing is silently free. */
import type { Layer, Workload } from '../ir/layer.js';
import type { CoverageReport, OperatorCoverage } from './report.js';

/** Iterations of a layer's loop nest: MACs, operations or moved elements. */
export const iterationsOf = (layer: Layer): number =>
  layer.loops.reduce((product, { size }) => product * size, 1);

/** Operators in order of first appearance: layers, then post-operations, then views. */
export function coverageOf(workload: Workload): CoverageReport {
  const rows = new Map<string, { -readonly [Field in keyof OperatorCoverage]: OperatorCoverage[Field] }>();
  const count = (
    op: string,
    coverage: OperatorCoverage['coverage'],
    macs: number,
    iterations: number,
  ): void => {
    const key = `${op} ${coverage}`;
    const row = rows.get(key) ?? { op, coverage, count: 0, macs: 0, iterations: 0 };
    rows.set(key, row);
    row.count += 1;
    row.macs += macs;
    row.iterations += iterations;
  };
  const all = { macs: 0, iterations: 0 };
  const exact = { macs: 0, iterations: 0 };
  for (const layer of workload.layers) {
    const iterations = iterationsOf(layer);
    count(layer.op, layer.coverage, layer.macs, iterations);
    for (const sum of layer.coverage === 'exact' ? [all, exact] : [all]) {
      sum.macs += layer.macs;
      sum.iterations += iterations;
    }
  }
  for (const { postOps } of workload.layers) for (const { op } of postOps) count(op, 'post-operation', 0, 0);
  for (const { op } of workload.aliases) count(op, 'alias', 0, 0);
  const unknown = workload.layers.filter((layer) => layer.unknownMacs);
  return {
    // Of nothing that is known, nothing is claimed.
    macsExactPct: all.macs === 0 && unknown.length > 0 ? 0 : share(exact.macs, all.macs),
    iterationsExactPct: share(exact.iterations, all.iterations),
    uncounted: [...new Set(unknown.map(({ op }) => op))],
    operators: [...rows.values()],
  };
}

/** What is said of a network's layers, by what its numbers are worth. */
export const LAYER_COVERAGES = ['exact', 'approximate', 'generic'] as const;

/** Percentages of MACs or iterations by coverage, to one decimal; neither all nor nothing if it is not quite that. */
export function sharesOf(
  { operators }: CoverageReport,
  what: 'macs' | 'iterations',
): Readonly<Record<(typeof LAYER_COVERAGES)[number], number>> {
  const of = (coverage: OperatorCoverage['coverage']): number =>
    operators.reduce((sum, row) => (row.coverage === coverage ? sum + row[what] : sum), 0);
  const whole = LAYER_COVERAGES.reduce((sum, coverage) => sum + of(coverage), 0);
  const rounded = (part: number): number =>
    part === 0 || part === whole ? share(part, whole) : Math.min(99.9, Math.max(0.1, share(part, whole)));
  return {
    exact: rounded(of('exact')),
    approximate: rounded(of('approximate')),
    generic: rounded(of('generic')),
  };
}

/** Percentage; 100 of nothing. */
const share = (part: number, whole: number): number => (whole === 0 ? 100 : (100 * part) / whole);
