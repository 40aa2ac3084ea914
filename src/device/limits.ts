/** What a datacenter can run out of. */
export const Limit = {
  vlanIds: 0,
  macTable: 1,
  vtepPeers: 2,
  vnis: 3,
  stpPorts: 4,
  portQueue: 5,
  hostEntries: 6,
  mroutes: 7,
  multicastGroups: 8,
} as const;

export const LIMIT_NAMES = [
  'vlan_ids',
  'mac_table',
  'vtep_peers',
  'vnis',
  'stp_ports',
  'port_queue',
  'host_entries',
  'mroutes',
  'multicast_groups',
] as const;

/** A limit that was reached, with the first time. */
export interface LimitHit {
  readonly limit: (typeof LIMIT_NAMES)[number];
  readonly firstNs: number;
  /** The node at which that was; -1 if it was the fabric as a whole. */
  readonly node: number;
  /** How often, in what the limit is about: segments, addresses, frames. */
  readonly count: number;
}

/** Hears of every time that something did not fit, and keeps for each limit when and where that was first. */
export class LimitHits {
  readonly #firstNs = new Float64Array(LIMIT_NAMES.length).fill(Number.POSITIVE_INFINITY);
  readonly #nodes = new Int32Array(LIMIT_NAMES.length).fill(-1);
  readonly #counts = new Float64Array(LIMIT_NAMES.length);

  /** Something that is limited (a Limit) was wanted at a node, or at none (-1), and was not to be had. */
  hit(limit: number, node: number, timeNs: number, count: number): void {
    this.#counts[limit] += count;
    if (timeNs >= this.#firstNs[limit]) return;
    this.#firstNs[limit] = timeNs;
    this.#nodes[limit] = node;
  }

  /** Forgets what was heard so far, but for the limits that still bind. */
  restart(stillBinds: (limit: LimitHit['limit']) => boolean): void {
    for (const [i, limit] of LIMIT_NAMES.entries()) {
      if (stillBinds(limit)) continue;
      this.#firstNs[i] = Number.POSITIVE_INFINITY;
      this.#nodes[i] = -1;
      this.#counts[i] = 0;
    }
  }

  /** The limits that were reached, in the order in which they were; those of one time in the order of Limit. */
  inOrder(): LimitHit[] {
    return LIMIT_NAMES.map((limit, i) => ({
      limit,
      firstNs: this.#firstNs[i],
      node: this.#nodes[i],
      count: this.#counts[i],
    }))
      .filter(({ count }) => count > 0)
      .sort((one, other) => one.firstNs - other.firstNs);
  }
}
