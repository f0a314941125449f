/**
 * What cannot overlap with computing (cost-model.md 6.7): bringing the first inputs in, level by level, before the
 * first cycle, and the last outputs out after the last one. Routes are fixed by the layer, their cycles by the mapping.
 */
import { assert } from '../base/assert.js';
import type { Profile } from '../base/profile.js';
import type { Direction } from '../hw/memory.js';
import type { Link, LinkCycles } from './links.js';
import type { LayerTileModel } from './model.js';

/** One step of a route between neighbouring memories: the links at its ends. */
export interface Hop {
  readonly ends: readonly [number, number];
}

/** Of an input; whether its ports also serve the other input: at both ends, one, or none. */
interface InHop extends Hop {
  readonly sharing: 'both' | 'half' | 'none';
}

/** Of the output; cycles it adds instead of its own if it overlaps with the next hop. */
interface OutHop extends Hop {
  readonly hidden: number | undefined;
}

export interface Edges {
  /** Per input operand. */
  readonly onload: readonly (readonly InHop[])[];
  readonly offload: readonly OutHop[];
}

export function edgesOf(model: LayerTileModel, links: readonly Link[]): Edges {
  const inputs = model.operands.flatMap((operand, op) => (operand.isOutput ? [] : [op]));
  return {
    onload: inputs.map((op) =>
      inRoute(
        model,
        links,
        op,
        inputs.find((other) => other !== op),
      ),
    ),
    offload: outRoute(model, links),
  };
}

function inRoute(
  model: LayerTileModel,
  links: readonly Link[],
  op: number,
  other: number | undefined,
): readonly InHop[] {
  return upperBoundaries(model, op).map((a) => {
    const ends = [linkIndex(links, op, a, 'fromHigh'), linkIndex(links, op, a, 'toLow')] as const;
    const shared = ends.filter((end) => other !== undefined && serves(model, links[end]!, other)).length;
    return { ends, sharing: shared === 2 ? 'both' : shared === 1 ? 'half' : 'none' };
  });
}

/** Whether the port of a link also serves an operand, in any direction. */
function serves({ operands }: LayerTileModel, { memory, port }: Link, op: number): boolean {
  const { operand, levels } = operands[op]!;
  return levels.includes(memory) && port.transfers.some((transfer) => transfer.operand === operand.path);
}

/** Hops are pipelined and add only the latency of the memory in between, unless they share a port with the next (Q10). */
function outRoute(model: LayerTileModel, links: readonly Link[]): readonly OutHop[] {
  const boundaries = upperBoundaries(model, 0);
  return boundaries.map((a, i) => {
    const ends = [linkIndex(links, 0, a, 'toHigh'), linkIndex(links, 0, a, 'fromLow')] as const;
    if (i === boundaries.length - 1) return { ends, hidden: undefined };
    const next = links[linkIndex(links, 0, a + 1, 'toHigh')]!;
    const waits = model.profile.offloadSharing === 'serialised' && links[ends[1]]!.port === next.port;
    return { ends, hidden: waits ? undefined : model.operands[0]!.memories[a]!.latencyCycles };
  });
}

/** Boundaries between two memories of an operand. */
const upperBoundaries = ({ operands }: LayerTileModel, op: number): readonly number[] =>
  operands[op]!.levels.flatMap((_, a) => (a > 0 ? [a] : []));

function linkIndex(links: readonly Link[], operand: number, boundary: number, direction: Direction): number {
  const index = links.findIndex(
    (link) => link.operand === operand && link.boundary === boundary && link.direction === direction,
  );
  assert(index >= 0, `${direction} link at boundary ${boundary}`);
  return index;
}

/** The slower end decides. */
export const hopCycles = ({ ends }: Hop, { real }: LinkCycles): number =>
  Math.max(real[ends[0]]!, real[ends[1]]!);

export function offloadCycles({ offload }: Edges, cycles: LinkCycles): number {
  let sum = 0;
  for (let i = 0; i < offload.length; i++) sum += offload[i]!.hidden ?? hopCycles(offload[i]!, cycles);
  return sum;
}

/** One input comes in hop by hop; two take turns on shared ports, in the better of the two orders. */
export function onloadCycles({ onload }: Edges, cycles: LinkCycles, half: Profile['onloadHalf']): number {
  const first = onload[0];
  const second = onload[1];
  if (!first) return 0;
  const firstNone = sharingCycles(first, 'none', cycles);
  if (!second) return firstNone;
  const firstBoth = sharingCycles(first, 'both', cycles);
  const secondBoth = sharingCycles(second, 'both', cycles);
  const firstHalf = sharingCycles(first, 'half', cycles, half);
  const secondHalf = sharingCycles(second, 'half', cycles, half);
  const secondNone = sharingCycles(second, 'none', cycles);
  return Math.min(
    firstBoth + Math.max(secondBoth + secondHalf + secondNone, firstHalf + firstNone),
    secondBoth + Math.max(firstBoth + firstHalf + firstNone, secondHalf + secondNone),
  );
}

/** Cycles of the hops of one kind; of half-shared ones the published model keeps only the last (Q20). */
function sharingCycles(
  route: readonly InHop[],
  kind: InHop['sharing'],
  cycles: LinkCycles,
  sum: Profile['onloadHalf'] = 'added',
): number {
  let total = 0;
  for (let i = 0; i < route.length; i++)
    if (route[i]!.sharing === kind) total = hopCycles(route[i]!, cycles) + (sum === 'added' ? total : 0);
  return total;
}
