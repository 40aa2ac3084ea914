/** One generator of the package without the others, one of which loads `node:crypto` for seeds that nobody gives. */
declare module 'seedrandom/lib/alea.js' {
  import type { alea } from 'seedrandom';

  const generator: typeof alea;
  export = generator;
}
