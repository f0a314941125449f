/** All operators with a shape rule and a lowering, by name. Anything else has a generic cost (see `generic.ts`). */
import type { GraphNode } from '../../ir/tensor.js';
import { ATTENTIONS } from './attention-operators.js';
import { BIASED } from './biased.js';
import { CACHES } from './cache.js';
import { CHANNELS_LAST } from './channels-last.js';
import { JOINS } from './concat.js';
import { CONTRIB } from './contrib.js';
import { CONVOLUTIONS } from './conv.js';
import { TRANSPOSED_CONVOLUTIONS } from './conv-transpose.js';
import { BLOCKS } from './depth-space.js';
import { ELEMENTWISE } from './elementwise.js';
import { EXPERTS } from './experts.js';
import { FILLS } from './fill.js';
import { FUSED } from './fused.js';
import { PICKS } from './gather.js';
import { BLOCK_PICKS } from './gather-blocks.js';
import { MATRIX_PRODUCTS } from './matmul.js';
import { NORMALIZATIONS } from './normalization.js';
import type { Family, Operator } from './operator.js';
import { PACKED_ATTENTIONS } from './packed-attention.js';
import { POINTWISE } from './pointwise.js';
import { POOLS } from './pool.js';
import { RECURRENCES } from './recurrent.js';
import { REDUCTIONS } from './reduce.js';
import { REPEATS } from './repeat.js';
import { RESHAPES } from './reshape.js';
import { RESIZES } from './resize.js';
import { GENERICS } from './sequence.js';
import { SAMPLINGS } from './sampling.js';
import { PARTS } from './slice.js';
import { SIGNALS } from './signal.js';
import { TRANSPOSES } from './transpose.js';

const OPERATORS: ReadonlyMap<string, Operator> = new Map(
  [
    CONVOLUTIONS,
    TRANSPOSED_CONVOLUTIONS,
    POOLS,
    MATRIX_PRODUCTS,
    ELEMENTWISE,
    POINTWISE,
    NORMALIZATIONS,
    REDUCTIONS,
    RESHAPES,
    TRANSPOSES,
    JOINS,
    PARTS,
    PICKS,
    BLOCK_PICKS,
    REPEATS,
    RESIZES,
    BLOCKS,
    FILLS,
    GENERICS,
    SAMPLINGS,
    SIGNALS,
    CACHES,
    RECURRENCES,
    ATTENTIONS,
    CONTRIB,
    FUSED,
    BIASED,
    CHANNELS_LAST,
    EXPERTS,
    PACKED_ATTENTIONS,
  ].flatMap((family: Family) => Object.entries(family)),
);

/** `Conv`, or `com.microsoft:Gelu` outside the ONNX domain. */
export const operatorName = ({ domain, opType }: GraphNode): string =>
  domain === '' || domain === 'ai.onnx' ? opType : `${domain}:${opType}`;

export const operatorOf = (node: GraphNode): Operator | undefined => OPERATORS.get(operatorName(node));

/** Every operator with a shape rule. */
export const operatorNames = (): readonly string[] => [...OPERATORS.keys()];
