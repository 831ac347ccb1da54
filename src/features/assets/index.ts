import { defineFeature, type Route } from '../../auth/feature.ts';
import type { Answers, Asset } from '../../platform/web/index.ts';

/** The style sheet, the script and the icon, under names that change with their content. */
export const assets = defineFeature({
  name: 'assets',
  settings: {},
  tables: [],
  compose: ({ answers, files: { stylesheet, script, icon, solver } }) => ({
    routes: [
      ...[stylesheet, script, icon].map((file) => routeFor(file, answers.file)),
      routeFor(solver, answers.worker),
    ],
  }),
});

function routeFor({ path, body, contentType }: Asset, answerWith: Answers['file']): Route {
  return {
    method: 'GET',
    path,
    access: 'open',
    limit: 'none',
    handle: () => answerWith(body, contentType),
  };
}
