/**
 * What a schema cannot say about an accelerator. After these checks every path from the array to the top exists:
 * each operand has memories that end in one shared top, every memory has a port for every transfer its operands
 * make, and sizes, names and array dimensions are what they claim to be.
 */
import { isTooLarge, MOST_BITS, parseSizeBits, sizeText } from '../base/units.js';
import { diagnostic, type Details, type Diagnostic } from '../diag/diagnostic.js';
import type { Path, TextDocument } from '../diag/document.js';
import { choice } from '../diag/schema-errors.js';
import type { Code } from '../diag/codes.js';
import { MEMORY_OPERANDS, type Direction, type MemoryOperand } from './memory.js';
import type { AcceleratorFile, MemoryEntry } from './schema.js';

type Report = (code: Code, path: Path, message: string, details?: Details & { part?: 'key' }) => void;

/** All errors and warnings, in the order of the checks. */
export function checkAccelerator(file: AcceleratorFile, document: TextDocument): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const report: Report = (code, path, message, { part, ...details } = {}) => {
    found.push(diagnostic(code, message, [document.at(path, part ?? 'value')], details));
  };
  checkSpatial(file, report);
  checkNames(file, report);
  file.memories.forEach((memory, index) => {
    checkSizes(memory, index, report);
    checkServes(file, index, report);
    checkPorts(memory, index, report);
    checkTransfers(file, index, report);
  });
  checkTop(file, report);
  return found;
}

const arrayDims = (file: AcceleratorFile): readonly string[] => Object.keys(file.array.dims);

const holders = (file: AcceleratorFile, operand: MemoryOperand): readonly number[] =>
  file.memories.flatMap((memory, index) => (memory.operands.includes(operand) ? [index] : []));

const help = (text: string | undefined): Details => (text === undefined ? {} : { help: text });

function checkSpatial(file: AcceleratorFile, report: Report): void {
  const dims = arrayDims(file);
  for (const name of Object.keys(file.spatial))
    if (!dims.includes(name))
      report('DF8102', ['spatial', name], `the array has no dimension "${name}"`, {
        part: 'key',
        ...help(choice(name, dims, 'array dimensions')),
      });
  for (const dim of dims)
    if ((file.spatial[dim] ?? []).length === 0)
      report(
        'DF8108',
        ['spatial'],
        `array dimension ${dim} may unroll nothing: its ${file.array.dims[dim]} units share one loop iteration`,
        {
          help: `list the loop dimensions it may unroll, such as ${dim}: [K]`,
        },
      );
}

function checkNames(file: AcceleratorFile, report: Report): void {
  file.memories.forEach(({ name }, index) => {
    const first = file.memories.findIndex((memory) => memory.name === name);
    if (first < index)
      report(
        'DF8103',
        ['memories', index, 'name'],
        `two memories are named "${name}" (numbers ${first} and ${index})`,
        {
          help: `rename one of them, such as ${name}_${file.memories[index]?.operands.join('') ?? index}`,
        },
      );
  });
}

const sizeFault = (size: string): string =>
  isTooLarge(size) ? `more than ${sizeText(MOST_BITS)}` : 'no positive whole number of bits';

function checkSizes(memory: MemoryEntry, index: number, report: Report): void {
  if (parseSizeBits(memory.size) === undefined)
    report('DF8104', ['memories', index, 'size'], `"${memory.size}" is ${sizeFault(memory.size)}`, {
      help: 'write a size such as "64 KB", "2 B" or "100 bit"',
    });
  for (const side of ['read', 'write'] as const) {
    const { bits, granularity } = memory[side];
    if (granularity !== undefined && granularity > bits)
      report(
        'DF8104',
        ['memories', index, side, 'granularity'],
        `granularity ${granularity} bit exceeds the ${bits} bit of a full access`,
        {
          help: 'the granularity is the part of a word that is paid for: at most the width',
        },
      );
  }
}

/** Served dims exist, and grow from level to level: what one register serves, no memory above it can divide. */
function checkServes(file: AcceleratorFile, index: number, report: Report): void {
  const memory = file.memories[index];
  if (memory === undefined || memory.serves === 'all') return;
  const { serves } = memory;
  const dims = arrayDims(file);
  serves.forEach((dim, position) => {
    if (!dims.includes(dim))
      report(
        'DF8102',
        ['memories', index, 'serves', position],
        `the array has no dimension "${dim}"`,
        help(choice(dim, dims, 'array dimensions')),
      );
  });
  for (const operand of memory.operands) {
    const below = file.memories.findLast((m, i) => i < index && m.operands.includes(operand));
    if (below === undefined) continue;
    const divided = dims.filter(
      (dim) => (below.serves === 'all' || below.serves.includes(dim)) && !serves.includes(dim),
    );
    if (divided.length > 0)
      report(
        'DF8105',
        ['memories', index, 'serves'],
        `one ${below.name} serves ${divided.join(', ')}, but ${memory.name} above it (${operand}) has an instance per unit of ${divided.join(', ')}`,
        {
          help: `add ${divided.join(', ')} to serves`,
        },
      );
  }
}

const READS: readonly Direction[] = ['toLow', 'toHigh'];

/** Port names tell what a port can do, and each transfer takes exactly one port of a memory that holds the operand. */
function checkPorts(memory: MemoryEntry, index: number, report: Report): void {
  const taken = new Map<string, string>();
  for (const [name, transfers] of Object.entries(memory.ports)) {
    const path = ['memories', index, 'ports', name];
    if (!/^[rw]/.test(name)) {
      report('DF8106', path, `port "${name}" is neither read, write nor read-write`, {
        part: 'key',
        help: 'a port name starts with r, w or rw, such as r1, w1, rw1',
      });
      continue;
    }
    transfers.forEach((transfer, position) => {
      const [operand, direction] = transfer.split('.') as [MemoryOperand, Direction];
      const reads = READS.includes(direction);
      const complain = (message: string, action: string): void =>
        report('DF8106', [...path, position], message, { help: action });
      if (!memory.operands.includes(operand))
        complain(
          `${memory.name} does not hold ${operand}`,
          `remove ${transfer}, or add ${operand} to operands`,
        );
      if (!name.startsWith('rw') && reads !== name.startsWith('r'))
        complain(
          `${transfer} ${reads ? 'reads' : 'writes'}, port ${name} only ${reads ? 'writes' : 'reads'}`,
          `move it to a port ${reads ? 'r' : 'w'}.. or rw..`,
        );
      const other = taken.get(transfer);
      if (other !== undefined)
        complain(`${transfer} is on port ${other} already`, 'give each transfer one port');
      taken.set(transfer, name);
    });
  }
}

/** The transfers an operand makes at a memory: outputs travel both ways, and nothing passes above the top. */
export function neededTransfers(operand: MemoryOperand, top: boolean): readonly string[] {
  const low = operand === 'O' ? ['toLow', 'fromLow'] : ['toLow'];
  const high = top ? [] : operand === 'O' ? ['toHigh', 'fromHigh'] : ['fromHigh'];
  return [...low, ...high].map((direction) => `${operand}.${direction}`);
}

function checkTransfers(file: AcceleratorFile, index: number, report: Report): void {
  const memory = file.memories[index];
  if (memory === undefined) return;
  const present = Object.values(memory.ports).flat();
  for (const operand of memory.operands) {
    const missing = neededTransfers(operand, holders(file, operand).at(-1) === index).filter(
      (t) => !present.includes(t),
    );
    if (missing.length > 0)
      report('DF8106', ['memories', index, 'ports'], `${memory.name} has no port for ${missing.join(', ')}`, {
        part: 'key',
        help: 'name the port that carries each of these transfers',
      });
  }
}

/** Maps go from stack to stack through the top memory, and weights come from it. */
function checkTop(file: AcceleratorFile, report: Report): void {
  const tops = MEMORY_OPERANDS.map((operand) => ({ operand, top: holders(file, operand).at(-1) }));
  for (const { operand, top } of tops)
    if (top === undefined)
      report('DF8107', ['memories'], `no memory holds ${operand}`, {
        part: 'key',
        help: `add ${operand} to the operands of a memory`,
      });
  const found = tops.flatMap(({ operand, top }) => (top === undefined ? [] : [{ operand, top }]));
  if (new Set(found.map(({ top }) => top)).size <= 1) return;
  const highest = Math.max(...found.map(({ top }) => top));
  const shared = file.memories.findIndex(({ operands }) => operands.length === MEMORY_OPERANDS.length);
  const above = file.memories.slice(shared + 1).map(({ name }) => name);
  report('DF8107', ['memories', highest, 'operands'], 'W, I and O do not end in one shared top memory', {
    terms: found.map(({ operand, top }) => `top of ${operand}: ${file.memories[top]?.name ?? top}`),
    help:
      shared >= 0 && above.length > 0
        ? `move ${file.memories[shared]?.name ?? ''} to the end: nothing reaches ${above.join(', ')} above it`
        : 'end with one memory whose operands are [I, W, O], such as a DRAM',
  });
}
