/**
 * What the open levels of a layer tile's operands settle by themselves: which memories hold what, and the links, ports
 * and routes of the data. Few sets of open levels occur on an accelerator, and all tiles with one share these.
 */
import { perObject } from '../base/bounded-map.js';
import type { Accelerator } from '../hw/accelerator.js';
import { edgesOf, type Edges } from './edges.js';
import { linksOf, type Link } from './links.js';
import type { LayerTileModel } from './model.js';
import { linksByPort } from './stalls.js';

/** A memory with the operands it holds: by position in the problem, and which of their levels it is. */
export interface MemoryTable {
  /** Index in the accelerator. */
  readonly index: number;
  /** Of an instance, what other data leaves. */
  readonly roomBits: number;
  readonly holders: readonly { readonly operand: number; readonly level: number; readonly isTop: boolean }[];
}

export interface Layout {
  /** In the accelerator's order: the order of allocation. */
  readonly memories: readonly MemoryTable[];
  readonly links: readonly Link[];
  /** Indices of the links that share a port. */
  readonly ports: readonly (readonly number[])[];
  readonly edges: Edges;
}

const layoutsOn = perObject<Map<string, Layout>, Accelerator>(() => new Map());

export function layoutOf(model: LayerTileModel): Layout {
  const layouts = layoutsOn(model.hw);
  let key: string = model.profile.offloadSharing;
  for (const { operand } of model.operands) {
    key += ` ${operand.name}${operand.path}`;
    for (const level of operand.levels) key += `.${level}`;
  }
  const found = layouts.get(key);
  if (found) return found;
  const links = linksOf(model);
  const layout = {
    memories: memoryTables(model),
    links,
    ports: linksByPort(links),
    edges: edgesOf(model, links),
  };
  layouts.set(key, layout);
  return layout;
}

/** Per memory its holders in its own order of operands; a second input on the same path comes last (4.4). */
function memoryTables({ hw, operands }: LayerTileModel): readonly MemoryTable[] {
  const onPath = operands.map(({ operand }, op) => ({
    op,
    path: operand.path,
    isSecond: operands.findIndex((other) => other.operand.path === operand.path) < op,
  }));
  return hw.memories.flatMap((memory, index): MemoryTable[] => {
    const holders = [
      ...memory.operands.flatMap((path) => onPath.filter((entry) => entry.path === path && !entry.isSecond)),
      ...onPath.filter((entry) => entry.isSecond),
    ].flatMap(({ op }) => {
      const { levels } = operands[op]!;
      const level = levels.indexOf(index);
      return level < 0 ? [] : [{ operand: op, level, isTop: level === levels.length - 1 }];
    });
    return holders.length > 0 ? [{ index, roomBits: memory.sizeBits, holders }] : [];
  });
}
