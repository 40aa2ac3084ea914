import { ExchangeError } from './exchange-error.ts';
import { lineAt } from './line-at.ts';

// a comment, CDATA, a declaration, or a tag whose attributes have their values in quotes
const MARKUP =
  /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<[?!][^>]*>|<(\/?)([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>/g;

// what a DTD, which is not read, may give a meaning to
const FOREIGN_ENTITY = /&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z_][\w.-]*;/;

/**
 * Throws for XML whose tags do not match or that has entities of its own, with the line. The parser behind would repair it,
 * say so on the console, and read something else than what was meant.
 */
export function requireBalancedXml(text: string, file: string): void {
  const open: { name: string; index: number }[] = [];
  const lineOf = (index: number) => lineAt(text, index);
  let end = 0;
  let elementCount = 0;
  for (const match of text.matchAll(MARKUP)) {
    const { 0: markup, 1: closing, 2: name, 4: empty, index } = match;
    requireText(text.slice(end, index), end);
    end = index + markup.length;
    if (name === undefined) continue;
    requireKnownEntities(markup, index);
    if (open.length === 0 && elementCount > 0) {
      throw new ExchangeError(file, lineOf(index), `got <${closing}${name}> after the end of the document`);
    }
    elementCount++;
    if (closing === '/') {
      const last = open.pop();
      if (last?.name !== name) {
        const expected = last === undefined ? 'no tag to be closed' : `</${last.name}> of line ${lineOf(last.index)}`;
        throw new ExchangeError(file, lineOf(index), `got </${name}>, expected ${expected}`);
      }
    } else if (empty === '') open.push({ name, index });
  }
  requireText(text.slice(end), end);
  const unclosed = open.pop();
  if (unclosed !== undefined)
    throw new ExchangeError(file, lineOf(unclosed.index), `<${unclosed.name}> is never closed`);
  if (elementCount === 0) throw new ExchangeError(file, null, 'expected XML, got none');

  function requireText(between: string, start: number): void {
    const bad = between.indexOf('<');
    if (bad >= 0) throw new ExchangeError(file, lineOf(start + bad), 'got a tag that is not XML');
    requireKnownEntities(between, start);
  }

  function requireKnownEntities(part: string, start: number): void {
    const entity = FOREIGN_ENTITY.exec(part);
    if (entity === null) return;
    const line = lineOf(start + entity.index);
    throw new ExchangeError(file, line, `got ${entity[0]}, expected no entities but &amp; &lt; &gt; &quot; &apos;`);
  }
}
