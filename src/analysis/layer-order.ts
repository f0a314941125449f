/**
 * The order of layers where some operand must be there whole before its reader runs (keys and values of attention):
 * what leads to it comes first, what is streamed comes right before its reader. Then the stretch from the query's
 * projection on can be one stack, and those of keys and values are earlier ones. Without such operands the order of
 * the model stands.
 */
import { known } from '../base/assert.js';
import { firstPosition } from '../base/first-position.js';
import type { LayerId } from '../base/ids.js';
import type { Layer, Workload } from '../ir/layer.js';
import { mapsRead, workloadIndex } from './workload-index.js';

/** From the last layer backwards: of those that all readers are placed of, a streamed one; the latest of the model. */
export function wholeOperandsFirst(workload: Workload): Workload {
  const index = workloadIndex(workload);
  const held = new Set<LayerId>();
  for (const { inputs } of workload.layers)
    for (const { path, sources } of inputs)
      if (path === 'W')
        for (const { map } of sources) {
          const { producer } = index.map(map);
          // It makes an operand on the weight path.
          if (producer !== null) held.add(producer);
        }
  if (held.size === 0) return workload;
  const open = new Map(workload.layers.map((layer) => [layer.id, index.readers(layer.output.map).length]));
  const ready = { streamed: [] as number[], held: [] as number[] };
  const add = (layer: Layer): void =>
    insert(held.has(layer.id) ? ready.held : ready.streamed, index.position(layer.id));
  workload.layers.filter((layer) => open.get(layer.id) === 0).forEach(add);
  const backwards: Layer[] = [];
  for (;;) {
    const position = ready.streamed.pop() ?? ready.held.pop();
    if (position === undefined) break;
    const layer = known(workload.layers[position], 'layer');
    backwards.push(layer);
    for (const map of mapsRead(layer)) {
      const { producer } = index.map(map);
      if (producer === null) continue;
      const maker = index.layer(producer);
      const left = known(open.get(maker.id), 'readers') - 1;
      open.set(maker.id, left);
      if (left === 0) add(maker);
    }
  }
  return ordered(workload, backwards.reverse());
}

/** Keeps the list ascending. */
function insert(list: number[], position: number): void {
  list.splice(
    firstPosition(list.length, (at) => known(list[at], 'position') >= position),
    0,
    position,
  );
}

function ordered(workload: Workload, layers: readonly Layer[]): Workload {
  const index = workloadIndex(workload);
  const inputs = workload.maps.filter((map) => map.producer === null);
  return { ...workload, layers, maps: [...inputs, ...layers.map((layer) => index.map(layer.output.map))] };
}
