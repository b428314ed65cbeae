extension FunctionLocation {
  /// The switch's functions beside those whose ranges the registry gives; compilers inline the first two.
  private static let switchNames: Set<String> = ["ft_resume", "ft_suspend", "ft_fiber_resume_c", "ft_fiber_suspend_c"]

  /// The function is FiberTrace's or the compiler's own, not that of whoever uses them.
  ///
  /// Where there is a source file, it decides: the symbol of a user's extension of `Fiber` begins as the library's symbols do.
  /// A function of a file is its author's, even at a pc that belongs to no line.
  var isOfRuntime: Bool {
    if Self.switchNames.contains(rawName) { return true }
    guard let path = source?.path else { return rawName.hasPrefix("$s10FiberTrace") }
    return path == SourceLine.compilerGenerated || path.contains("/Sources/FiberTrace/")
  }

  /// The function is FiberTrace's own. Of code that the compiler made, and that belongs to no file, its name tells.
  var isOfFiberRuntime: Bool {
    isOfRuntime && (source?.path != SourceLine.compilerGenerated || rawName.hasPrefix("$s10FiberTrace"))
  }
}

extension Location {
  /// One of its functions is the fiber runtime's own, by its name and file or by the ranges that the registry gives.
  func isOfFiberRuntime(_ function: FunctionLocation) -> Bool {
    function.isOfFiberRuntime || (!function.isInlined && runtimeFunction != nil)
  }
}
