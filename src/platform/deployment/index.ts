export { deploymentSettings } from './definitions.ts';
export {
  cookiePrefixFor,
  type Deployment,
  databaseOptionsFrom,
  deploymentFaults,
  isMailPossible,
  resolveDeployment,
  resolveOrigin,
  smtpServerFrom,
} from './resolve.ts';
