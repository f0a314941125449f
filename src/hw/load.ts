/**
 * Accelerator files: YAML or JSON text to a frozen `Accelerator`. Syntax, schema and meaning are checked in that
 * order; within a step everything wrong is reported at once, each with file, line, column and JSON pointer.
 */
import { known } from '../base/assert.js';
import { memoryId } from '../base/ids.js';
import { parseSizeBits } from '../base/units.js';
import { DiagnosticError, type Diagnostic } from '../diag/diagnostic.js';
import { readDocument, type TextDocument } from '../diag/document.js';
import { schemaDiagnostics } from '../diag/schema-errors.js';
import { validatorOf } from '../diag/validator.js';
import type { Accelerator } from './accelerator.js';
import { adviseAccelerator } from './advise.js';
import { checkAccelerator } from './check.js';
import type { AccessSide, Direction, Memory, MemoryOperand, Port } from './memory.js';
import { ACCELERATOR_SCHEMA, type AcceleratorFile, type AccessEntry, type MemoryEntry } from './schema.js';

export interface LoadedAccelerator {
  readonly accelerator: Accelerator;
  /** Warnings only: errors are thrown. */
  readonly diagnostics: readonly Diagnostic[];
}

const validator = validatorOf<AcceleratorFile>(ACCELERATOR_SCHEMA);

/** `file` is the name shown in diagnostics. Throws a DiagnosticError that holds every error found. */
export function parseAccelerator(text: string, file: string): LoadedAccelerator {
  const { description, diagnostics } = readDescription(text, file);
  return { accelerator: freeze(toAccelerator(description)), diagnostics };
}

/** The same with advice: what is legal and probably a mistake. For those who write a description, not on every run. */
export function reviewAccelerator(text: string, file: string): LoadedAccelerator {
  const { description, document, diagnostics } = readDescription(text, file);
  const advice = adviseAccelerator(description, document);
  return { accelerator: freeze(toAccelerator(description)), diagnostics: [...diagnostics, ...advice] };
}

interface Description {
  readonly description: AcceleratorFile;
  readonly document: TextDocument;
  readonly diagnostics: readonly Diagnostic[];
}

function readDescription(text: string, file: string): Description {
  const document = readDocument(text, file, 'DF8100');
  const { value } = document;
  const validate = validator();
  if (!validate(value))
    throw new DiagnosticError(schemaDiagnostics('DF8101', document, validate.errors ?? []));
  const diagnostics = checkAccelerator(value, document);
  if (diagnostics.some((d) => d.severity === 'error')) throw new DiagnosticError(diagnostics);
  return { description: value, document, diagnostics };
}

/** Of a description that has been checked. */
export function toAccelerator(file: AcceleratorFile): Accelerator {
  const dims = Object.entries(file.array.dims).map(([name, size]) => ({ name, size }));
  const { W, I, O, psum } = file.precision;
  return {
    name: file.name,
    source: file.source,
    array: { dims, macEnergyPj: file.array.macEnergyPj },
    precision: { W, I, O, psum },
    spatial: dims.map(({ name }) => ({ array: name, dims: [...(file.spatial[name] ?? [])] })),
    memories: file.memories.map((entry) =>
      toMemory(
        entry,
        dims.map(({ name }) => name),
      ),
    ),
  };
}

function toMemory(entry: MemoryEntry, arrayDims: readonly string[]): Memory {
  const { serves } = entry;
  return {
    id: memoryId(entry.name),
    name: entry.name,
    sizeBits: known(parseSizeBits(entry.size), `size of ${entry.name}`),
    operands: [...entry.operands],
    // In array order, however it is written.
    serves: serves === 'all' ? [...arrayDims] : arrayDims.filter((dim) => serves.includes(dim)),
    read: toSide(entry.read),
    write: toSide(entry.write),
    ports: Object.entries(entry.ports).map(([name, transfers]) => toPort(name, transfers)),
    latencyCycles: entry.latencyCycles ?? 1,
  };
}

const toSide = ({ bits, granularity, energyPj }: AccessEntry): AccessSide => ({
  bits,
  granularityBits: granularity ?? bits,
  energyPj,
});

const toPort = (name: string, transfers: readonly string[]): Port => ({
  name,
  kind: name.startsWith('rw') ? 'read-write' : name.startsWith('r') ? 'read' : 'write',
  transfers: transfers.map((transfer) => {
    const [operand, direction] = transfer.split('.') as [MemoryOperand, Direction];
    return { operand, direction };
  }),
});

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) freeze(part);
  }
  return value;
}
