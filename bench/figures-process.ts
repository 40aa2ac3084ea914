// The whole file of a process: it measures one case of the figures and prints what it measured.
import { tuneV8 } from '../src/scenario/tune-v8.ts';
import { CASES, LARGE_CASES } from './cases.ts';

tuneV8();
const [name, isQuick, folder] = process.argv.slice(2);
console.log(JSON.stringify({ ...CASES, ...LARGE_CASES }[name!]!({ isQuick: isQuick === 'true', folder: folder! })));
