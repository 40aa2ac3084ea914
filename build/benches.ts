// Makes a folder in which program and benches run as they are shipped: tsx build/benches.ts FOLDER
import { bundleBenches } from './bundle-benches.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('expected the folder to be made');
await bundleBenches(folder);
