/** A fault of the configuration or of a file that it names. The message has a line for each. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}
