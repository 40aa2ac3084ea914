import type { SvgNode } from './drawing.ts';

/** Elements of HTML that have no content and no end. */
const VOID_ELEMENTS: ReadonlySet<string> = new Set(['meta', 'br']);

/** Elements of HTML whose content is no markup, so that nothing in it can be escaped. */
const RAW_ELEMENTS: ReadonlySet<string> = new Set(['style', 'script']);

const TEXT_NODE = 3;

/** A node as HTML. Whatever stands in texts and attributes stays text. */
export function htmlOf(node: SvgNode): string {
  if (node.nodeType === TEXT_NODE) return escaped(node.textContent);
  const name = node.localName;
  const start = `<${name}${attributesOf(node)}>`;
  if (VOID_ELEMENTS.has(name)) return start;
  return `${start}${RAW_ELEMENTS.has(name) ? rawText(node) : contentOf(node, htmlOf)}</${name}>`;
}

/** A node as XML; `change` is what becomes of the values of attributes. */
export function xmlOf(node: SvgNode, change: (value: string) => string): string {
  if (node.nodeType === TEXT_NODE) return escaped(node.textContent);
  const name = node.localName;
  const start = `<${name}${attributesOf(node, change)}`;
  const content = contentOf(node, (child) => xmlOf(child, change));
  return content === '' ? `${start}/>` : `${start}>${content}</${name}>`;
}

function contentOf(node: SvgNode, markupOf: (child: SvgNode) => string): string {
  return [...node.childNodes].map(markupOf).join('');
}

function attributesOf(node: SvgNode, change = (value: string) => value): string {
  return [...node.attributes].map(({ name, value }) => ` ${name}="${escaped(change(value))}"`).join('');
}

/** Style and script are the report's own, and hold no end of an element. */
function rawText({ localName, textContent }: SvgNode): string {
  if (/<\/|<!--/.test(textContent)) throw new Error(`a ${localName} element would end within its text`);
  return textContent;
}

/** Text for HTML and XML; characters that neither has a place for become spaces. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll(NO_CHARACTER, ' ');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML 1.0, 2.2 leaves out
const NO_CHARACTER = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;
