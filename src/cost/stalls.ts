/**
 * Cycles the array waits for busy ports while it computes (cost-model.md 6.7). A link alone on its port stalls by what
 * it is too slow; links that share a port also wait for one another, unless their windows leave room.
 */
import type { Link, LinkCycles } from './links.js';
import { unionOfWindows } from './window-union.js';

/** Indices of the links that share a physical port, port by port. */
export function linksByPort(links: readonly Link[]): readonly (readonly number[])[] {
  const ports = new Map<string, number[]>();
  links.forEach(({ memory, port }, i) => {
    const key = `${memory}.${port.name}`;
    ports.set(key, [...(ports.get(key) ?? []), i]);
  });
  return [...ports.values()];
}

/**
 * Stall of the slowest port; `uses` says which links count.
 *
 * Hot core: loops over plain numbers, since searches bound every partial mapping by it.
 */
export function stallCycles(
  ports: readonly (readonly number[])[],
  cycles: LinkCycles,
  uses: (link: number) => boolean,
): number {
  let stall = 0;
  for (const sharing of ports) stall = Math.max(stall, portStall(sharing, cycles, uses));
  return stall;
}

function portStall(sharing: readonly number[], cycles: LinkCycles, uses: (link: number) => boolean): number {
  let links = 0;
  let late = 0;
  let early = 0;
  let windows = 0;
  for (const link of sharing) {
    if (cycles.count[link] === 0 || !uses(link)) continue;
    links++;
    const own = lateness(cycles, link);
    if (own > 0) late += own;
    else early += own;
    windows += cycles.allowed[link]! * (cycles.count[link]! - 1);
  }
  if (links < 2) return late;
  const using = (link: number): boolean => cycles.count[link]! > 0 && uses(link);
  return late + Math.max(0, early + windows - openCycles(cycles, sharing.filter(using)));
}

/** Cycles by which all transfers of a link but the last overrun their windows; negative: that they leave. */
const lateness = ({ real, allowed, count }: LinkCycles, link: number): number =>
  (real[link]! - allowed[link]!) * (count[link]! - 1);

/** Cycles in which at least one link may use the port. */
function openCycles({ allowed, period, count }: LinkCycles, links: readonly number[]): number {
  const always = links.find((link) => allowed[link] === period[link]);
  if (always !== undefined) return period[always]! * count[always]!;
  const slowest = links.reduce((a, b) => (period[b]! > period[a]! ? b : a));
  return (
    unionOfWindows(links.map((link) => ({ period: period[link]!, open: allowed[link]! }))) * count[slowest]!
  );
}
