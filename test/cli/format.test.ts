import { describe, expect, it } from 'vitest';
import { hasColour } from '../../src/cli/colour.ts';
import { wrapText } from '../../src/cli/wrap-text.ts';

describe('colour', () => {
  it.each([
    ['auto', true, {}, true],
    ['auto', false, {}, false],
    ['auto', true, { NO_COLOR: '1' }, false],
    ['auto', true, { NO_COLOR: '' }, true],
    ['auto', true, { TERM: 'dumb' }, false],
    ['auto', false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
    ['auto', true, { FORCE_COLOR: '0' }, false],
    ['always', false, { NO_COLOR: '1' }, true],
    ['never', true, { FORCE_COLOR: '1' }, false],
  ] as const)('%s on a terminal (%s) with %o is %s', (choice, isTty, env, expected) => {
    expect(hasColour(choice, { isTty, env })).toBe(expected);
  });
});

describe('wrapped text', () => {
  it('breaks between words and leaves a long word whole', () => {
    expect(wrapText('one two three extraordinarily', 9)).toBe('one two\nthree\nextraordinarily');
  });
});
