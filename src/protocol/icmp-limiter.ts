/** Milliseconds that one ICMP error costs. Linux, icmp_ratelimit and ip_rt_error_cost. */
const COST_MS = 1_000;

/** Errors that can be saved up. Linux, XRLIM_BURST_FACTOR. */
const BURST = 6;

/** The same where there was no route to the destination. Linux, ip_rt_error_burst. */
const NO_ROUTE_BURST = 5;

/** Limits ICMP errors per sender and destination, with a bucket of tokens as Linux does (inet_peer_xrlim_allow). */
export class IcmpLimiter {
  readonly #buckets = new Map<string, { tokensMs: number; lastMs: number }>();

  /** Whether an error may go to `targetIp` now; if so, it is paid for. */
  admits(stack: number, targetIp: number, nowMs: number): boolean {
    return this.#pay(stack, targetIp, nowMs, BURST);
  }

  /** The same for a packet that could not be routed, which pays twice: to ip_error, then to icmp_send. */
  admitsNoRoute(stack: number, targetIp: number, nowMs: number): boolean {
    return this.#pay(stack, targetIp, nowMs, NO_ROUTE_BURST) && this.#pay(stack, targetIp, nowMs, BURST);
  }

  #pay(stack: number, targetIp: number, nowMs: number, burst: number): boolean {
    const key = `${stack} ${targetIp}`;
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = { tokensMs: BURST * COST_MS, lastMs: nowMs };
      this.#buckets.set(key, bucket);
    }
    bucket.tokensMs = Math.min(bucket.tokensMs + nowMs - bucket.lastMs, burst * COST_MS);
    bucket.lastMs = nowMs;
    if (bucket.tokensMs < COST_MS) return false;
    bucket.tokensMs -= COST_MS;
    return true;
  }
}
