/** One stack of the report: its decision, its sums, and one entry per tile type. */
import { known } from '../base/assert.js';
import { finder } from '../base/finder.js';
import { bareName, memoryName, type LayerId, type TensorId } from '../base/ids.js';
import type { Infeasibility, StackAllocation } from '../ir/alloc.js';
import type { StackCost } from '../ir/cost.js';
import { keptWeightBits } from '../ir/kept-weights.js';
import type { Layer, Workload } from '../ir/layer.js';
import { overAlike } from '../ir/over-alike.js';
import type { Stack } from '../ir/stack.js';
import type { TiledStack } from '../ir/tile.js';
import { NAMES } from './alike.js';
import { costOfTotals, sumCosts, type Share } from './cost-sum.js';
import type {
  Cost,
  FeasibleStack,
  InfeasibleReport,
  InfeasibleStack,
  PartReport,
  StackReport,
} from './report.js';
import type { ReportInput } from './input.js';
import { costsIn, tileTypeReport } from './tile-type-report.js';

const tiledOf = finder((tiled: TiledStack) => tiled.stack);
const allocationOf = finder((allocation: StackAllocation) => allocation.stack);
const costOf = finder((cost: StackCost) => cost.stack);

/** In plan order; a stack without costs is infeasible. */
export function stackReports(input: ReportInput): readonly StackReport[] {
  const { workload, stacks: plan, tiles, allocs, costs } = input;
  const facetsOf = plan.stacks.map(({ id }) => ({
    tiled: known(tiledOf(tiles.stacks, id), `tiles of ${id}`),
    allocation: allocationOf(allocs.stacks, id),
    cost: costOf(costs.stacks, id),
  }));
  return overAlike<StackReport>(workload, plan.stacks, {
    work: (stack, s) => {
      const { tiled, allocation, cost } = facetsOf[s]!;
      return allocation && cost
        ? feasibleStack(input, stack, tiled, allocation, cost)
        : infeasibleStack(input, stack, tiled);
    },
    given: (s) => Object.values(facetsOf[s]!),
    holds: ({ feasible }) => feasible,
    read: NAMES,
  });
}

const infeasibleStack = ({ allocs }: ReportInput, stack: Stack, tiled: TiledStack): InfeasibleStack => ({
  ...decision(stack, tiled),
  feasible: false,
  energyPj: null,
  latencyCycles: null,
  tileTypes: [],
  infeasible: allocs.infeasible.filter((reason) => reason.stack === stack.id).map(infeasibleReport),
});

const decision = (stack: Stack, tiled: TiledStack) => ({
  id: stack.id,
  layers: stack.layers.map(bareName),
  tile: { x: tiled.tile.x, y: tiled.tile.y },
  grid: { x: tiled.grid.x, y: tiled.grid.y },
  ...(tiled.heads === undefined ? {} : { heads: tiled.heads }),
  mode: stack.mode,
  handOver: memoryName(stack.handOver),
  macs: tiled.macs,
  recomputedMacs: tiled.recomputedMacs,
});

const layerOf = finder((layer: Layer) => layer.id);

const pickedBits = (workload: Workload, { layers }: Stack): number =>
  layers.reduce((bits, id) => {
    const layer = known(layerOf(workload.layers, id), 'layer');
    return bits + layer.weightBits - keptWeightBits(layer);
  }, 0);

function feasibleStack(
  input: ReportInput,
  stack: Stack,
  tiled: TiledStack,
  allocation: StackAllocation,
  cost: StackCost,
): FeasibleStack {
  return {
    ...decision(stack, tiled),
    feasible: true,
    operations: cost.totals.operations,
    weights: {
      bits: allocation.weightBits,
      level: memoryName(allocation.weightLevel),
      pickedBits: pickedBits(input.workload, stack),
    },
    ...costOfTotals(cost.totals),
    parts: partReports(input, tiled, cost),
    tileTypes: tiled.types.map((type, t) =>
      tileTypeReport(
        input,
        tiled,
        type,
        known(allocation.types[t], 'allocation'),
        known(cost.types[t], 'cost'),
      ),
    ),
  };
}

/** Inputs, then layers, each with the copies before it, over all tiles. */
function partReports(input: ReportInput, tiled: TiledStack, cost: StackCost): readonly PartReport[] {
  const shares = new Map<LayerId | TensorId, Share[]>();
  const add = (id: LayerId | TensorId, share: Share): void => {
    const list = shares.get(id);
    if (list === undefined) shares.set(id, [share]);
    else list.push(share);
  };
  for (const { layers, copySteps, count: times } of cost.types) {
    for (const layer of layers) add(layer.layer, { layers: [layer], copySteps: [], times });
    for (const step of copySteps)
      if (step.copies.length > 0) add(step.before, { layers: [], copySteps: [step], times });
  }
  const ofTile = costsIn(input);
  const sum = (id: LayerId | TensorId): Cost => {
    const [share, ...others] = shares.get(id) ?? [];
    const layer = others.length === 0 && share?.times === 1 ? share.layers[0] : undefined;
    return layer === undefined ? sumCosts(input.hw, input.profile, shares.get(id) ?? []) : ofTile(layer);
  };
  const part = (id: LayerId | TensorId, kind: PartReport['kind']): PartReport => ({
    part: bareName(id),
    kind,
    ...sum(id),
  });
  return [...tiled.inputs.map((id) => part(id, 'input')), ...tiled.layers.map((id) => part(id, 'layer'))];
}

const infeasibleReport = (reason: Infeasibility): InfeasibleReport => ({
  tileType: reason.type,
  layer: bareName(reason.layer),
  memory: bareName(reason.memory),
  demandBits: reason.demandBits,
  boundBits: reason.boundBits,
  gapBits: reason.demandBits - reason.boundBits,
  terms: reason.terms,
  levers: reason.levers,
});
