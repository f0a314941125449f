/** Standard streams: the report goes to stdout and nothing else does; everything said about it goes to stderr. */
import picocolors from 'picocolors';
import type { Palette } from '../diag/render.js';
import { createProgress, type Progress } from '../node/progress.js';
import type { Activity } from './activity.js';

export interface Terminal {
  readonly out: (text: string) => void;
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

export function createTerminal({ stdout, stderr, env }: NodeJS.Process, doing: Terminal['doing']): Terminal {
  // A reader that has seen enough (`| head`) closes the pipe: the end of the output, not an error.
  for (const stream of [stdout, stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  // A pipe has no `isTTY` at all, and `undefined` would let the library decide, which takes any CI for a terminal.
  const coloured = (stream: Partial<NodeJS.WriteStream>): boolean =>
    stream.isTTY === true && env['TERM'] !== 'dumb' && (env['NO_COLOR'] ?? '') === '';
  const colors = picocolors.createColors(coloured(stderr));
  return {
    out: (text) => void stdout.write(text),
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
