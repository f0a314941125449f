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
  for (const layer of workload.layers) count(layer.op, layer.coverage, layer.macs, iterationsOf(layer));
  for (const { op } of workload.layers.flatMap((layer) => layer.postOps)) count(op, 'post-operation', 0, 0);
  for (const { op } of workload.aliases) count(op, 'alias', 0, 0);
  const exact = workload.layers.filter((layer) => layer.coverage === 'exact');
  return {
    macsExactPct: share(exact, workload.layers, (layer) => layer.macs),
    iterationsExactPct: share(exact, workload.layers, iterationsOf),
    operators: [...rows.values()],
  };
}

/** Percentage; 100 of nothing. */
function share(part: readonly Layer[], whole: readonly Layer[], weight: (layer: Layer) => number): number {
  const sum = (layers: readonly Layer[]): number => layers.reduce((total, layer) => total + weight(layer), 0);
  return sum(whole) === 0 ? 100 : (100 * sum(part)) / sum(whole);
}
