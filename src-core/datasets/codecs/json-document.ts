// JSON files of others: parsed and checked against a shape, with the field that is wrong.
import type { z } from 'zod';
import { refuse, type Refusal } from '../../imaging/refusal.ts';

/** The document of a text; a refusal names the first field that does not fit. */
export function parseJson<Schema extends z.ZodType>(schema: Schema, text: string): z.infer<Schema> | Refusal {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    return refuse('intact JSON', error instanceof Error ? error.message : String(error));
  }
  const checked = schema.safeParse(content);
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  const field = issue?.path.map(String).join('.') ?? '';
  return refuse(`${field === '' ? 'the document' : field} as the format has it`, issue?.message ?? 'something else');
}
