/** Schema of the costs facet. */
import type { MemoryOperand } from '../../hw/memory.js';
import type * as Cost from '../cost.js';
import type { OwnMapping } from '../layer-tile.js';
import { COPY_REASON, PLACE } from './allocs.js';
import {
  object,
  list,
  oneOf,
  ref,
  STRING,
  COUNT,
  AMOUNT,
  LAYER,
  STACK,
  MEMORY,
  LOOP_DIM,
  OPERAND,
} from './builders.js';

const latency = { compute: AMOUNT, stall: AMOUNT, onload: AMOUNT, offload: AMOUNT };
const temporalLoop = object<Cost.TemporalLoop>({
  dim: LOOP_DIM,
  size: AMOUNT,
  level: { type: 'object', propertyNames: OPERAND, additionalProperties: MEMORY },
});
const accessCount = object<Cost.AccessCount>({
  operand: OPERAND,
  memory: MEMORY,
  readLow: AMOUNT,
  writeLow: AMOUNT,
  readHigh: AMOUNT,
  writeHigh: AMOUNT,
  energyPj: AMOUNT,
});
const layerTileCost = object<Cost.LayerTileCost>(
  {
    layer: LAYER,
    loops: list(ref('loopSize')),
    spatial: list(ref('unrolling')),
    temporal: list(temporalLoop),
    mapping: oneOf(...(['found', 'given', 'completed'] satisfies Cost.MappingOrigin[])),
    gap: AMOUNT,
    accesses: list(accessCount),
    macEnergyPj: AMOUNT,
    energyPj: AMOUNT,
    latency: object<Cost.LayerLatency>(latency),
    macs: AMOUNT,
    operations: AMOUNT,
    own: object<OwnMapping>({
      spatial: list(ref('unrolling')),
      energyPj: AMOUNT,
      latency: object<Cost.LayerLatency>(latency),
    }),
  },
  'own',
);
const copyCost = object<Cost.CopyCost>({
  why: COPY_REASON,
  map: PLACE,
  bits: COUNT,
  from: MEMORY,
  to: MEMORY,
  energyPj: AMOUNT,
  energyByMemory: list(object<Cost.CopyCost['energyByMemory'][number]>({ memory: MEMORY, energyPj: AMOUNT })),
});
const typeCost = object<Cost.TypeCost>({
  type: STRING,
  count: COUNT,
  layers: list(ref('layerTileCost')),
  copySteps: list(
    object<Cost.CopyStepCost>({
      before: PLACE,
      copies: list(copyCost),
      energyPj: AMOUNT,
      latencyCycles: AMOUNT,
    }),
  ),
  energyPj: AMOUNT,
  latencyCycles: AMOUNT,
});
const costTotals = object<Cost.CostTotals>({
  energyPj: AMOUNT,
  latencyCycles: AMOUNT,
  latency: object<Cost.CostTotals['latency']>({ ...latency, copy: AMOUNT }),
  macs: AMOUNT,
  operations: AMOUNT,
  macEnergyPj: AMOUNT,
  memory: list(
    object<Cost.CostTotals['memory'][number]>({
      memory: MEMORY,
      energyPj: object<Record<MemoryOperand | 'copy', number>>({
        W: AMOUNT,
        I: AMOUNT,
        O: AMOUNT,
        copy: AMOUNT,
      }),
    }),
  ),
});
export const COST_SHEET = object<Cost.CostSheet>({
  stacks: list(object<Cost.StackCost>({ stack: STACK, types: list(typeCost), totals: ref('costTotals') })),
  totals: ref('costTotals'),
});

export const COSTS_DEFS = { costTotals, layerTileCost };
