import TestSupport

/// Runs `fibertrace`.
func fibertrace(
  _ arguments: String..., environment: [String: String] = [:], directory: String? = nil
) throws -> CommandResult {
  try run(Package.product("fibertrace"), arguments, environment: environment, directory: directory)
}
