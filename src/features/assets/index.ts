import { defineFeature, openRoute } from '../../auth/feature.ts';

/** The style sheet, the script and the icon, under names that change with their content. */
export const assets = defineFeature({
  name: 'assets',
  compose: ({ answers, files: { stylesheet, script, icon, solver } }) => ({
    routes: [
      ...[stylesheet, script, icon].map(({ path, body, contentType }) =>
        openRoute(path, () => answers.file(body, contentType)),
      ),
      openRoute(solver.path, () => answers.worker(solver.body, solver.contentType)),
    ],
  }),
});
