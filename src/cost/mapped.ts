/** A scored placement as the result shows it: names instead of indices. */
import type { MemoryId } from '../base/ids.js';
import type { AccessCount, LayerLatency, OperandName, TemporalLoop } from '../ir/cost.js';
import type { MappedLayerTile } from '../ir/layer-tile.js';
import { DETAIL, type EnergyModel } from './energy.js';
import type { LayerTileModel } from './model.js';
import { valueOf } from './nest.js';
import type { Placement } from './placement.js';
import { spareBits } from './spare-room.js';

export function describe(
  model: LayerTileModel,
  placement: Placement,
  energyPj: number,
  energy: EnergyModel,
  latency: LayerLatency,
): MappedLayerTile {
  return {
    spatial: model.nest.spatial.map(({ array, dim, unroll }) => ({ array, dim, size: valueOf(unroll) })),
    temporal: Array.from(placement.order, (_, position) => temporalLoop(model, placement, position)),
    accesses: model.operands.flatMap((_, op) => accessCounts(model, energy.details[op]!, op)),
    macEnergyPj: energy.operationsPj,
    energyPj,
    latency,
    ...(model.profile.residents === 'reserved' && { spareBits: spareBits(model, placement) }),
  };
}

function temporalLoop(
  { letters, operands }: LayerTileModel,
  placement: Placement,
  position: number,
): TemporalLoop {
  const level: Partial<Record<OperandName, MemoryId>> = {};
  operands.forEach(({ operand, memories }, op) => {
    const boundary = placement.below[op]!.findIndex((count) => count > position);
    level[operand.name] = memories[boundary - 1]!.id;
  });
  const { dim, size } = letters[placement.order[position]!]!;
  return { dim, size, level };
}

function accessCounts(
  { operands }: LayerTileModel,
  details: Float64Array,
  op: number,
): readonly AccessCount[] {
  const { operand, memories } = operands[op]!;
  return memories.map((memory, m) => {
    const detail = (name: Exclude<keyof typeof DETAIL, 'size'>): number =>
      details[m * DETAIL.size + DETAIL[name]]!;
    return {
      operand: operand.name,
      memory: memory.id,
      readLow: detail('readLow'),
      writeLow: detail('writeLow'),
      readHigh: detail('readHigh'),
      writeHigh: detail('writeHigh'),
      energyPj: detail('energyPj'),
    };
  });
}
