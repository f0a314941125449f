/** One point of a study: what it costs, which stacks do not fit, or why it could not be evaluated. */
import { bareName } from '../base/ids.js';
import { DiagnosticError } from '../diag/diagnostic.js';
import type { Infeasibility } from '../ir/alloc.js';
import type { StackEvaluation } from '../ir/evaluation.js';
import type { LayerTileMapper } from '../ir/layer-tile.js';
import type { TileSize } from '../ir/stack.js';
import { costOfTotals } from '../report/cost-sum.js';
import { evaluateStack } from '../schedule/evaluate-stack.js';
import { totalsOfStacks } from '../schedule/totals.js';
import type { SchedulePoint } from './grid.js';
import type { PointLine, PointResult, StackShortage } from './line.js';
import { stacksOf, type Study } from './study.js';

export const evaluatePoint = (study: Study, point: SchedulePoint, mapper: LayerTileMapper): PointLine => ({
  ...study.head,
  stacks: point.stacks,
  mode: point.mode,
  tile: tileOf(point),
  ...resultOf(study, point, mapper),
});

/** Its fields in one order, whoever made it: lines are compared byte by byte. */
const tileOf = ({ tile: { x, y, heads } }: SchedulePoint): TileSize =>
  heads === undefined ? { x, y } : { x, y, heads };

function resultOf(study: Study, point: SchedulePoint, mapper: LayerTileMapper): PointResult {
  const { workload, setting } = study;
  try {
    return summed(
      study,
      stacksOf(study, point).map((stack) =>
        evaluateStack(workload, stack, setting.hw, setting.profile, mapper),
      ),
    );
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    const diagnostics = error.diagnostics.map(({ code, message }) => ({ code, message }));
    return { status: 'failed', energyPj: null, latencyCycles: null, diagnostics };
  }
}

function summed({ setting }: Study, evaluations: readonly StackEvaluation[]): PointResult {
  const infeasible = evaluations.flatMap((stack) => (stack.kind === 'infeasible' ? [stack.reason] : []));
  if (infeasible.length > 0)
    return {
      status: 'infeasible',
      energyPj: null,
      latencyCycles: null,
      infeasible: infeasible.map(shortage),
    };
  const stacks = evaluations.flatMap((stack) => (stack.kind === 'costed' ? [stack.cost] : []));
  const totals = totalsOfStacks(stacks, setting.hw, setting.profile);
  const { energyPj, latencyCycles, latency, energy } = costOfTotals(totals);
  return {
    status: 'evaluated',
    energyPj,
    latencyCycles,
    edp: energyPj * latencyCycles,
    macs: evaluations.reduce((sum, { tiled }) => sum + tiled.macs, 0),
    recomputedMacs: evaluations.reduce((sum, { tiled }) => sum + tiled.recomputedMacs, 0),
    latency,
    energy,
  };
}

const shortage = (reason: Infeasibility): StackShortage => ({
  stack: reason.stack,
  tileType: reason.type,
  layer: bareName(reason.layer),
  memory: bareName(reason.memory),
  demandBits: reason.demandBits,
  boundBits: reason.boundBits,
  gapBits: reason.demandBits - reason.boundBits,
});
