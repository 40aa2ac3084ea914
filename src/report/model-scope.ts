/** What the simulator models and what it does not, in short sentences. */
export interface ModelScope {
  readonly modelled: readonly string[];
  readonly notModelled: readonly string[];
}

/** The lists under "What is modelled" and "What is not modelled" of docs/scope.md, as plain text. */
export function modelScope(scope: string): ModelScope {
  return { modelled: listUnder(scope, 'What is modelled'), notModelled: listUnder(scope, 'What is not modelled') };
}

function listUnder(markdown: string, heading: string): string[] {
  const [, after = ''] = markdown.split(`\n## ${heading}\n`);
  const [section] = after.split('\n## ');
  const items: string[] = [];
  for (const line of section!.split('\n')) {
    if (line.startsWith('- ')) items.push(line.slice(2));
    else if (line.startsWith('  ') && items.length > 0) items.push(joined(items.pop()!, line.trim()));
  }
  return items.map(plainText);
}

/** A word that was broken at its hyphen stays one. */
function joined(text: string, more: string): string {
  return text.endsWith('-') ? `${text}${more}` : `${text} ${more}`;
}

/** Without the marks of links, bold and code. */
function plainText(markdown: string): string {
  return markdown.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/\*\*|`/g, '');
}
