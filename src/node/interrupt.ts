/**
 * Ctrl-C and termination as a wish to end, heard between two points and while helpers are waited for. The wish is heard
 * once: the same signal again ends the process at once, as it would without this.
 */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export interface Interrupt {
  readonly wished: () => boolean;
  /** Settled by the wish. */
  readonly wish: Promise<void>;
  /** Hands the signals back. */
  readonly release: () => void;
}

export function watchInterrupts(): Interrupt {
  let wished = false;
  let tell: () => void = () => undefined;
  const wish = new Promise<void>((resolve) => (tell = resolve));
  const release = (): void => {
    for (const signal of SIGNALS) process.off(signal, hear);
  };
  const hear = (): void => {
    wished = true;
    release();
    tell();
  };
  for (const signal of SIGNALS) process.on(signal, hear);
  return { wished: () => wished, wish, release };
}
