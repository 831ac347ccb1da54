import type { Feature, Route } from '../../auth/feature.ts';
import type { Answers } from '../../platform/web/answers.ts';
import type { Asset, Assets } from '../../platform/web/pages/stylesheet.ts';

/** The style sheet, the script and the icon, under names that change with their content. */
export function assets({ stylesheet, script, solver, icon }: Assets, answers: Answers): Feature {
  return {
    name: 'assets',
    needs: [],
    settings: {},
    tables: [],
    routes: [
      ...[stylesheet, script, icon].map((file) => routeFor(file, answers.file)),
      routeFor(solver, answers.worker),
    ],
  };
}

function routeFor({ path, body, contentType }: Asset, answerWith: Answers['file']): Route {
  return {
    method: 'GET',
    path,
    access: 'open',
    limit: 'none',
    handle: () => answerWith(body, contentType),
  };
}
