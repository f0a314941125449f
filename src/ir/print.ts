/**
 * The text dump of the IR: the same in `--print-ir-after`, in file tests and in bug reports. Deterministic, one
 * fact per line, digits grouped, columns aligned within a block; no path, no time. Facets not yet made are absent.
 * Print-only: the machine format is JSON (json.ts).
 */
import { unreachable } from '../base/assert.js';
import { FACETS, type Facet, type PartialIR } from './facets.js';
import { printAllocs, printCosts } from './print-costs.js';
import { opsetText, printGraph, printShapes } from './print-graph.js';
import { printLayers } from './print-layers.js';
import { printStacks } from './print-stacks.js';
import { nameText } from './print-table.js';
import { printTiles } from './print-tiles.js';

export function printIr(ir: PartialIR): string {
  const present = FACETS.filter((facet) => ir[facet] !== undefined);
  const opset = ir.graph === undefined ? [] : [`opset ${opsetText(ir.graph)}`];
  const head = ['ir v1', `module ${nameText(ir.name)}`, ...opset, `has ${present.join(' ')}`].join('  ');
  const blocks = present.map((facet) => printFacet(ir, facet).join('\n'));
  return `${[head.trimEnd(), ...blocks].join('\n\n')}\n`;
}

/** The lines of one facet. */
export function printFacet(ir: PartialIR, facet: Facet): readonly string[] {
  switch (facet) {
    case 'graph':
      return ir.graph ? printGraph(ir.graph) : [];
    case 'shapes':
      return ir.shapes ? printShapes(ir.shapes) : [];
    case 'layers':
      return ir.layers ? printLayers(ir.layers) : [];
    case 'stacks':
      return ir.stacks ? printStacks(ir.stacks, ir.layers) : [];
    case 'tiles':
      return ir.tiles ? printTiles(ir.tiles, ir.layers) : [];
    case 'allocs':
      return ir.allocs ? printAllocs(ir.allocs) : [];
    case 'costs':
      return ir.costs ? printCosts(ir.costs) : [];
    default:
      return unreachable(facet);
  }
}
