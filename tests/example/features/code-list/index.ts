import { defineFeature } from '../../auth/feature.ts';
import { codesPage, replaceList } from './codes.ts';
import { bounds, changes, emails, events, flashes, limits, tables } from './definitions.ts';
import { codeStep, codeStepPage, submitCode } from './step.ts';
import { codeListMigration, personalData } from './store.ts';
import * as words from './words.ts';
import { pageWords } from './words.ts';

/** A second factor: a list of codes on paper, each of which completes one sign-in (NIST SP 800-63B-4 §3.1.2). */
export const codeList = defineFeature({
  name: 'code-list',
  words,
  events,
  flashes,
  limits,
  emails,
  changes,
  tables,
  bounds,
  migrations: [codeListMigration],
  pages: [codesPage, codeStepPage],
  actions: [replaceList, submitCode],
  // Positions that no feature of the source has.
  compose: ({ database }) => ({
    signInSteps: [{ ...codeStep(database), position: 900 }],
    accountPanels: [{ path: '/account/codes', content: (words) => words(pageWords).panel, position: 900 }],
    personalData: [personalData(database)],
  }),
});
