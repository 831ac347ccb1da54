export { deploymentSettings } from './definitions.ts';
export {
  type Deployment,
  type DeploymentValues,
  deploymentFaults,
  isMailPossible,
  poolLimitsFrom,
  resolveDeployment,
  resolveOrigin,
  smtpServerFrom,
} from './resolve.ts';
