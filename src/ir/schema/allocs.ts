/** Schema of the allocs facet. */
import type * as Alloc from '../alloc.js';
import {
  object,
  list,
  oneOf,
  ref,
  orNull,
  BOOLEAN,
  STRING,
  COUNT,
  AMOUNT,
  LAYER,
  MAP,
  STACK,
  MEMORY,
  PATH,
  byPath,
  type Schema,
} from './builders.js';

export const COPY_REASON = oneOf(
  ...([
    'stack-input',
    'stationary-input',
    'weights',
    'operand',
    'h-cache-read',
    'v-cache-read',
    'h-cache-write',
    'v-cache-write',
  ] satisfies Alloc.CopyReason[]),
);
/** A layer or a stack input. */
export const PLACE: Schema = { type: 'string', pattern: '^[@%]' };
const port = object<Alloc.DataCopy['from']>({ operand: PATH, memory: MEMORY });
const cacheLevels = object<Alloc.CacheLevels>({ read: orNull(MEMORY), write: orNull(MEMORY) });
const inputAndOutput = object<Alloc.LayerAllocation['raised']>({ I: COUNT, O: COUNT });
const bitsIn = object<Alloc.BitsIn>({ memory: MEMORY, bits: COUNT });
const typeAllocation = object<Alloc.TypeAllocation>({
  type: STRING,
  aliveBits: COUNT,
  hCacheBits: COUNT,
  vCacheBits: COUNT,
  cornerBits: COUNT,
  hCache: cacheLevels,
  vCache: cacheLevels,
  inputLevels: list(object<Alloc.TypeAllocation['inputLevels'][number]>({ map: MAP, memory: MEMORY })),
  layers: list(
    object<Alloc.LayerAllocation>(
      {
        layer: LAYER,
        top: byPath(orNull(MEMORY)),
        bits: byPath(COUNT),
        handedOver: inputAndOutput,
        beside: list(bitsIn),
        raised: inputAndOutput,
        bypass: BOOLEAN,
      },
      'handedOver',
      'beside',
    ),
  ),
  copySteps: list(
    object<Alloc.CopyStep>({
      before: PLACE,
      copies: list(
        object<Alloc.DataCopy>({ why: COPY_REASON, map: PLACE, bits: COUNT, from: port, to: port }),
      ),
    }),
  ),
});
export const ALLOCATION_PLAN = object<Alloc.AllocationPlan>({
  stacks: list(
    object<Alloc.StackAllocation>(
      {
        stack: STACK,
        weightBits: COUNT,
        weightLevel: MEMORY,
        handOver: object<Alloc.HandOverAllocation>({
          output: MEMORY,
          maps: list(object<Alloc.HandOverAllocation['maps'][number]>({ map: MAP, memory: MEMORY })),
          taken: list(bitsIn),
        }),
        types: list(ref('typeAllocation')),
      },
      'handOver',
    ),
  ),
  infeasible: list(
    object<Alloc.Infeasibility>({
      stack: STACK,
      type: STRING,
      layer: LAYER,
      memory: MEMORY,
      demandBits: AMOUNT,
      boundBits: AMOUNT,
      terms: list(STRING),
      levers: list(STRING),
    }),
  ),
});

export const ALLOCS_DEFS = { typeAllocation };
