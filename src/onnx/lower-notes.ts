/** Warnings and notes on what lowering has made: what is not modelled, what is not used, what is taken to be what. */
import { bareName } from '../base/ids.js';
import { grouped } from '../base/units.js';
import { diagnostic, type Diagnostic } from '../diag/diagnostic.js';
import type { Workload } from '../ir/layer.js';
import type { DType } from '../ir/tensor.js';
import { nodeLocation } from './attrs.js';
import { storedIn, type LoweringState } from './lower-state.js';
import { RECURRENCES } from './ops/recurrent.js';
import { sharedWeights } from './shared-weights.js';
import { isFloat } from './stored.js';

/** How many nodes a warning points at. */
const SHOWN = 4;

/** What the user of the layers should know. */
export const notesOn = (state: LoweringState, workload: Workload): readonly Diagnostic[] => [
  ...genericWarnings(state, workload),
  ...recurrentNote(state, workload),
  ...deadNote(state),
  ...sharedNote(state),
  ...precisionNote(state, workload),
];

/** One warning per operator without a model of its own. */
function genericWarnings(state: LoweringState, workload: Workload): readonly Diagnostic[] {
  const generic = workload.layers.filter((layer) => layer.coverage === 'generic');
  if (generic.length === 0) return [];
  const nodes = new Map(state.live.map((node) => [node.name, node]));
  return [...new Set(generic.map((layer) => layer.op))].map((op) => {
    const at = generic
      .filter((layer) => layer.op === op)
      .flatMap((layer) => nodes.get(layer.src[0]?.name ?? '') ?? []);
    return diagnostic(
      'DF2100',
      `${op} has a generic cost (${at.length} node${at.length === 1 ? '' : 's'})`,
      at.slice(0, SHOWN).map(nodeLocation),
      {
        help: generic.some((layer) => layer.op === op && layer.unknownMacs)
          ? 'whatever MACs it has are not counted; its share of the loop iterations is in the coverage figure'
          : 'its share is in the coverage figure of the report',
      },
    );
  });
}

/** Steps that are rows: what a tile of several steps makes of them. */
function recurrentNote({ live }: LoweringState, { layers }: Workload): readonly Diagnostic[] {
  const serial = layers.filter(
    ({ op, kind, coverage }) => Object.hasOwn(RECURRENCES, op) && kind === 'mac' && coverage !== 'exact',
  );
  if (serial.length === 0) return [];
  const nodes = live.filter(({ opType }) => Object.hasOwn(RECURRENCES, opType));
  const ops = [...new Set(serial.map(({ op }) => op))].join(', ');
  return [
    diagnostic(
      'DF2150',
      `steps of ${ops} are rows: in a tile of several, the weights of the state are read for all of them at once`,
      nodes.slice(0, SHOWN).map(nodeLocation),
      {
        terms: serial.slice(0, SHOWN).map(({ id, macs }) => `${id}: ${grouped(macs)} MAC, step by step`),
        help: 'tiles of one step (--tile fullx1 for one item) read them for every step',
      },
    ),
  ];
}

function deadNote({ dead }: LoweringState): readonly Diagnostic[] {
  if (dead.length === 0) return [];
  return [
    diagnostic(
      'DF2104',
      `no output depends on ${dead.length} node(s)`,
      dead.slice(0, SHOWN).map(nodeLocation),
    ),
  ];
}

/** Weights of several layers: no layer knows of another, so each has them for itself. */
function sharedNote(state: LoweringState): readonly Diagnostic[] {
  const shared = sharedWeights(state);
  if (shared.length === 0) return [];
  const layers = new Set(shared.flatMap((one) => one.layers));
  const bytes = (bits: number): string => `${grouped(Math.ceil(bits / 8))} B`;
  const beyond = shared.reduce((sum, { countedBits, storedBits }) => sum + countedBits - storedBits, 0);
  return [
    diagnostic(
      'DF2105',
      `${layers.size} layers share weights, which count for each of them: ${bytes(beyond)} more than are stored`,
      [],
      {
        terms: shared
          .toSorted((a, b) => b.countedBits - b.storedBits - (a.countedBits - a.storedBits))
          .slice(0, SHOWN)
          .map(
            (one) =>
              `"${one.name}" ${bytes(one.storedBits)}: ${one.layers.length} layers, ${bytes(one.countedBits)}`,
          ),
      },
    ),
  ];
}

function precisionNote(state: LoweringState, { layers }: Workload): readonly Diagnostic[] {
  const { precision, override, ofLayer } = state.options;
  const types = new Set<DType>();
  for (const { outputs } of state.live)
    for (const name of outputs) if (name) storedIn(state, name).forEach((type) => types.add(type));
  const floats = [...types].filter(isFloat).sort();
  if (floats.length === 0) return [];
  const { W, I, O, psum } = { ...precision, ...override };
  const others = layers.filter(({ id }) => Object.keys(ofLayer(bareName(id))).length > 0).length;
  const but =
    others === 0 ? '' : `, but for ${others} layer${others === 1 ? '' : 's'} with bits of the precision file`;
  return [
    diagnostic(
      'DF2102',
      `${floats.join(', ')} tensors are taken as W ${W}, I ${I}, O ${O} bit with partial sums of ${psum} bit${but}`,
      [],
      {
        help: 'set others with --precision W=8,I=8,O=8,psum=16',
      },
    ),
  ];
}
