/** An internal error: a broken invariant of this program, never the user's fault (exit code 70). */
export class InternalError extends Error {
  override readonly name = 'InternalError';
}

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InternalError(message);
}

/** The value of an index or lookup that the surrounding invariant guarantees. */
export function known<T>(value: T | undefined | null, what: string): T {
  return value ?? missing(what);
}

/** Where `what` takes making: `found ?? missing(...)`. */
export function missing(what: string): never {
  throw new InternalError(`missing ${what}`);
}

/** For the `default` branch of a switch over a union: a new member does not compile until it is handled. */
export function unreachable(value: never): never {
  throw new InternalError(`unreachable: ${JSON.stringify(value)}`);
}
