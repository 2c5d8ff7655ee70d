export { Configuration, type Environment, type Property } from './configuration.ts'
export { ConfigurationError, type ConfigurationErrorCode } from './configuration-error.ts'
export { type LoadConfigurationOptions, loadConfiguration } from './load-configuration.ts'
export { parseBytes, parseDurationMs, parseInteger, type TimeUnit } from './units.ts'
