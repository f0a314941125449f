/** Deep freezing: who writes into shared data fails where it does so. */

/** Objects with parts that are frozen through and through; that one is frozen itself says nothing about its parts. */
const done = new WeakSet();

/**
 * Iterative, and goes into nothing with parts twice: facets share parts. Bytes cannot be frozen and stay as they are.
 */
export function deepFreeze(root: unknown): void {
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    if (!isObject(value) || done.has(value) || ArrayBuffer.isView(value)) continue;
    const parts = Object.values(Object.freeze(value)).filter(isObject);
    // Most objects have no parts: to look at one again costs less than to remember it.
    if (parts.length > 0) done.add(value);
    for (const part of parts) pending.push(part);
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
