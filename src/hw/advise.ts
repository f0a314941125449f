/**
 * What is legal in an accelerator description and yet probably a mistake: warnings for people who write one, given by
 * `defines check` and not on every run. A warning about a memory, or about the whole, is acknowledged by listing its
 * code under `accepts` there: it is then a note.
 */
import { grouped, parseSizeBits, sizeText } from '../base/units.js';
import { diagnostic, type Details, type Diagnostic } from '../diag/diagnostic.js';
import type { Path, TextDocument } from '../diag/document.js';
import type { Code } from '../diag/codes.js';
import { neededTransfers } from './check.js';
import type { MemoryOperand } from './memory.js';
import type { AcceleratorFile, MemoryEntry } from './schema.js';

interface Finding extends Details {
  readonly code: Code;
  readonly path: Path;
  readonly message: string;
}

/** Of a description without errors: warnings, and notes for those that the file accepts. */
export function adviseAccelerator(file: AcceleratorFile, document: TextDocument): readonly Diagnostic[] {
  const whole = [...precisionAdvice(file), ...macAdvice(file)];
  const found = [
    ...acknowledged(whole, file.accepts ?? [], ['accepts']),
    ...file.memories.flatMap((memory, index) =>
      acknowledged(memoryAdvice(file, memory, index), memory.accepts ?? [], ['memories', index, 'accepts']),
    ),
  ];
  return found.map(({ code, path, message, ...details }) =>
    diagnostic(code, message, [document.at(path)], details),
  );
}

/** Accepted warnings become notes; a code that is accepted in vain is a warning itself. */
function acknowledged(
  found: readonly Finding[],
  accepted: readonly string[],
  path: Path,
): readonly Finding[] {
  const codes = new Set<string>(found.map(({ code }) => code));
  return [
    ...found.map((finding): Finding =>
      accepted.includes(finding.code)
        ? { ...finding, severity: 'note', help: 'accepted by the description' }
        : finding,
    ),
    ...accepted.flatMap((code, position): readonly Finding[] =>
      codes.has(code)
        ? []
        : [
            {
              code: 'DF8150',
              path: [...path, position],
              message: `${code} is accepted here, and nothing here gives it`,
              help: 'remove it from the list',
            },
          ],
    ),
  ];
}

function memoryAdvice(file: AcceleratorFile, memory: MemoryEntry, index: number): readonly Finding[] {
  const path: Path = ['memories', index];
  return [
    ...nameAdvice(memory, path),
    ...elementAdvice(file, memory, path),
    ...accessAdvice(memory, path),
    ...portAdvice(memory, path),
    ...transferAdvice(file, memory, path),
    ...memory.operands.flatMap((operand) => levelAdvice(file, operand, memory, path)),
  ].filter((finding, k, all) => all.findIndex(({ message }) => message === finding.message) === k);
}

/** A size in a name: `sram_64KB_W`, `rf_2B`, `l2_1.5MB`, `buf_64k`. */
const NAMED_SIZE = /(\d+(?:\.\d+)?)(bit|B|KB|kB|K|k|MB|M)(?=$|[_.-])/;
const NAMED_UNITS: Readonly<Record<string, string>> = { kB: 'KB', K: 'KB', k: 'KB', M: 'MB' };

function nameAdvice({ name, size }: MemoryEntry, path: Path): readonly Finding[] {
  const [text, digits = '', unit = ''] = NAMED_SIZE.exec(name) ?? [];
  const named = parseSizeBits(`${digits} ${NAMED_UNITS[unit] ?? unit}`);
  const bits = parseSizeBits(size);
  if (text === undefined || named === undefined || bits === undefined || named === bits) return [];
  return [
    {
      code: 'DF8151',
      path: [...path, 'name'],
      message: `${name} says ${text} and holds ${sizeText(bits)}`,
      terms: [`the name: ${sizeText(named)}; the size, which counts: ${sizeText(bits)}`],
      help: 'correct the size or the name; accepts: [DF8151] keeps both',
    },
  ];
}

/** Bits of one element: partial sums are what the memories of O must take. */
const elementBits = ({ precision }: AcceleratorFile, operand: MemoryOperand): number =>
  operand === 'O' ? Math.max(precision.O, precision.psum) : precision[operand];

function elementAdvice(file: AcceleratorFile, memory: MemoryEntry, path: Path): readonly Finding[] {
  const bits = parseSizeBits(memory.size) ?? 0;
  return memory.operands.flatMap((operand): readonly Finding[] => {
    const element = elementBits(file, operand);
    const what = operand === 'O' ? 'a partial sum' : `an element of ${operand}`;
    const narrow = (['read', 'write'] as const).filter((side) => memory[side].bits < element);
    return [
      ...(bits >= element
        ? []
        : [
            {
              code: 'DF8152' as const,
              path: [...path, 'size'],
              message: `${memory.name} holds ${grouped(bits)} bit, ${what} has ${grouped(element)} bit`,
              help: `give it at least ${grouped(element)} bit, or take ${operand} out of its operands`,
            },
          ]),
      ...narrow.map((side) => ({
        code: 'DF8153' as const,
        path: [...path, side, 'bits'],
        message: `a ${side} of ${memory.name} moves ${grouped(memory[side].bits)} bit, ${what} has ${grouped(element)} bit`,
        help: 'widths are bits per cycle, not bytes',
      })),
    ];
  });
}

function accessAdvice(memory: MemoryEntry, path: Path): readonly Finding[] {
  return (['read', 'write'] as const).flatMap((side): readonly Finding[] => {
    const { bits, granularity = bits, energyPj } = memory[side];
    return [
      ...(bits % granularity === 0
        ? []
        : [
            {
              code: 'DF8154' as const,
              path: [...path, side, 'granularity'],
              message: `${grouped(bits)} bit is no multiple of the granularity, ${grouped(granularity)} bit`,
              help: 'parts of a word that are paid for usually divide it',
            },
          ]),
      ...(energyPj > 0
        ? []
        : [
            {
              code: 'DF8155' as const,
              path: [...path, side, 'energyPj'],
              message: `a ${side} of ${memory.name} costs nothing`,
              help: 'give its energy in pJ: searches fill free memories first',
            },
          ]),
    ];
  });
}

function portAdvice({ name, ports }: MemoryEntry, path: Path): readonly Finding[] {
  return Object.entries(ports).flatMap(([port, transfers]): readonly Finding[] =>
    transfers.length > 0
      ? []
      : [
          {
            code: 'DF8156',
            path: [...path, 'ports', port],
            message: `port ${port} of ${name} serves nothing`,
            help: 'remove it, or move transfers to it: they no longer wait for one another',
          },
        ],
  );
}

/** Of operands that end here: what would go to a memory above, or come from one. */
function transferAdvice(file: AcceleratorFile, memory: MemoryEntry, path: Path): readonly Finding[] {
  const needed = memory.operands.flatMap((operand) =>
    neededTransfers(operand, file.memories.findLast(({ operands }) => operands.includes(operand)) === memory),
  );
  return Object.entries(memory.ports).flatMap(([port, transfers]) =>
    transfers.flatMap((transfer, position): readonly Finding[] =>
      needed.includes(transfer)
        ? []
        : [
            {
              code: 'DF8161',
              path: [...path, 'ports', port, position],
              message: `${transfer} never occurs: ${memory.name} is the top`,
              help: 'remove it: nothing goes to a memory above, or comes from one',
            },
          ],
    ),
  );
}

/** A level against the one below on the same path: it should hold more, cost more per bit and be no faster. */
function levelAdvice(
  file: AcceleratorFile,
  operand: MemoryOperand,
  memory: MemoryEntry,
  path: Path,
): readonly Finding[] {
  const levels = file.memories.filter(({ operands }) => operands.includes(operand));
  const below = levels[levels.indexOf(memory) - 1];
  if (below === undefined) return [];
  return [
    ...capacityAdvice(file, memory, below, path),
    ...energyAdvice(memory, below, path),
    ...(memory === levels.at(-1) ? bandwidthAdvice(file, memory, below, path) : []),
  ];
}

/** Physical instances: the product of the array dimensions that one does not serve. */
const instances = ({ array }: AcceleratorFile, { serves }: MemoryEntry): number =>
  Object.entries(array.dims).reduce(
    (product, [dim, size]) => (serves === 'all' || serves.includes(dim) ? product : product * size),
    1,
  );

function capacityAdvice(
  file: AcceleratorFile,
  memory: MemoryEntry,
  below: MemoryEntry,
  path: Path,
): readonly Finding[] {
  const total = (entry: MemoryEntry): number => instances(file, entry) * (parseSizeBits(entry.size) ?? 0);
  const term = (entry: MemoryEntry): string =>
    `${entry.name}: ${grouped(instances(file, entry))} x ${entry.size} = ${sizeText(total(entry))}`;
  if (total(memory) > total(below)) return [];
  return [
    {
      code: 'DF8157',
      path: [...path, 'size'],
      message: `${memory.name} holds no more than ${below.name} below it: what does not fit there does not fit here`,
      terms: [term(below), term(memory)],
      help: 'list memories low to high, or leave this level out',
    },
  ];
}

function energyAdvice(memory: MemoryEntry, below: MemoryEntry, path: Path): readonly Finding[] {
  return (['read', 'write'] as const).flatMap((side): readonly Finding[] => {
    const perBit = (entry: MemoryEntry): number => entry[side].energyPj / entry[side].bits;
    if (perBit(memory) >= perBit(below)) return [];
    const text = (entry: MemoryEntry): string =>
      `${entry.name}: ${entry[side].energyPj} pJ / ${entry[side].bits} bit = ${perBit(entry).toPrecision(3)} pJ/bit`;
    return [
      {
        code: 'DF8158',
        path: [...path, side, 'energyPj'],
        message: `a ${side} of ${memory.name} costs less per bit than one of ${below.name} below it`,
        terms: [text(below), text(memory)],
        help: 'energies are those of one full-width access, in pJ',
      },
    ];
  });
}

/** The memory off the chip is the slowest; one that is not was often given in bytes, or per burst. */
function bandwidthAdvice(
  file: AcceleratorFile,
  memory: MemoryEntry,
  below: MemoryEntry,
  path: Path,
): readonly Finding[] {
  const limit = below.write.bits * instances(file, below);
  if (memory.read.bits <= limit) return [];
  return [
    {
      code: 'DF8159',
      path: [...path, 'read', 'bits'],
      message: `${memory.name} reads ${grouped(memory.read.bits)} bit per cycle, ${below.name} below it takes ${grouped(limit)} bit`,
      help: 'give the width of one access in bits per cycle',
    },
  ];
}

function precisionAdvice({ precision: { O, psum } }: AcceleratorFile): readonly Finding[] {
  if (psum >= O) return [];
  return [
    {
      code: 'DF8160',
      path: ['precision', 'psum'],
      message: `a partial sum has ${psum} bit, a finished output ${O} bit`,
      help: 'partial sums are at least as wide as outputs',
    },
  ];
}

function macAdvice({ array }: AcceleratorFile): readonly Finding[] {
  if (array.macEnergyPj > 0) return [];
  return [
    {
      code: 'DF8155',
      path: ['array', 'macEnergyPj'],
      message: 'a multiply-accumulate costs nothing',
      help: 'give its energy in pJ',
    },
  ];
}
