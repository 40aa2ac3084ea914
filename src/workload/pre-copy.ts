const NS_PER_S = 1e9;
const BITS_PER_BYTE = 8;

/** What copying a running VM depends on. */
export interface PreCopyParameters {
  memoryBytes: number;
  /** Pace at which the running VM changes its memory. */
  dirtyRateBitsPerSec: number;
  /** Memory that the VM changes again and again, so no round has more to copy after the first; null is all of it. */
  workingSetBytes: number | null;
  /** The VM is paused as soon as what is left can be copied in this time. */
  downtimeLimitNs: number;
  /** Rounds, and time, after which copying is given up as one that does not converge; null is no limit. */
  roundsMax: number | null;
  copyNsMax: number | null;
  /** Copying is given up also when it has stood still for this long, for want of a path. */
  stallNsMax: number;
  /** `abort`: the VM stays where it is; `force`: it is paused whatever is left, for as long as that takes. */
  onGiveUp: 'abort' | 'force';
}

/** What a copy came to when its time was up: the pause, its end, or that it was given up. */
export type PreCopyStep = 'copying' | 'paused' | 'copied' | 'given-up';

/**
 * Live migration of one VM by pre-copy: each round copies what the VM changed during the one before, until what is left
 * can be copied within the downtime limit at the present bandwidth; then the VM is paused for it. Clark et al., "Live
 * Migration of Virtual Machines", NSDI 2005. Memory, or of it the working set, is dirtied evenly, so at bandwidth B, dirty rate D and r = D/B round
 * k takes M/B * r^k.
 *
 * Time is an argument, and the bandwidth may change at any time. When `dueNs` has come, `step` says what happens.
 */
export class PreCopy {
  /** Rounds of copying that ended while the VM ran. */
  rounds = 0;
  /** Until the last step or change of the bandwidth. */
  transferredBytes = 0;
  /** Whether the VM was paused although more was left than fits in the downtime limit. */
  isForced = false;
  /** Whether what is left is being copied with the VM paused. */
  isPaused = false;

  readonly #parameters: PreCopyParameters;
  readonly #startNs: number;
  // rounds end between whole nanoseconds
  #timeNs: number;
  #bytesPerNs = 0;
  // what is left of this round, and what the VM has changed during it
  #leftBytes: number;
  #dirtiedBytes = 0;
  // since when nothing has been copied, or Infinity
  #stalledNs: number;

  constructor(parameters: PreCopyParameters, startNs: number) {
    this.#parameters = parameters;
    this.#startNs = startNs;
    this.#timeNs = startNs;
    this.#leftBytes = parameters.memoryBytes;
    this.#stalledNs = startNs;
  }

  /** Copies on at another bandwidth from now on; 0 for want of a path. */
  setBandwidth(bitsPerSec: number, nowNs: number): void {
    this.#advance(nowNs);
    const wasStalled = this.#bytesPerNs === 0;
    this.#bytesPerNs = bitsPerSec / BITS_PER_BYTE / NS_PER_S;
    if (bitsPerSec > 0) this.#stalledNs = Infinity;
    else if (!wasStalled) this.#stalledNs = nowNs;
  }

  /** What has been copied until `nowNs`, which is not after the next step. To ask changes nothing. */
  transferredBytesAt(nowNs: number): number {
    return this.transferredBytes + this.#copiedBytesUntil(nowNs);
  }

  /** When the next step is due, as whole nanoseconds, unless the bandwidth changes; Infinity if never. */
  get dueNs(): number {
    return Math.round(Math.min(this.#roundEndNs, this.#giveUpNs));
  }

  /** Does what is due at `nowNs`. */
  step(nowNs: number): PreCopyStep {
    const isRoundOver = Math.round(this.#roundEndNs) <= nowNs;
    // the end of a round counts as when it was, not as when it is noticed
    this.#advance(isRoundOver ? this.#roundEndNs : nowNs);
    if (isRoundOver) {
      this.transferredBytes += this.#leftBytes;
      this.#leftBytes = 0;
      return this.isPaused ? 'copied' : this.#endRound(nowNs);
    }
    if (nowNs < Math.round(this.#giveUpNs)) return 'copying';
    const isStalled = this.#bytesPerNs === 0;
    return isStalled ? 'given-up' : this.#giveUp(nowNs);
  }

  /** Begins: memory that fits in the downtime limit as it is, is copied with the VM paused. */
  start(nowNs: number): PreCopyStep {
    return this.#fitsInDowntime(this.#leftBytes) ? this.#pause(nowNs) : 'copying';
  }

  /** When the VM, which runs, will be paused if the bandwidth stays as it is; Infinity if never. */
  get expectedPauseNs(): number {
    if (this.#bytesPerNs === 0) return Infinity;
    const { roundsMax, copyNsMax, onGiveUp } = this.#parameters;
    const lastNs = this.#startNs + (copyNsMax ?? Infinity);
    let timeNs = this.#timeNs;
    let leftBytes = this.#leftBytes;
    let dirtiedBytes = this.#dirtiedBytes;
    for (let { rounds } = this; rounds < (roundsMax ?? Infinity); rounds++) {
      const roundNs = leftBytes / this.#bytesPerNs;
      if (timeNs + roundNs > lastNs) break;
      timeNs += roundNs;
      const nextBytes = this.#dirtied(dirtiedBytes, roundNs);
      if (this.#fitsInDowntime(nextBytes)) return Math.round(timeNs);
      // rounds that shrink no more
      if (nextBytes >= leftBytes && dirtiedBytes === 0 && roundsMax === null && copyNsMax === null) return Infinity;
      leftBytes = nextBytes;
      dirtiedBytes = 0;
    }
    return onGiveUp === 'force' ? Math.round(Math.min(timeNs, lastNs)) : Infinity;
  }

  get #roundEndNs(): number {
    return this.#bytesPerNs === 0 ? Infinity : this.#timeNs + this.#leftBytes / this.#bytesPerNs;
  }

  get #giveUpNs(): number {
    const { copyNsMax, stallNsMax } = this.#parameters;
    const patienceNs = this.isPaused ? Infinity : this.#startNs + (copyNsMax ?? Infinity);
    // a copy that stands still cannot be forced
    return this.#bytesPerNs === 0 ? this.#stalledNs + stallNsMax : patienceNs;
  }

  #advance(toNs: number): void {
    const elapsedNs = this.#elapsedNsUntil(toNs);
    const copiedBytes = this.#copiedBytesUntil(toNs);
    this.transferredBytes += copiedBytes;
    this.#leftBytes -= copiedBytes;
    if (!this.isPaused) this.#dirtiedBytes = this.#dirtied(this.#dirtiedBytes, elapsedNs);
    this.#timeNs = Math.max(this.#timeNs, toNs);
  }

  #elapsedNsUntil(toNs: number): number {
    // a round that was taken to end at the next whole nanosecond has a fraction of it behind it already
    return Math.max(0, toNs - this.#timeNs);
  }

  #copiedBytesUntil(toNs: number): number {
    return Math.min(this.#leftBytes, this.#elapsedNsUntil(toNs) * this.#bytesPerNs);
  }

  #endRound(nowNs: number): PreCopyStep {
    const { roundsMax, copyNsMax } = this.#parameters;
    this.rounds++;
    this.#leftBytes = this.#dirtiedBytes;
    this.#dirtiedBytes = 0;
    if (this.#fitsInDowntime(this.#leftBytes)) return this.#pause(nowNs);
    const isOver = this.rounds >= (roundsMax ?? Infinity) || this.#timeNs - this.#startNs >= (copyNsMax ?? Infinity);
    return isOver ? this.#giveUp(nowNs) : 'copying';
  }

  #giveUp(nowNs: number): PreCopyStep {
    if (this.#parameters.onGiveUp === 'abort') {
      this.#bytesPerNs = 0;
      return 'given-up';
    }
    this.isForced = true;
    // what was changed since the round began has to be copied again, save what the round has not come to
    const { memoryBytes, workingSetBytes } = this.#parameters;
    const whereItIsBytes = this.rounds === 0 ? memoryBytes : (workingSetBytes ?? memoryBytes);
    this.#leftBytes += this.#dirtiedBytes * (1 - this.#leftBytes / whereItIsBytes);
    return this.#pause(nowNs);
  }

  #pause(nowNs: number): PreCopyStep {
    this.isPaused = true;
    this.#timeNs = nowNs;
    return 'paused';
  }

  #fitsInDowntime(bytes: number): boolean {
    return bytes <= this.#parameters.downtimeLimitNs * this.#bytesPerNs;
  }

  #dirtied(beforeBytes: number, elapsedNs: number): number {
    const { dirtyRateBitsPerSec, workingSetBytes, memoryBytes } = this.#parameters;
    const bytes = beforeBytes + (dirtyRateBitsPerSec / BITS_PER_BYTE / NS_PER_S) * elapsedNs;
    return Math.min(bytes, workingSetBytes ?? memoryBytes);
  }
}
