import type { EvpnLab } from './evpn-lab.ts';

/** Routes that UPDATEs carried since this was made, each message's counted by themselves. */
export class RouteCounts {
  readonly #lab: EvpnLab;
  readonly #announced: number;
  readonly #withdrawn: number;

  constructor(lab: EvpnLab) {
    this.#lab = lab;
    this.#announced = lab.bgp.sentAnnouncements;
    this.#withdrawn = lab.bgp.sentWithdrawals;
  }

  announced(): number {
    return this.#lab.bgp.sentAnnouncements - this.#announced;
  }

  withdrawn(): number {
    return this.#lab.bgp.sentWithdrawals - this.#withdrawn;
  }
}
