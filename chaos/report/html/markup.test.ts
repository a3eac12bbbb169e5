import { expect, test } from 'vitest';
import { embeddedJson, markup } from './markup.ts';

const HOSTILE = '</script><img src="x" onerror=\'alert(1)\'>&<!--';

test('what is put into a template is text, in elements, attributes and lists alike', () => {
  const { text } = markup`<p title="${HOSTILE}">${[HOSTILE, markup`<b>${HOSTILE}</b>`]}</p>`;
  expect(text.match(/<[^>]*>/g)).toEqual([
    expect.stringMatching(/^<p title="/),
    '<b>',
    '</b>',
    '</p>',
  ]);
  expect(text).not.toContain('<img');
});

test('a text that is markup to somebody is not taken for markup', () => {
  const lookalike = { text: '<b>' } as unknown as string;
  expect(() => markup`${lookalike}`.text).toThrow();
});

test('characters that turn the direction of the text, or steer, are made visible', () => {
  expect(markup`${'a\u202eb\u0007c'}`.text).toBe('a\u{FFFD}b\u{FFFD}c');
});

test('embedded JSON holds nothing that ends its element, and is what it was', () => {
  const value = { [HOSTILE]: [HOSTILE, '\u2028'] };
  const { text } = embeddedJson(value);
  expect(text).not.toMatch(/[<>&\u2028]/);
  expect(JSON.parse(text)).toEqual(value);
});
