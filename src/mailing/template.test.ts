import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.js';
import { parseTemplate, TemplateCache } from './template.js';

const anna = { phone: '79161234567', timeZone: 'Europe/Moscow', attributes: { name: 'Анна', points: 7 } };

describe('a text', () => {
  it('without Liquid goes out as it is, braces and all', () => {
    expect(parseTemplate('50% {off} today').render(anna)).toBe('50% {off} today');
  });

  it("uses the client's attributes, and nothing where one is missing", () => {
    const text = parseTemplate("{{ name | default: 'friend' }}: {{ points | plus: 1 }}{{ nothing }}");
    expect(text.render(anna)).toBe('Анна: 8');
    expect(text.render({ ...anna, attributes: {} })).toBe('friend: 1');
  });

  it.each([
    ['{{ name ', 'not closed'],
    ['{% if name %}x', 'not closed'],
    ['{% nonsense %}', 'nonsense'],
    ['{{ name | nonsense }}', 'nonsense'],
  ])('%j is refused, naming the field and the place', (text, word) => {
    expect(() => parseTemplate(text)).toThrow(AppError);
    expect(() => parseTemplate(text)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT', field: 'text' }));
    expect(() => parseTemplate(text)).toThrow(word);
  });

  it.each([
    "{{ 'now' | date: '%s' }}",
    '{{ tags | sample }}',
    "{% include 'x' %}",
    "{% render 'x' %}",
    "{% layout 'x' %}",
  ])('%j has a clock, a die or a file in it and is refused: one id always carries the same words', (text) => {
    expect(() => parseTemplate(text)).toThrow(expect.objectContaining({ field: 'text' }));
  });

  it('cannot reach beyond the client it is rendered for', () => {
    expect(parseTemplate('[{{ constructor }}{{ name.constructor }}{{ __proto__ }}]').render(anna)).toBe('[]');
  });

  it.each([
    '{% for i in (1..9) %}{%- tablerow j in (1..9) %}x{% endtablerow %}{% endfor %}',
    '{% liquid\nfor i in a\nfor j in a\nendfor\nendfor %}',
    '{% raw %}{% endfor %}{% endraw %}{% for i in a %}{% if i %}{% for j in a %}{% endfor %}{% endif %}{% endfor %}',
    '{% for i in a %}x{% else %}{% for j in a %}{% endfor %}{% endfor %}',
  ])('with a loop inside a loop is refused: %j', (text) => {
    expect(() => parseTemplate(text)).toThrow(
      expect.objectContaining({ field: 'text', message: expect.stringContaining('loop') }),
    );
  });

  it('with loops beside each other, or in a comment, is fine', () => {
    const text =
      '{% comment %}{% for a in b %}{% endcomment %}{% for i in (1..2) %}a{% endfor %}{% for i in (1..2) %}b{% endfor %}';
    expect(parseTemplate(text).render(anna)).toBe('aabb');
  });

  it('that runs away for one client fails for that one, however fast the machine is', () => {
    const text = parseTemplate('{% for i in (1..n) %}x{% endfor %}');
    expect(text.render({ ...anna, attributes: { n: 2 } })).toBe('xx');
    expect(() => text.render({ ...anna, attributes: { n: 1_000_000 } })).toThrow('limit');
    expect(() => text.render({ ...anna, attributes: { n: 15_000 } })).toThrow('longer than');
  });

  it('is well-formed whatever its filters do', () => {
    const text = parseTemplate('{{ a | url_decode }}{{ b | split: "" | first }}');
    expect(text.render({ ...anna, attributes: { a: 'a%00b', b: '\u{1F680}' } })).toBe('ab\uFFFD');
  });

  it('is parsed once and forgotten when others were used since', () => {
    const cache = new TemplateCache(2);
    const a = cache.get('{{ name }}a');
    expect(cache.get('{{ name }}a')).toBe(a);
    cache.get('{{ name }}b');
    cache.get('{{ name }}c');
    expect(cache.get('{{ name }}a')).not.toBe(a);
  });
});
