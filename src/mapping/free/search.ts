/**
 * The best mapping over all loop orders and all boundaries between memory levels that fit, every operand its own. First
 * the least energy, then, among the mappings that have it (or among all, for another objective), the best one.
 */
import type { LatencyBound } from '../../cost/latency-bound.js';
import type { LatticeTables } from '../../cost/lattice-tables.js';
import type { SearchTables } from '../../cost/tables.js';
import type { MapperBudget } from '../budget.js';
import type { FixedLoops } from '../split-bounds.js';
import { nothingFits, type SearchOutcome } from '../outcome.js';
import { gapOver, TOLERANCE, type Objective } from '../objective.js';
import { BestSplit, type SplitGoal, type SplitSpace } from './best-split.js';
import { cheapest } from './cheapest.js';
import { closableStates } from './closable.js';
import { CostToGo } from './cost-to-go.js';
import { Occupancy } from './occupancy.js';
import { restrictionTo } from './restriction.js';
import { outputClosings } from './output-closings.js';
import { splitStates } from './split-states.js';

/** Leaves the best mapping in the placement, scored. */
export function searchFreely(
  tile: SearchTables,
  tables: LatticeTables,
  objective: Objective,
  budget: MapperBudget,
  fixed?: FixedLoops,
): SearchOutcome {
  // No split is taken that does not fit: that one goes unnoticed belongs to the published rule (Q21).
  const search: SearchTables = { ...tile, overfull: 'unmappable' };
  const splits = splitStates(search, tables);
  const costToGo = new CostToGo(tables, splits, fixed && restrictionTo(search, tables, fixed));
  const occupancy = new Occupancy(search, tables, splits);
  const least = cheapest(costToGo, occupancy, budget.bestFirst);
  const boundPj = least.boundPj + tables.constantPj;
  if (boundPj === Infinity) return nothingFits(least.nodes);
  const spaceOf = spacesOver({ search, costToGo, occupancy });
  const energyCapPj = least.energyPj === least.boundPj ? boundPj * (1 + TOLERANCE) : Infinity;
  const ties: SplitGoal = { objective: 'energy', energyCapPj, budget: budget.ties };
  const tied = spaceOf(() => search.latencyBound(tables, closableStates(costToGo, energyCapPj)));
  const phases = [narrowing(tied, ties, boundPj, undefined)];
  const whole = spaceOf();
  if (objective !== 'energy' && phases[0]!.best) {
    const all: SplitGoal = { objective, energyCapPj: Infinity, budget: budget.depthFirst };
    phases.push(narrowing(whole, all, boundPj, phases[0]!.best));
  }
  const { best, cut } = phases.at(-1)!;
  best?.place();
  const nodes = phases.reduce((sum, phase) => sum + phase.nodes, least.nodes);
  const scored = phases.reduce((sum, phase) => sum + phase.scored, 0);
  if (best === undefined) return { found: false, gap: 0, nodes, scored };
  const found = { energyPj: best.bestPj, cycles: best.bestCycles };
  // Latency has no say in the gap of energy, and its bound takes as long as a small search.
  const cycles = cut && objective !== 'energy' ? whole.together().leastCycles : found.cycles;
  const gap = cut || objective === 'energy' ? gapOver(objective, found, { energyPj: boundPj, cycles }) : 0;
  return { found: true, gap: gap <= TOLERANCE ? 0 : gap, nodes, scored };
}

/** What searches of one layer tile share; `make`: the bound of long ones, if it is another than that of short ones. */
function spacesOver(
  shared: Pick<SplitSpace, 'search' | 'costToGo' | 'occupancy'>,
): (make?: () => LatencyBound) => SplitSpace {
  const { search, costToGo } = shared;
  const { tables } = costToGo;
  const latencyBound = once(() => search.latencyBound(tables));
  return (make = latencyBound) => {
    const together = once(() => {
      const bound = make();
      const closings = outputClosings(bound, tables);
      const leastCycles = Math.max(bound.leastCyclesOfAll(), closings?.openAt[0] ?? 0);
      return { bound, closings, leastCycles };
    });
    return { ...shared, latencyBound, together };
  };
}

/**
 * How far above the bound on latency a mapping may be to be of interest, relatively, in one search after another. The
 * first one, of few nodes, is enough for most layer tiles; the next but one proves most of the others. A narrow one ends
 * sooner, with the best mapping or none.
 */
const PASSES: readonly { readonly within: number; readonly nodes: number }[] = [
  { within: Infinity, nodes: 1000 },
  { within: 0, nodes: 20_000 },
  { within: 0.2, nodes: 20_000 },
  { within: 0.02, nodes: 20_000 },
  { within: Infinity, nodes: Infinity },
];

/** Mappings that have the least energy are few: mostly all of them are soon looked at. */
const TIES: typeof PASSES = [{ within: Infinity, nodes: 20_000 }, ...PASSES.slice(1)];

interface Phase {
  readonly best: BestSplit | undefined;
  /** It may not be the best of all. */
  readonly cut: boolean;
  readonly nodes: number;
  readonly scored: number;
}

/** The best mapping, better than a given one, by searches that are cut after some nodes or look for little only. */
function narrowing(space: SplitSpace, goal: SplitGoal, boundPj: number, start: BestSplit | undefined): Phase {
  let best = start;
  let nodes = 0;
  let scored = 0;
  let cut = false;
  /** Nodes after which the last search was cut, where one like it would look at the very same ones. */
  let fruitless = 0;
  /** Nothing better is as close to the bound. */
  let nothingWithin = -1;
  for (const { within, nodes: most } of goal.objective === 'energy' ? TIES : PASSES) {
    if (within <= nothingWithin) continue;
    const budget = Math.min(most, goal.budget);
    const split = new BestSplit(space, { ...goal, budget });
    if (best) split.startFrom(best);
    const isClose = best !== undefined && within < Infinity && isNearlyLeast(space, goal, best);
    const narrowed =
      within < Infinity &&
      !isClose &&
      split.aimAt(...aimOf(goal, boundPj, space.together().leastCycles * (1 + within)));
    if (!narrowed && budget === fruitless) {
      cut = true;
      continue;
    }
    split.run();
    nodes += split.nodes;
    scored += split.scored;
    ({ cut } = split);
    if (split.improved) best = split;
    if (!cut && (split.improved || !narrowed)) break;
    if (isClose && !split.improved) break;
    if (!cut) nothingWithin = within;
    if (split.improved) fruitless = 0;
    else if (!narrowed) fruitless = budget;
  }
  return { best, cut, nodes, scored };
}

/** A mapping so close to the bound on latency, relatively, is only compared with others about as fast by energy. */
const NEARLY_LEAST = 0.001;

const isNearlyLeast = (space: SplitSpace, { objective }: SplitGoal, { bestCycles }: BestSplit): boolean =>
  objective === 'latency' && bestCycles <= space.together().leastCycles * (1 + NEARLY_LEAST);

/** What a mapping has to beat to be of interest; one that takes what the bound allows, or less than a cycle more, does. */
function aimOf({ objective }: SplitGoal, boundPj: number, cycles: number): readonly [number, number] {
  return [objective === 'latency' ? 0 : boundPj, cycles + 1];
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
