/**
 * Mapping files: YAML or JSON text to temporal mappings with the place of each part, so that what turns out wrong
 * once layers and tiles are known can still be shown where it is written.
 */
import { DiagnosticError } from '../diag/diagnostic.js';
import { readDocument, type Path, type TextDocument } from '../diag/document.js';
import { schemaDiagnostics } from '../diag/schema-errors.js';
import { validatorOf } from '../diag/validator.js';
import type { OperandName } from '../ir/cost.js';
import type { LoopDim } from '../ir/layer.js';
import type { GivenLoop, GivenMapping, GivenMappings } from './given.js';
import { MAPPING_SCHEMA, type LoopEntry, type MappingFile } from './mapping-file.js';

const validator = validatorOf<MappingFile>(MAPPING_SCHEMA);

/** `file` is the name shown in diagnostics. Throws a DiagnosticError that holds every error found. */
export function parseMappings(text: string, file: string): GivenMappings {
  const document = readDocument(text, file, 'DF6050');
  const { value } = document;
  const validate = validator();
  if (!validate(value))
    throw new DiagnosticError(schemaDiagnostics('DF6051', document, validate.errors ?? []));
  return {
    file,
    mappings: value.mappings.map(({ layer, stack, tile, loops }, i): GivenMapping => {
      const path = ['mappings', i];
      return {
        layer: String(layer),
        layerAt: document.at([...path, 'layer']),
        stack,
        stackAt: document.at([...path, 'stack']),
        tile,
        tileAt: document.at([...path, 'tile']),
        loopsAt: document.at([...path, 'loops'], 'key'),
        loops: loops.map((loop, j) => toLoop(loop, [...path, 'loops', j], document)),
      };
    }),
  };
}

function toLoop(entry: string | LoopEntry, path: Path, document: TextDocument): GivenLoop {
  const { dim, size, level = {} } = typeof entry === 'string' ? shortLoop(entry) : entry;
  const levels = Object.entries(level) as [OperandName, string][];
  return {
    dim,
    size,
    at: document.at(path),
    levels: levels.map(([operand, memory]) => ({
      operand,
      memory,
      at: document.at([...path, 'level', operand]),
    })),
  };
}

/** `C6`, or `C`: validated before. */
function shortLoop(text: string): LoopEntry {
  const digits = text.search(/\d/);
  if (digits < 0) return { dim: text as LoopDim };
  return { dim: text.slice(0, digits) as LoopDim, size: Number(text.slice(digits)) };
}
