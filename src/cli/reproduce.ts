/** `--reproducer`: watches a run and, if it fails, writes what `defines replay` needs to run it again. */
import { InternalError } from '../base/assert.js';
import { allBytes, asSource } from '../base/byte-source.js';
import { costedBy, type CompileRequest } from '../compile.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import { writeTextFile } from '../node/files.js';
import { packageVersion } from '../node/version.js';
import { recording } from '../pass/instrument/record.js';
import type { Instrument, PassEvent } from '../pass/manager.js';
import { writeReproducer, type Reproducer } from '../pass/reproducer.js';
import { printPipeline, type PipelineSpec } from '../pass/spec.js';
import { discardDraft, draftOf, reproducerWritten } from './reproducer-file.js';
import type { Output } from './run-compile.js';

/** What a request was made from: it can be read again, which the request cannot. */
export interface Inputs extends Pick<
  Reproducer,
  'plugins' | 'accelerator' | 'memoryLimits' | 'mapping' | 'precisions' | 'budgetMs'
> {
  readonly pipeline: PipelineSpec;
}

/** Larger models stay where they are. */
const MOST_MODEL_BYTES = 32 * 1024 * 1024;

interface Reproduction {
  readonly instruments: readonly Instrument[];
  /** Writes the file if there are errors, and says so. */
  readonly failed: (diagnostics: readonly Diagnostic[]) => readonly Diagnostic[];
  /** Writes the file after a bug of ours; the error to go on with names it. */
  readonly crashed: (error: unknown) => Error;
  /** After either, and after a run that did not fail. */
  readonly done: () => void;
}

/** `ahead`: passes may be stopped from outside, so what it takes is written before each of them. */
export function reproducing(
  request: CompileRequest,
  inputs: Inputs,
  output: Output,
  ahead: boolean,
): Reproduction {
  const { instrument, failure } = recording();
  const text = (event: PassEvent, errors: readonly string[]): string =>
    writeReproducer(reproducerOf(request, inputs, event, errors));
  const write = (event: PassEvent, errors: readonly string[]): void => output.write(text(event, errors));
  const drafting: Instrument = {
    before: (event) =>
      writeTextFile(draftOf(output.file), text(event, [`DF8311: ${event.pass.name} was stopped`]), output.at),
  };
  return {
    instruments: ahead ? [instrument, drafting] : [instrument],
    done: () => discardDraft(output.file),
    failed: (diagnostics) => {
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      const event = errors.length === 0 ? undefined : failure(errors);
      if (event === undefined) return [];
      write(
        event,
        errors.map(({ code, message }) => `${code}: ${message}`),
      );
      return [reproducerWritten(output.file, event.pass.name)];
    },
    crashed: (thrown) => {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      const event = failure([]);
      if (event === undefined) return error;
      write(event, [`DF9001: ${error.message}`]);
      return new InternalError(`${error.message}; defines replay ${output.file} shows it again`, {
        cause: error,
      });
    },
  };
}

function reproducerOf(
  request: CompileRequest,
  { pipeline, ...inputs }: Inputs,
  { index, pass, ir }: PassEvent,
  errors: readonly string[],
): Reproducer {
  const { profile, lpfLimit } = costedBy(request);
  return {
    program: packageVersion(),
    failure: { pass: pass.name, errors },
    pipeline: printPipeline(pipeline.slice(index - 1)),
    ...inputs,
    stopAfter: request.stopAfter ?? null,
    profile: profile.name,
    verify: request.verify ?? 'each',
    lpfLimit,
    dims: request.dims ?? {},
    precision: request.precision ?? {},
    // Passes behind the importer never see the file.
    model: pass.needs.length > 0 ? null : modelOf(request.source),
    ir,
  };
}

function modelOf(source: CompileRequest['source']): Reproducer['model'] {
  if (source === undefined) return null;
  const { file, bytes } = source;
  if (asSource(bytes).size > MOST_MODEL_BYTES) return { file, base64: null };
  return { file, base64: Buffer.from(allBytes(bytes)).toString('base64') };
}
