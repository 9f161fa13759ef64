import type { Project } from '../project.ts';

/** What is made once for each open project and goes with it. */
export function perProject<Value>(make: (project: Project) => Value): (project: Project) => Value {
  const made = new WeakMap<Project, { readonly value: Value }>();
  return (project) => {
    const known = made.get(project) ?? { value: make(project) };
    made.set(project, known);
    return known.value;
  };
}
