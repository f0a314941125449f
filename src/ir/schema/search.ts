/** Schema of what a search says about the schedule it chose. */
import type * as Search from '../search.js';
import { OBJECTIVES } from '../search.js';
import { OVERLAP_MODES, type Stack, type TileSize } from '../stack.js';
import {
  object,
  list,
  constant,
  oneOf,
  orNull,
  union,
  BOOLEAN,
  STRING,
  COUNT,
  AMOUNT,
  LAYER,
  STACK,
  MEMORY,
  type Schema,
} from './builders.js';

export const MODE = oneOf(...OVERLAP_MODES);
const extent: Schema = { anyOf: [{ type: 'integer', minimum: 1 }, constant('full')] };
const tile = object<TileSize>({ x: extent, y: extent, heads: { type: 'integer', minimum: 1 } }, 'heads');
const decision = { layers: list(LAYER), tile, mode: MODE, handOver: MEMORY, mappedFor: STRING };
/** A stack of the facet, and one of a schedule that was not chosen: it has no id. */
export const STACK_DECISION = object<Stack>({ id: STACK, ...decision }, 'mappedFor');

const cost = { energyPj: AMOUNT, latencyCycles: AMOUNT };
const notChosen = { ...cost, beyondLimits: constant(true) };
const energyAndLatency = object<Search.EnergyAndLatency>(cost);
type Kind<K extends Search.RejectedCut['kind']> = Extract<Search.RejectedCut, { kind: K }>;
const rejectedCut = union(
  object<Kind<'costs-more'>>(
    { kind: constant('costs-more'), ...notChosen, exact: BOOLEAN, sinks: list(LAYER) },
    'beyondLimits',
  ),
  object<Kind<'illegal'>>({ kind: constant('illegal'), why: STRING }),
);
const reason = object<Search.StackReason>({
  stack: STACK,
  cost: energyAndLatency,
  binding: orNull(
    object<Search.BindingMemory>({
      memory: MEMORY,
      holds: oneOf('activations', 'weights'),
      demandBits: COUNT,
      boundBits: COUNT,
    }),
  ),
  nextBest: orNull(object<Search.Alternative>({ ...notChosen, tile, mode: MODE }, 'beyondLimits')),
  cutUp: orNull(rejectedCut),
  joined: orNull(rejectedCut),
});

export const SCHEDULE_SEARCH = object<Search.ScheduleSearch>({
  objective: oneOf(...OBJECTIVES),
  limits: object<Search.ScheduleSearch['limits']>({
    energyPj: orNull(AMOUNT),
    latencyCycles: orNull(AMOUNT),
  }),
  proven: BOOLEAN,
  leastOfCandidates: AMOUNT,
  bound: orNull(energyAndLatency),
  reasons: list(reason),
  front: orNull(
    object<Search.Front>({
      within: orNull(AMOUNT),
      points: list(
        object<Search.FrontPoint>({
          ...cost,
          stacks: list(object<Omit<Stack, 'id'>>(decision, 'mappedFor')),
        }),
      ),
    }),
  ),
  counts: object<Search.ScheduleSearch['counts']>({ stacks: COUNT, placedStacks: COUNT, evaluations: COUNT }),
});
