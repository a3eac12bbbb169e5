import { describe, expect, it } from 'vitest';
import { type Reporters, printsJson, reporters, TEXT_ALONE, writesText } from './reporters.ts';

describe('reporters', () => {
  it.each<[string, Reporters]>([
    ['text', [{ name: 'text' }]],
    ['text,junit', [{ name: 'text' }, { name: 'junit' }]],
    ['junit=out/a=b.xml, github', [{ name: 'junit', file: 'out/a=b.xml' }, { name: 'github' }]],
    ['text,json=r.json', [{ name: 'text' }, { name: 'json', file: 'r.json' }]],
  ])('%s', (text, expected) => {
    expect(reporters(text)).toEqual(expected);
  });

  it('a flag that comes again adds to what was said, and takes the place of the default', () => {
    const first = reporters('junit', TEXT_ALONE);
    expect(first).toEqual([{ name: 'junit' }]);
    expect(reporters('github', first)).toEqual([{ name: 'junit' }, { name: 'github' }]);
    expect(writesText(first)).toBe(false);
  });

  it('one JSON document has standard output for itself', () => {
    expect(printsJson(reporters('json,junit,github'))).toBe(true);
    expect(printsJson(reporters('json=r.json,text'))).toBe(false);
    expect(() => reporters('text,json')).toThrow('text,json=result.json');
    expect(() => reporters('text', reporters('json'))).toThrow('Standard output cannot be');
  });

  it.each([
    ['junti', /Unknown reporter "junti"\. Did you mean junit\?/],
    ['text,', /Unknown reporter ""/],
    ['text=a.txt', /names no file that could be written/],
    ['github=a.md', /names no file that could be written/],
    ['junit=', /names no file that could be written/],
  ])('%s is refused', (text, message) => {
    expect(() => reporters(text)).toThrow(message);
  });
});
