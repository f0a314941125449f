/**
 * Invariants of the tiles facet:
 * - the tiles of a stack cover its output exactly once: classes add up to the grid and to the map, counts of types
 *   to the number of tiles, and the origin is a single tile (DF4090);
 * - along an axis, what an operand needs is either held from the tile before or fresh in this one (DF4091; branches
 *   and strides beyond the kernel break it in the published model, Q16 and Q17: a note there);
 * - recomputed MACs are not negative, and none when everything that is shared is kept (DF4092; likewise).
 */
import type { Profile } from '../../base/profile.js';
import { diagnostic, type Diagnostic, type Severity } from '../../diag/diagnostic.js';
import { finder } from '../../base/finder.js';
import type { FeatureMap, Layer, Workload } from '../layer.js';
import type { AxisClass, TiledStack, TilePlan } from '../tile.js';

export function verifyTiles(workload: Workload, tiles: TilePlan, profile: Profile): Diagnostic[] {
  const severity: Severity = profile.padding === 'clipped' ? 'error' : 'note';
  return tiles.stacks.flatMap((stack) => [
    ...coverage(workload, stack),
    ...axisSums(stack, 'columns', severity),
    ...axisSums(stack, 'rows', severity),
    ...recompute(stack, severity),
  ]);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const at = (stack: TiledStack) => [{ kind: 'ir', facet: 'tiles', id: stack.stack }] as const;

const layerById = finder((layer: Layer) => layer.id);
const mapById = finder((map: FeatureMap) => map.id);

function coverage(workload: Workload, stack: TiledStack): Diagnostic[] {
  const sink = stack.layers.slice(-1).map((id) => layerById(workload.layers, id))[0];
  const map = sink && mapById(workload.maps, sink.output.map);
  const { grid, columns, rows, types } = stack;
  const checks: readonly [string, number, number | undefined][] = [
    ['tile columns', sum(columns.map((c) => c.count)), grid.x],
    ['tile rows', sum(rows.map((r) => r.count)), grid.y],
    ['output columns', sum(columns.map((c) => c.count * c.tile)), map?.width],
    ['output rows', sum(rows.map((r) => r.count * r.tile)), map?.height],
    ['tiles', sum(types.map((type) => type.count)), grid.x * grid.y],
    ['origin tiles', sum(types.map((type) => (type.origin ? type.count : 0))), 1],
  ];
  return checks
    .filter(([, found, expected]) => found !== expected)
    .map(([what, found, expected]) =>
      diagnostic('DF4090', `${stack.stack}: ${found} ${what}, ${expected ?? 'none'} expected`, at(stack)),
    );
}

function axisSums(stack: TiledStack, axis: 'columns' | 'rows', severity: Severity): Diagnostic[] {
  return stack[axis].flatMap((one) =>
    unmet(one).map((map) =>
      diagnostic(
        'DF4091',
        `${stack.stack} ${axis} ${one.name}: needed of ${map} is not held plus fresh`,
        at(stack),
        { severity },
      ),
    ),
  );
}

/** Maps of which an operand needs more than is held from before or fresh. */
function unmet(one: AxisClass): readonly string[] {
  const maps = new Map(one.actual.maps.map((map) => [map.map, map]));
  return one.actual.layers.flatMap((layer) =>
    layer.inputs.flat().flatMap(({ map, needed, overlap }) => {
      const extent = maps.get(map);
      const met = extent && overlap <= extent.held && needed - overlap <= extent.fresh;
      return met || layer.out === 0 ? [] : [map];
    }),
  );
}

function recompute(stack: TiledStack, severity: Severity): Diagnostic[] {
  const { recomputedMacs, mode } = stack;
  const sane = mode === 'fully-cached' ? recomputedMacs === 0 : recomputedMacs >= 0;
  if (sane) return [];
  return [
    diagnostic('DF4092', `${stack.stack}: ${recomputedMacs} MACs recomputed in mode ${mode}`, at(stack), {
      severity,
    }),
  ];
}
