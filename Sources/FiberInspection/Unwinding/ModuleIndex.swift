internal import CallFrameInfo

/// Modules by address.
package struct ModuleIndex {
  /// Modules by ascending start.
  package let modules: [Module]

  package init(_ modules: [Module]) {
    self.modules = modules.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }

  /// The module whose range holds `address`. O(log n).
  package func module(at address: UInt64) -> Module? {
    let index = modules.firstIndexAbove(address) { $0.range.lowerBound }
    guard index > 0, modules[index - 1].range.contains(address) else { return nil }
    return modules[index - 1]
  }
}
