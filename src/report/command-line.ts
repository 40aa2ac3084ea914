/** Words after `dcfabric`, as a shell takes them. */
export function commandLine(command: readonly string[]): string {
  return ['dcfabric', ...command.map(quoted)].join(' ');
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
