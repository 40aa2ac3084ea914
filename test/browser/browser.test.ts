import { expect, it } from 'vitest';
import { accessibilityProblems, describeInBrowser } from './browser.ts';

const page = (body: string) =>
  `data:text/html,${encodeURIComponent(`<!doctype html><html lang=en><title>x</title>${body}`)}`;

describeInBrowser('the browser of tests', (open) => {
  it('hears errors, notes requests and sees what nobody could read', async () => {
    const opened = await open(page('<main><img src="http://127.0.0.1:9/none.png"><script>missing()</script></main>'));
    expect(opened.requests).toEqual(['http://127.0.0.1:9/none.png']);
    expect(opened.complaints.some((text) => text.includes('missing is not defined'))).toBe(true);
    expect((await accessibilityProblems(opened.page)).map((text) => text.split(' ')[0])).toEqual(['image-alt']);
    await opened.page.context().close();
  });

  it('finds nothing wrong with a plain page', async () => {
    const opened = await open(page('<main><h1>Plain</h1></main>'));
    expect([opened.complaints, await accessibilityProblems(opened.page)]).toEqual([[], []]);
    await opened.page.context().close();
  });
});
