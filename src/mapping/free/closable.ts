/**
 * Where boundaries lie in mappings of at most some energy: by one forward sweep over the partial mappings that have a
 * completion of at most as much, by the least that any completion still pays. A bound on the latency of these mappings
 * need not reckon with other places: in those of least energy, data that stays in a memory as a whole is all of it.
 *
 * Hot core: typed arrays, no allocation in the sweep.
 */
import { placedOf } from '../../cost/lattice.js';
import { TOLERANCE } from '../objective.js';
import type { CostToGo } from './cost-to-go.js';

/** Per boundary, by state: 1 where it may lie. `capPj`: energy of a mapping, at most. */
export function closableStates(costToGo: CostToGo, capPj: number): readonly Uint8Array[] {
  const { tables, splits, restriction } = costToGo;
  const { lattice, boundaries, reductionsLeft } = tables;
  const { count, closings } = splits;
  const closable = boundaries.map(() => new Uint8Array(lattice.states));
  // Sums of the same terms in another order.
  const mostPj = capPj * (1 + TOLERANCE) - tables.constantPj;
  /** By state and split state, the least that leads there. */
  const spentPj = new Float64Array(lattice.states * count).fill(Infinity);
  spentPj[0] = 0;
  for (let state = 0; state < lattice.states; state++) {
    const data = reductionsLeft[state]! > 0 ? 1 : 0;
    for (let split = 0; split < count; split++) {
      const spent = spentPj[state * count + split]!;
      if (spent === Infinity || spent + costToGo.at(state, split) > mostPj) continue;
      const open = closings[split]!;
      for (let c = 0; c < open.length; c++) {
        const after = split + open[c]!.step[data];
        const sum = spent + costToGo.closingPj(state, open[c]!);
        if (sum === Infinity || sum + costToGo.at(state, after) > mostPj) continue;
        closable[open[c]!.boundary]![state] = 1;
        if (sum < spentPj[state * count + after]!) spentPj[state * count + after] = sum;
      }
      for (let letter = 0; letter < lattice.times.length; letter++) {
        if (placedOf(lattice, state, letter) === lattice.times[letter]) continue;
        if (restriction?.mayStep(state, letter) === false) continue;
        const next = (state + lattice.strides[letter]!) * count + split;
        if (spent < spentPj[next]!) spentPj[next] = spent;
      }
    }
  }
  return closable;
}
