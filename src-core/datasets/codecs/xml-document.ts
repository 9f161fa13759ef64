// XML of others, parsed or refused.
import type { XMLParser } from 'fast-xml-parser';
import { refuse, type Refusal } from '../../imaging/refusal.ts';

/** What a parser makes of a text; a refusal where that is no intact XML, or nested without end. */
export function parseXml(parser: XMLParser, text: string): { readonly content: unknown } | Refusal {
  try {
    return { content: parser.parse(text, true) };
  } catch (error) {
    return refuse('intact XML', error instanceof Error ? error.message : String(error));
  }
}
