/** Says what is wrong with the configuration or with a file that it names, a line for each fault. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}
