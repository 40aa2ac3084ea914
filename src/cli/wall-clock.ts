/** Milliseconds of a clock on the wall that only goes forward. `performance` has it too, and takes some to be loaded. */
export function wallMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
