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

  it('that runs away is refused', () => {
    const text =
      '{% for i in (1..900) %}{% for j in (1..900) %}{% for k in (1..900) %}x{% endfor %}{% endfor %}{% endfor %}';
    expect(() => parseTemplate(text)).toThrow(expect.objectContaining({ field: 'text' }));
  });

  it('that runs away for one client fails for that one', () => {
    const text = parseTemplate(
      '{% for i in (1..n) %}{% for j in (1..n) %}{% for k in (1..n) %}x{% endfor %}{% endfor %}{% endfor %}',
    );
    expect(text.render({ ...anna, attributes: { n: 2 } })).toBe('xxxxxxxx');
    expect(() => text.render({ ...anna, attributes: { n: 900 } })).toThrow('limit');
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
