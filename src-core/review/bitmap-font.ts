// A 5 x 7 pixel font, because pictures are also written on machines that have no font at all.
import type { Picture, Colour } from './picture.ts';

/** Pixels of a letter's cell, the gap to the next one included. */
const CELL_WIDTH = 6;
export const LETTER_HEIGHT = 7;

/** Seven rows a letter, from the top, each a number of five bits written in base 32; the highest bit is the left pixel. */
const LETTERS: Readonly<Record<string, string>> = {
  ' ': '0000000',
  A: 'EHHVHHH',
  B: 'UHHUHHU',
  C: 'EHGGGHE',
  D: 'UHHHHHU',
  E: 'VGGUGGV',
  F: 'VGGUGGG',
  G: 'EHGNHHF',
  H: 'HHHVHHH',
  I: 'E44444E',
  J: '72222IC',
  K: 'HIKOKIH',
  L: 'GGGGGGV',
  M: 'HRLLHHH',
  N: 'HHPLJHH',
  O: 'EHHHHHE',
  P: 'UHHUGGG',
  Q: 'EHHHLID',
  R: 'UHHUKIH',
  S: 'FGGE11U',
  T: 'V444444',
  U: 'HHHHHHE',
  V: 'HHHHHA4',
  W: 'HHHLLLA',
  X: 'HHA4AHH',
  Y: 'HHHA444',
  Z: 'V1248GV',
  a: '00E1FHF',
  b: 'GGMPHHU',
  c: '00EGGHE',
  d: '11DJHHF',
  e: '00EHVGE',
  f: '698S888',
  g: '0FHHF1E',
  h: 'GGMPHHH',
  i: '40C444E',
  j: '20622IC',
  k: 'GGIKOKI',
  l: 'C44444E',
  m: '00QLLHH',
  n: '00MPHHH',
  o: '00EHHHE',
  p: '00UHUGG',
  q: '00DJF11',
  r: '00MPGGG',
  s: '00EGE1U',
  t: '88S8896',
  u: '00HHHJD',
  v: '00HHHA4',
  w: '00HHLLA',
  x: '00HA4AH',
  y: '00HHF1E',
  z: '00V248V',
  0: 'EHJLPHE',
  1: '4C4444E',
  2: 'EH1248V',
  3: 'V2421HE',
  4: '26AIV22',
  5: 'VGU11HE',
  6: '68GUHHE',
  7: 'V124888',
  8: 'EHHEHHE',
  9: 'EHHF12C',
  '.': '00000CC',
  ',': '0000C48',
  ':': '0CC0CC0',
  '-': '000V000',
  _: '000000V',
  '+': '044V440',
  '/': '01248G0',
  '(': '2488842',
  ')': '8422248',
  '%': 'OP248J3',
  '=': '00V0V00',
  '?': 'EH12404',
  '#': 'AAVAVAA',
};

/** Width of a line of text, pixels. */
export function textWidth(text: string, scale: number): number {
  return plain(text).length * CELL_WIDTH * scale;
}

/** Writes one line of text with its upper left corner at (x, y). Letters the font lacks lose their accent or become "?". */
export function drawText(picture: Picture, text: string, x: number, y: number, scale: number, colour: Colour): void {
  [...plain(text)].forEach((letter, k) => {
    const rows = LETTERS[letter] ?? LETTERS['?']!;
    for (let row = 0; row < LETTER_HEIGHT; row += 1) {
      const bits = parseInt(rows[row]!, 32);
      for (let column = 0; column < 5; column += 1) {
        if ((bits >> (4 - column)) & 1) {
          picture.fill(x + (k * CELL_WIDTH + column) * scale, y + row * scale, scale, scale, colour);
        }
      }
    }
  });
}

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{Diacritic}/gu, '');
}
