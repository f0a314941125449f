/** The mapping of one layer tile held against its loops and the memories: invariant DF6094 of costs.ts. */
import type { Accelerator } from '../../hw/accelerator.js';
import type { MemoryOperand } from '../../hw/memory.js';
import type { LayerTileCost, OperandName } from '../cost.js';

const PATH: Readonly<Record<OperandName, MemoryOperand>> = { O: 'O', W: 'W', I: 'I', X: 'I', Y: 'I' };

/** Faults of the mappings of layer tiles. Those that share their mapping and their loops share its faults. */
export function mappingFaultsOn(hw: Accelerator): (cost: LayerTileCost) => readonly string[] {
  type Seen = Pick<LayerTileCost, 'loops' | 'spatial'> & { readonly faults: readonly string[] };
  const seen = new Map<LayerTileCost['temporal'], Seen>();
  return (cost) => {
    const { layer, loops, spatial, temporal } = cost;
    const before = seen.get(temporal);
    const known = before?.loops === loops && before.spatial === spatial;
    const faults = known ? before.faults : [...uncovered(cost), ...offArray(cost, hw), ...levels(cost, hw)];
    if (!known) seen.set(temporal, { loops, spatial, faults });
    return faults.length === 0 ? faults : faults.map((fault) => `the mapping of ${layer} ${fault}`);
  };
}

/** Per dim, temporal times spatial iterations reach the size of the loop. */
function uncovered({ loops, temporal, spatial }: LayerTileCost): readonly string[] {
  const times = (dim: string): number =>
    [...temporal, ...spatial].reduce((product, one) => (one.dim === dim ? product * one.size : product), 1);
  const strange = [...temporal, ...spatial].filter(({ dim }) => loops.every((loop) => loop.dim !== dim));
  return [
    ...loops
      // Unrollings are rounded down as published, so that products may miss a size by a rounding error.
      .filter(({ dim, size }) => times(dim) < size * (1 - 1e-9))
      .map(({ dim, size }) => `makes ${times(dim)} of ${size} iterations of ${dim}`),
    ...strange.map(({ dim }) => `iterates over ${dim}, over which it has no loop`),
  ];
}

function offArray({ spatial }: LayerTileCost, hw: Accelerator): readonly string[] {
  return spatial.flatMap(({ array, size }) => {
    const units = hw.array.dims.find(({ name }) => name === array)?.size ?? 0;
    return size <= units ? [] : [`unrolls ${size} on ${array}, which has ${units} units`];
  });
}

/** From the innermost loop outwards an operand's memory only rises. */
function levels({ temporal }: LayerTileCost, hw: Accelerator): readonly string[] {
  const reached = new Map<OperandName, number>();
  return temporal.flatMap(({ level }) =>
    (Object.entries(level) as [OperandName, string][]).flatMap(([operand, id]) => {
      const at = hw.memories.findIndex((memory) => memory.id === id);
      if (hw.memories[at]?.operands.includes(PATH[operand]) !== true)
        return [`holds ${operand} in ${id}, off its path`];
      const below = reached.get(operand) ?? -1;
      reached.set(operand, Math.max(at, below));
      return at >= below ? [] : [`lets ${operand} fall to ${id} further out`];
    }),
  );
}
