#!/usr/bin/env node
import { endQuietlyOnClosedPipe } from './output.ts';
import { runCommandLine } from './program.ts';

endQuietlyOnClosedPipe();
process.exitCode = await runCommandLine(process.argv.slice(2));
