import type { PageDocument, SvgNode } from './drawing.ts';

/** What may stand in an element; null is nothing. */
export type Child = SvgNode | string | null | readonly Child[];

/** Makes an element. Text becomes text, whatever is written in it, never markup; an attribute that is null is left out. */
export type Elements = (
  name: string,
  attributes?: Readonly<Record<string, string | null>>,
  ...children: readonly Child[]
) => SvgNode;

const SVG_NAMESPACE = 'http://www.w3.org/2000/svg';
const SVG_NAMES: ReadonlySet<string> = new Set(['svg', 'rect', 'line', 'text']);

export function elementsOf(document: PageDocument): Elements {
  return (name, attributes = {}, ...children) => {
    const element = SVG_NAMES.has(name) ? document.createElementNS(SVG_NAMESPACE, name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) if (value !== null) element.setAttribute(key, value);
    for (const child of flat(children))
      element.append(typeof child === 'string' ? document.createTextNode(child) : child);
    return element;
  };
}

function flat(children: readonly Child[]): (SvgNode | string)[] {
  return children.flatMap((child) => {
    if (child === null) return [];
    return Array.isArray(child) ? flat(child as readonly Child[]) : [child as SvgNode | string];
  });
}
