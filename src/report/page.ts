import { createHash } from 'node:crypto';
import type { SvgNode } from './drawing.ts';
import type { Elements } from './elements.ts';
import { htmlOf } from './markup.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { pageStyle } from './page-style.ts';

/** A page that stands alone: nothing in it can be fetched, and no script runs but its own. */
export function pageText(
  h: Elements,
  { title, fabricCount, body }: { title: string; fabricCount: number; body: readonly SvgNode[] },
): string {
  const style = pageStyle(fabricCount);
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(PAGE_SCRIPT)}'`,
    `style-src '${hashOf(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const html = h(
    'html',
    { lang: 'en' },
    h(
      'head',
      {},
      h('meta', { charset: 'utf-8' }),
      h('meta', { 'http-equiv': 'Content-Security-Policy', content: policy }),
      h('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      h('title', {}, title),
      h('style', {}, style),
    ),
    h('body', {}, ...body, h('div', { id: 'tip', role: 'status', hidden: '' }), h('script', {}, PAGE_SCRIPT)),
  );
  return `<!doctype html>\n${htmlOf(html)}\n`;
}

/** How a policy names what may run. */
function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
