// MITK's Segmentation Task List: images with a segmentation to begin from, and where the result goes.
import { z } from 'zod';
import type { Refusal } from '../../imaging/refusal.ts';
import { parseJson } from './json-document.ts';

const FILE_FORMAT = 'MITK Segmentation Task List';

const task = z.object({
  Name: z.string().optional(),
  Description: z.string().optional(),
  Image: z.string().optional(),
  Segmentation: z.string().optional(),
  Result: z.string(),
  LabelNameSuggestions: z.string().optional(),
  Dynamic: z.boolean().optional(),
});

const document = z.object({
  FileFormat: z.literal(FILE_FORMAT),
  Version: z.number(),
  Name: z.string().optional(),
  Defaults: task.partial().optional(),
  Tasks: z.array(task),
});

export type MitkTask = z.infer<typeof task>;
export type MitkTaskList = z.infer<typeof document>;

/** Reads a task list of any version. */
export function parseTaskList(text: string): MitkTaskList | Refusal {
  return parseJson(document, text);
}

/** A task list of version 1, which every MITK that knows task lists reads. */
export function taskList(name: string, suggestions: string, tasks: readonly MitkTask[]): MitkTaskList {
  return {
    FileFormat: FILE_FORMAT,
    Version: 1,
    Name: name,
    Defaults: { LabelNameSuggestions: suggestions },
    Tasks: [...tasks],
  };
}
