// Changes of texts: numbers, words and quoted values become hostile ones, lines and tags repeat, vanish and nest.
// Texts are taken byte by byte (latin1), so that headers before binary data survive and any encoding can be broken.
import type { SeededRandom } from '../../src-core/training/random.ts';
import { pick } from './mutate-bytes.ts';

/** Numbers as text that no size, id or coordinate can be. */
export const HOSTILE_NUMBERS = [
  ...['0', '-1', '1', '-0', '0.5', '1e9', '1e308', '1e999', '-1e999', 'NaN', 'Infinity', 'null', '', ' ', '0x10', '٣'],
  ...['255', '256', '32768', '65536', '2147483647', '2147483648', '4294967295', '4294967296'],
  ...['9007199254740991', '9007199254740993', '18446744073709551616', '1'.repeat(400), '16384', '100000', '30000000'],
];

const DEEP = 20_000;
const LONG = 500;

/** Texts that lead out of a folder, into a prototype, or beyond what a name can be. */
export const HOSTILE_TEXTS = [
  ...['', ' ', '..', '.', '/', '../../etc/passwd', '/etc/passwd', 'C:\\Windows\\win.ini', '..\\..\\secret.png'],
  ...['%2e%2e%2fetc%2fpasswd', 'file:///etc/passwd', 'http://localhost/a.png', '\0', 'a\0b.png', 'a\nb', 'CON', '~'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'undefined', '-', 'none', 'background', '0', '{}'],
  ...[
    'x'.repeat(100_000),
    'ü\u0301🫀',
    '\ud800',
    '%',
    '%zz',
    '$&',
    '(a+)+$',
    '😀'.repeat(500),
    '<!--',
    ']]>',
    '&lol;',
    '"',
  ],
];

const NUMBER = /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi;
const WORD = /[A-Za-z_][\w.-]*/g;
const QUOTED = /"[^"\n]*"|'[^'\n]*'/g;
const TAG = /<[^<>]*>/g;
const SEPARATOR = /[,;:=\t|<>[\]{}()]/g;

type TextChange = (text: string, random: SeededRandom) => string;

/** As the bytes that a file would hold it with. */
function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** Replaces one match, if there is any. */
function replaceOne(pattern: RegExp, by: (match: string, random: SeededRandom) => string): TextChange {
  return (text, random) => {
    const matches = [...text.matchAll(pattern)];
    if (matches.length === 0) return text;
    const { index, 0: match } = pick(matches, random);
    return text.slice(0, index) + by(match, random) + text.slice(index + match.length);
  };
}

function changeLines(text: string, random: SeededRandom): string {
  const lines = text.split('\n');
  const at = random.below(lines.length);
  const line = lines[at]!;
  const changed: readonly (() => readonly string[])[] = [
    () => [],
    () => [line, line],
    () => Array.from({ length: line.length > LONG ? 3 : 3000 }, () => line),
    () => [lines[random.below(lines.length)]!, line],
    () => [line.repeat(50)],
    () => ['', line],
    () => [`${line}${' '.repeat(20_000)}`],
    () => [line.slice(0, random.below(line.length + 1))],
  ];
  lines.splice(at, 1, ...pick(changed, random)());
  return lines.join('\n');
}

function nest(text: string, random: SeededRandom): string {
  const [open, close] = pick(
    [
      ['[', ']'],
      ['{"a":', '}'],
      ['<a>', '</a>'],
      ['(', ')'],
      ['- ', ''],
    ] as const,
    random,
  );
  const at = random.below(text.length + 1);
  const depth = pick([3, 300, DEEP], random);
  return text.slice(0, at) + open.repeat(depth) + (random.below(2) === 0 ? close.repeat(depth) : '') + text.slice(at);
}

/** Entities that grow with each level, and one that names a file. */
function addEntities(text: string, random: SeededRandom): string {
  const levels = Array.from({ length: 12 }, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`).join('');
  const grown = `<!DOCTYPE a [<!ENTITY e0 "lollollol">${levels}]>`;
  const outside = '<!DOCTYPE a [<!ENTITY e12 SYSTEM "file:///etc/passwd">]>';
  const used = replaceOne(QUOTED, () => '"&e12;"')(text, random);
  const at = Math.max(0, used.indexOf('?>') + 2);
  return `${used.slice(0, at)}${pick([grown, outside], random)}${used.slice(at)}`;
}

const hostileNumber = (_: string, random: SeededRandom): string => pick(HOSTILE_NUMBERS, random);
const hostileText = (_: string, random: SeededRandom): string => bytesOf(pick(HOSTILE_TEXTS, random));

const CHANGES: readonly TextChange[] = [
  replaceOne(NUMBER, hostileNumber),
  replaceOne(NUMBER, hostileNumber),
  replaceOne(NUMBER, (match, random) => String(Number(match) * pick([-1, 2, 1000, 1e12], random))),
  replaceOne(WORD, hostileText),
  replaceOne(QUOTED, (match, random) => `${match[0]}${hostileText(match, random)}${match[0]}`),
  replaceOne(QUOTED, hostileNumber),
  replaceOne(SEPARATOR, (_, random) =>
    pick([',', ';', '\t', '', '"', '\n', '\0', '=', ':', '<', '>', '[', '}'], random),
  ),
  replaceOne(TAG, (match, random) =>
    pick(['', match + match, match.replace('<', '</'), match.toUpperCase(), '<![CDATA['], random),
  ),
  changeLines,
  changeLines,
  nest,
  addEntities,
  (text, random) => `${pick(['\uFEFF', '\xff\xfe', '\0', '//\n', '<?xml?>', '&a '], random)}${text}`,
  (text, random) => text.replaceAll('\n', pick(['\r', '\r\n', '\n\n', ' ', '\u2028'], random)),
];

/** One change of a text, given and returned with a character for each byte. */
export function changeText(text: string, random: SeededRandom): string {
  return pick(CHANGES, random)(text, random);
}
