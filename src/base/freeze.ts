/** Deep freezing: who writes into shared data fails where it does so. */

/** Roots of earlier calls; that an object is frozen itself says nothing about its parts. */
const done = new WeakSet();

/**
 * Iterative, and goes into nothing with parts more than twice: facets share parts. What was not frozen has not been
 * met yet; only of what was does a set remember that it has been gone into. Bytes cannot be frozen and stay as they are.
 */
export function deepFreeze(root: unknown): void {
  // Weak sets of very many objects cost the garbage collector more than a second look at shared parts: only roots last.
  const again = new Set<object>();
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    if (!isObject(value) || ArrayBuffer.isView(value)) continue;
    if (Object.isFrozen(value)) {
      if (again.has(value) || done.has(value)) continue;
      again.add(value);
    } else Object.freeze(value);
    // Hot, hence without lists of keys: plain data inherits nothing that could be enumerated.
    if (Array.isArray(value)) {
      const parts = value as readonly unknown[];
      for (let i = 0; i < parts.length; i++) if (isObject(parts[i])) pending.push(parts[i]);
    } else {
      for (const key in value) {
        const part = (value as Readonly<Record<string, unknown>>)[key];
        if (isObject(part)) pending.push(part);
      }
    }
  }
  if (isObject(root)) done.add(root);
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
