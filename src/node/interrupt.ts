/**
 * Ctrl-C and termination as a wish to end, heard between two points. The wish is heard once: the same signal again
 * ends the process at once, as it would without this.
 */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export interface Interrupt {
  readonly wished: () => boolean;
  /** Hands the signals back. */
  readonly release: () => void;
}

export function watchInterrupts(): Interrupt {
  let wished = false;
  const release = (): void => {
    for (const signal of SIGNALS) process.off(signal, hear);
  };
  const hear = (): void => {
    wished = true;
    release();
  };
  for (const signal of SIGNALS) process.on(signal, hear);
  return { wished: () => wished, release };
}
