#!/usr/bin/env node
import module from 'node:module';
import { endQuietlyOnClosedPipe } from './output.ts';

endQuietlyOnClosedPipe();
// both only help with what is loaded after: stacks that name sources, and code compiled by an earlier run (Node 22.1)
if (process.argv.includes('--debug')) process.setSourceMapsEnabled(true);
(module as { enableCompileCache?: () => void }).enableCompileCache?.();
const { runCommandLine } = await import('./program.ts');
process.exitCode = await runCommandLine(process.argv.slice(2));
