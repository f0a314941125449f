/**
 * What an input is fed to, and what counts as a proper end: a report, or diagnostics with an error of which none is a
 * bug of ours. Everything else is a failure: any other exception, an internal error, a verifier's rejection, silence.
 */
import onnxProto from 'onnx-proto';
import { parse } from 'yaml';
import { compile, parseMappings, type CompileRequest } from '../../src/compile.js';
import { CATALOGUE } from '../../src/diag/codes.js';
import { DiagnosticError, hasErrors, type Diagnostic } from '../../src/diag/diagnostic.js';
import { renderDiagnostics } from '../../src/diag/render.js';
import { reviewAccelerator } from '../../src/hw/load.js';
import { readIr, writeIr } from '../../src/ir/json.js';
import { printIr } from '../../src/ir/print.js';
import { builtinAccelerators, loadAccelerator, readAccelerator } from '../../src/node/builtin.js';
import { renderText } from '../../src/report/text.js';
import { damagedBytes } from './bytes.js';
import { draftModel } from './onnx-models.js';
import { mutateModel } from './onnx-mutations.js';
import { randomOf, type Random } from './random.js';
import { mutatedText } from './text.js';

export const KINDS = ['onnx', 'accelerator', 'layers', 'mapping', 'ir'] as const;
export type Kind = (typeof KINDS)[number];

/** `report`, or the codes of the errors. */
export type Outcome = 'report' | readonly string[];

/** The input of a kind with a number, in a run with a seed. */
export async function makeInput(kind: Kind, seed: number, index: number): Promise<Uint8Array> {
  const random = randomOf(seed, index);
  if (kind === 'onnx') return onnxInput(random);
  return new TextEncoder().encode(mutatedText(random, random.pick(await basesOf(kind))));
}

function onnxInput(random: Random): Uint8Array {
  const model = draftModel(random);
  mutateModel(random, model);
  const bytes = onnxProto.onnx.ModelProto.encode(model).finish();
  return random.chance(0.2) ? damagedBytes(random, bytes) : bytes;
}

const hardware = loadAccelerator('tpu-like').accelerator;

/** Every how many models are scheduled; the others end with their layers, where most of what can go wrong is behind. */
const SCHEDULED = 6;

export async function runInput(kind: Kind, bytes: Uint8Array, index: number): Promise<Outcome> {
  const text = (): string => new TextDecoder().decode(bytes);
  try {
    switch (kind) {
      case 'onnx':
        return await end({
          source: { file: 'fuzz.onnx', bytes },
          pipeline: index % SCHEDULED === 0 ? `${LAYERS},${SCHEDULE}` : LAYERS,
        });
      case 'accelerator': {
        const { accelerator, diagnostics } = reviewAccelerator(text(), 'fuzz.yaml');
        renderDiagnostics(diagnostics);
        return await end({ hw: accelerator, from: await lowered(), pipeline: SCHEDULE });
      }
      case 'layers':
        return await end({ source: { file: 'fuzz.yaml', bytes }, pipeline: `import-layers,${SCHEDULE}` });
      case 'mapping':
        return await end({
          from: await lowered(),
          mappings: parseMappings(text(), 'fuzz.yaml'),
          pipeline: SCHEDULE,
        });
      case 'ir': {
        const from = readIr(text(), 'fuzz.json');
        const rest = from.costs ? 'annotate-cost' : from.stacks ? CONSEQUENCES : SCHEDULE;
        return await end({ from, pipeline: rest });
      }
    }
  } catch (error) {
    if (error instanceof DiagnosticError) return codesOf(error.diagnostics);
    throw error;
  }
}

const LAYERS = 'import-onnx,normalize-graph,infer-shapes,lower-layers';
const CONSEQUENCES = 'tile-stacks,allocate-memory,annotate-cost';
const SCHEDULE = `partition-stacks,choose-tiles{tile=4x4},${CONSEQUENCES}`;

async function end(request: Omit<CompileRequest, 'hw'> & Partial<CompileRequest>): Promise<Outcome> {
  const result = await compile({ lpfLimit: 3, hw: hardware, ...request });
  if (result.report !== undefined) renderText(result.report);
  else {
    printIr(result.ir);
    writeIr(result.ir);
  }
  if (hasErrors(result.diagnostics)) return codesOf(result.diagnostics);
  if (!result.finished) throw new Error('neither a report nor an error');
  renderDiagnostics(result.diagnostics);
  return 'report';
}

function codesOf(diagnostics: readonly Diagnostic[]): readonly string[] {
  renderDiagnostics(diagnostics);
  const bug = diagnostics.find(({ code }) => CATALOGUE[code].kind === 'bug');
  if (bug) throw new Error(`${bug.code}: ${bug.message}`);
  if (!hasErrors(diagnostics)) throw new Error('an end without an error');
  return [...new Set(diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code))];
}

/** Two convolutions and a pool between them. */
const TABLE = `workload: tiny
layers:
  - { id: -1, equation: input, loop_dim_size: { B: 1, K: 3, OY: 11, OX: 13 }, precision: 8 }
  - id: 0
    equation: O[b][k][oy][ox]+=W[k][c][fy][fx]*I[b][c][ix][iy]
    equation_relations: [ix=1*ox+1*fx, iy=1*oy+1*fy]
    loop_dim_size: { B: 1, K: 4, C: 3, OY: 9, OX: 11, FY: 3, FX: 3 }
    operand_precision: { O: 16, O_final: 8, W: 8, I: 8 }
    operand_source: { W: [], I: [-1] }
    constant_operands: [W]
  - id: 1
    equation: O[b][g][oy][ox]=X[b][g][oy][ox]+Y[b][g][oy][ox]
    loop_dim_size: { B: 1, G: 4, OY: 9, OX: 11 }
    operand_precision: { O: 16, O_final: 8, X: 8, Y: 8 }
    operand_source: { X: [0], Y: [0] }
    constant_operands: []
`;

const MAPPING = `schema: defines-mapping/1
mappings:
  - layer: 0
    loops:
      - { dim: C, size: 3, level: { O: rf_1KB, W: rf_128B, I: sram_2MB } }
      - { dim: FX, size: 3 }
      - FY3
      - OX
  - { layer: 1, tile: origin, loops: [OY, OX] }
`;

let loweredTable: ReturnType<typeof lower> | undefined;
const lowered = (): ReturnType<typeof lower> => (loweredTable ??= lower('import-layers'));

async function lower(pipeline: string): Promise<NonNullable<CompileRequest['from']>> {
  const source = { file: 'tiny.yaml', bytes: new TextEncoder().encode(TABLE) };
  return (await compile({ source, hw: hardware, pipeline, lpfLimit: 3 })).ir;
}

const bases = new Map<Kind, readonly unknown[]>();

async function basesOf(kind: Exclude<Kind, 'onnx'>): Promise<readonly unknown[]> {
  const known = bases.get(kind);
  if (known !== undefined) return known;
  const made = (await makeBases(kind)).map((text): unknown => parse(text));
  bases.set(kind, made);
  return made;
}

async function makeBases(kind: Exclude<Kind, 'onnx'>): Promise<readonly string[]> {
  switch (kind) {
    case 'accelerator':
      return builtinAccelerators().map((name) => readAccelerator(name).text);
    case 'layers':
      return [TABLE];
    case 'mapping':
      return [MAPPING];
    case 'ir': {
      const stages = ['partition-stacks', SCHEDULE].map((rest) => lower(`import-layers,${rest}`));
      return (await Promise.all([lowered(), ...stages])).map((ir) => writeIr(ir));
    }
  }
}
