export { isAdvanceRequest } from './advance-requests.ts';
export { type AfterAnswer, createAfterAnswer } from './after-answer.ts';
export { type Answers, createAnswers } from './answers.ts';
export { parseJson, readText } from './body.ts';
export {
  addressOfNode,
  createClientAddress,
  type IsTrustedProxy,
  type KnownClient,
  UNKNOWN_ADDRESS,
} from './client-address.ts';
export {
  addCookies,
  Context,
  type ContextParts,
  deviceOf,
  enteredOr,
  isApiClient,
  type MaybePromise,
  originOf,
  type WebContext,
} from './context.ts';
export {
  type Cookie,
  type Cookies,
  createCookies,
  defineCookies,
  defineFlowCookies,
  type FlowCookie,
  webCookies,
} from './cookies.ts';
export { type Csrf, type CsrfBinding, createCsrf, type FormRefusal, originFault } from './csrf.ts';
export { createErrorAnswers, type ErrorAnswers } from './errors.ts';
export { webEvents } from './events.ts';
export { createFlashCodec, defineFlashes, type FlashDefinition, type FlashMessage } from './flash.ts';
export { createFlows, type Flows, flowOf, flowOfDigest, isHandle, namedFlow, withFlow } from './flows.ts';
export {
  type Form,
  fieldName,
  isTrapFilled,
  keepsTrap,
  NO_FORM,
  readForm,
  readJsonForm,
  type SentForm,
} from './form.ts';
export { createFormTimes, type FormTimes } from './form-times.ts';
export {
  clearSiteData,
  type FixedHeaders,
  NO_PAGE,
  NO_STORE,
  type SiteData,
  securityHeaders,
} from './headers.ts';
export {
  type IpAddress,
  type IpNetwork,
  isInNetwork,
  isPrivateAddress,
  isPublicAddress,
  parseIpAddress,
} from './ip-address.ts';
export { createLinkTokens, type LinkTokens } from './link-token.ts';
export {
  createLocations,
  type Locations,
  type Mount,
  onwardPath,
  pageUrl,
} from './locations.ts';
export { LONGEST_NEXT_PATH, safeNextPath, withNext } from './next-path.ts';
export { createOwnHost, isLoopbackHost } from './own-host.ts';
export { createPageAnswers, type Page, type PageAnswers, submittedBinding } from './page-answers.ts';
export { type Accent, readableAccent } from './pages/accent.ts';
export { type Fact, facts, type MessageCard, messagePage, panel } from './pages/cards.ts';
export { type DeviceName, deviceName } from './pages/device-name.ts';
export {
  checkbox,
  csrfField,
  dangerousButton,
  field,
  focusedField,
  focusedProblem,
  formProblem,
  formProblems,
  hiddenField,
  isListed,
  linkLine,
  quietButton,
  submitButton,
  trapField,
} from './pages/form.ts';
export { type Html, renderPage, type Site } from './pages/layout.ts';
export { type Assets, loadAssets, siteFor } from './pages/stylesheet.ts';
export { agoText, momentText, timeOf } from './pages/time.ts';
export { RequestRefused } from './problems.ts';
export { createRepeats, type Repeatable, type Repeats } from './repeats/repeats.ts';
export { expiringRequests, type RepeatTables } from './repeats/store.ts';
export {
  type CreateContext,
  createKnowsPath,
  createRouter,
  type Handler,
  pathAsSent,
  type RunnableRoute,
} from './router.ts';
export { isSigned, sign } from './signatures.ts';
export { createOneTimeCodes, type OneTimeCodes } from './typed-codes.ts';
export { deviceWords } from './words.ts';
