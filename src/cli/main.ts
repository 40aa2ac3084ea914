import { endQuietlyOnClosedPipe } from './output.ts';
import { runCommandLine } from './program.ts';

endQuietlyOnClosedPipe();
void runCommandLine(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
});
