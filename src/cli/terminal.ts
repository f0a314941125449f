/** Standard streams: the report goes to stdout and nothing else does; everything said about it goes to stderr. */
import picocolors from 'picocolors';
import { diagnostic, type Diagnostic } from '../diag/diagnostic.js';
import type { Palette } from '../diag/render.js';
import { objection } from '../node/objection.js';
import { createProgress, type Progress } from '../node/progress.js';
import type { Activity } from './activity.js';

export interface Terminal {
  readonly err: (text: string) => void;
  /** Colours of stderr. */
  readonly palette: Palette;
  /** Whether stdout shows colour. */
  readonly coloured: boolean;
  /** Emphasis of stdout. */
  readonly heading: (text: string) => string;
  /** A progress bar on stderr. */
  readonly progress: () => Progress;
  /** Takes note of what goes on, for whoever has to say what did not end. */
  readonly doing: (activity: Activity | undefined) => void;
}

/** That of the process: commands return what is for stdout, and main writes it. */
export interface ProcessTerminal extends Terminal {
  /** What kept the text from being written, once that is known; nothing, if all went well. */
  readonly out: (text: string) => Promise<readonly Diagnostic[]>;
}

export function createTerminal(
  { stdout, stderr, env }: NodeJS.Process,
  doing: Terminal['doing'],
): ProcessTerminal {
  // As it is now: for plugins it is diverted.
  const write = stdout.write.bind(stdout);
  // Whoever writes to stdout is told there and then; what stderr refuses nobody can be told.
  for (const stream of [stdout, stderr]) stream.on('error', () => undefined);
  // A pipe has no `isTTY` at all, and `undefined` would let the library decide, which takes any CI for a terminal.
  const coloured = (stream: Partial<NodeJS.WriteStream>): boolean =>
    stream.isTTY === true && env['TERM'] !== 'dumb' && (env['NO_COLOR'] ?? '') === '';
  const colors = picocolors.createColors(coloured(stderr));
  return {
    out: (text) =>
      new Promise((resolve) => {
        write(text, (error) => resolve(error ? unwritten(error) : []));
      }),
    err: (text) => void stderr.write(text),
    palette: {
      error: (text) => colors.bold(colors.red(text)),
      warning: (text) => colors.bold(colors.yellow(text)),
      note: (text) => colors.bold(colors.cyan(text)),
      strong: colors.bold,
      faint: colors.dim,
    },
    coloured: coloured(stdout),
    heading: picocolors.createColors(coloured(stdout)).bold,
    progress: () => createProgress(stderr),
    doing,
  };
}

function unwritten(error: NodeJS.ErrnoException): readonly Diagnostic[] {
  // A reader that has seen enough (`| head`) closes the pipe: the end of the output, not an error.
  if (error.code === 'EPIPE') return [];
  const why = objection(error, 'it is gone');
  return [
    diagnostic('DF8009', `the standard output cannot be written: ${why}`, [], {
      help: 'name another place with > or, where the command has it, with --output',
    }),
  ];
}
