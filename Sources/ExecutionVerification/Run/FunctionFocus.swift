internal import FiberInspection

/// Which functions are followed: those of some modules, or of some names, or all.
///
/// Names are looked up once for each module's file.
final class FunctionFocus {
  private let options: RunOptions
  private var filters: [String: FunctionFilter?] = [:]
  private var found: Set<String> = []

  init(_ options: RunOptions) { self.options = options }

  /// Nothing was asked for.
  var isEverything: Bool { isModulesOnly && options.modules.isEmpty && options.modulePaths.isEmpty }

  /// No functions were named.
  var isModulesOnly: Bool { options.functions.isEmpty }

  /// Whether the function at an address of a module's file is followed.
  func contains(_ address: UInt64, of module: Module) -> Bool {
    contains(address, path: module.path, image: module.image)
  }

  func contains(_ address: UInt64, path: String, image: ModuleImage) -> Bool {
    guard options.isWanted(module: path) else { return false }
    return isModulesOnly || filter(path, image)?.contains(address) ?? false
  }

  /// Names that no module's file has that was looked at.
  var missing: [String] { options.functions.filter { !found.contains($0) } }

  private func filter(_ path: String, _ image: ModuleImage) -> FunctionFilter? {
    if let known = filters[path] { return known }
    // A file that cannot be read has no functions that could be named; the run says why.
    let filter = (try? ListedFile(image, path: path)).map { FunctionFilter(options.functions, in: $0) }
    filters[path] = filter
    if let filter { found.formUnion(Set(options.functions).subtracting(filter.missing)) }
    return filter
  }
}
