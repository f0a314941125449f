/**
 * What a latency bound needs to know of each boundary, by own state of its operand: how long one transfer across it
 * takes at each port it uses, and how long its first (of the output: last) transfer keeps the array waiting.
 */
import type { ContentTable } from './content-table.js';
import type { Link } from './links.js';
import { elementBits, type LayerTileModel } from './model.js';

/** The transfers of one boundary through one port, by own state. */
export interface LinkTable {
  /** Index of the port among those in use. */
  readonly port: number;
  /** Cycles of one transfer of finished, and of unfinished data; 0: none takes place. */
  readonly finished: Float64Array;
  readonly unfinished: Float64Array;
}

export interface BoundaryLatency {
  readonly links: readonly LinkTable[];
}

/** Per boundary between two memories, in the order of `LatticeTables.boundaries`. */
export function latencyTables(
  model: LayerTileModel,
  links: readonly Link[],
  ports: readonly (readonly number[])[],
  contents: readonly ContentTable[],
): readonly BoundaryLatency[] {
  return model.operands.flatMap((operand, op) =>
    operand.levels.slice(1).map((_, level): BoundaryLatency => {
      const a = level + 1;
      const { elements } = contents[op]!.values(a, false, model.rounding.elements);
      const own = links.flatMap((link, i) => (link.operand === op && link.boundary === a ? [i] : []));
      return {
        links: own.map((i): LinkTable => {
          const { direction, widthBits } = links[i]!;
          const isLow = direction === 'toLow' || direction === 'fromLow';
          const moved = isLow ? operand.busiest.fanOut.perCycle[a]! : 1;
          const cycles = (partial: boolean): Float64Array =>
            elements.map((held) =>
              model.rounding.ceil((held * moved * elementBits(operand, partial)) / widthBits),
            );
          const goesDown = operand.isOutput && (direction === 'toLow' || direction === 'fromHigh');
          const unfinished = cycles(true);
          const always = operand.isOutput && operand.reducesAbove[a] === true;
          const finished = always ? unfinished : goesDown ? unfinished.map(() => 0) : cycles(false);
          return { port: ports.findIndex((port) => port.includes(i)), finished, unfinished };
        }),
      };
    }),
  );
}
