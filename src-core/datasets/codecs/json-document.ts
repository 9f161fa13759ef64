// Documents of others, checked against a shape; a refusal names the first field that does not fit.
import type { z } from 'zod';
import { refuse, type Refusal } from '../../imaging/refusal.ts';

/** The document of a JSON text. */
export function parseJson<Schema extends z.ZodType>(schema: Schema, text: string): z.infer<Schema> | Refusal {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    return refuse('intact JSON', error instanceof Error ? error.message : String(error));
  }
  return checkDocument(schema, content);
}

/** A parsed document, checked. */
export function checkDocument<Schema extends z.ZodType>(schema: Schema, content: unknown): z.infer<Schema> | Refusal {
  const checked = schema.safeParse(content);
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  const field = issue?.path.map(String).join('.') ?? '';
  return refuse(`${field === '' ? 'the document' : field} as the format has it`, issue?.message ?? 'something else');
}

/** What is wrong with one field of a document. */
export interface FieldRefusal extends Refusal {
  /** Such as `annotations.12`. */
  readonly field: string;
}

/** Elements of a list that fit a shape, with their places, and what is wrong with the others. */
export function checkElements<Schema extends z.ZodType>(
  schema: Schema,
  elements: readonly unknown[],
  list: string,
): { readonly fitting: z.infer<Schema>[]; readonly refused: FieldRefusal[] } {
  const fitting: z.infer<Schema>[] = [];
  const refused: FieldRefusal[] = [];
  for (const [index, element] of elements.entries()) {
    const checked = schema.safeParse(element);
    if (checked.success) {
      fitting.push(checked.data);
      continue;
    }
    const issue = checked.error.issues[0];
    const field = [list, index, ...(issue?.path ?? [])].map(String).join('.');
    refused.push({ ...refuse(`${field} as the format has it`, issue?.message ?? 'something else'), field });
  }
  return { fitting, refused };
}
