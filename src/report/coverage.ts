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
  return {
    macsExactPct: share(exact.macs, all.macs),
    iterationsExactPct: share(exact.iterations, all.iterations),
    operators: [...rows.values()],
  };
}

/** Percentage; 100 of nothing. */
const share = (part: number, whole: number): number => (whole === 0 ? 100 : (100 * part) / whole);
